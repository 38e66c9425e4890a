"""Does a run that is killed, cancelled or started twice end as one that was not; and what may a file not do to us?"""

from __future__ import annotations

import os
import signal
import time
import tracemalloc
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from customers import mapping, mapping_cells, tasks
from customers.mapping_cells import neutral
from customers.mapping_files import FileRefused, Table
from customers.mapping_lanes import Lanes
from customers.models import AuditEntry, Customer, Identity, MappingImport
from tests.customers.test_mapping import PHONE_NAME, imported, uploaded

ROWS = 1200
TEXT = "phone,name\n" + "".join(f"+4670{number:07},Person {number}\n" for number in range(ROWS))


def confirmed(text: str = TEXT) -> MappingImport:
    work = uploaded(text, PHONE_NAME)
    mapping.check(work)
    mapping.confirm(work=work, actor="user:1")
    return work


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_killed_goes_on_at_its_next_row() -> None:
    work = confirmed()
    connection.close()  # the child opens one of its own
    child = os.fork()
    if not child:
        mapping.apply(work)
        os._exit(0)
    until = time.monotonic() + 60
    while work.next_row == 1 and time.monotonic() < until:
        work.refresh_from_db()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    work.refresh_from_db()
    assert work.next_row > 1
    assert mapping.apply(work) == {"create": ROWS}
    assert (work.state, Customer.objects.count(), Identity.objects.count()) == ("done", ROWS, ROWS)


@pytest.mark.django_db
def test_chunks_and_their_place_are_one_transaction() -> None:
    work = confirmed()
    assert mapping._step(work.pk, Lanes(500))
    work.refresh_from_db()
    assert (work.state, work.next_row, Customer.objects.count()) == ("running", 501, 500)
    mapping.cancel(work=work, actor="user:1")
    assert (mapping.apply(work), Customer.objects.count()) == ({"create": 500}, 500)


@pytest.mark.django_db
def test_what_was_staged_of_the_file_is_gone_at_the_end() -> None:
    work = confirmed("phone,name\n+46701740635,Ann\nxx,Bo\n")
    tasks.work_on_import(work.pk)
    work.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM customers_importkey), (SELECT count(*) FROM customers_importvalue)"
        )
        assert cursor.fetchone() == (0, 0)
    assert work.state == "done"
    assert list(mapping.reasons(work)) == [(2, "refused", "phone: letters")]
    assert [row.action for row in AuditEntry.objects.order_by("pk")] == [
        "import.upload",
        "import.confirm",
        "import.done",
    ]


@pytest.mark.scenario("T-46")
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a,b\n" + b'"open,1\n' * 400, "quotation mark is not closed"),
        (b'a,b\n1,"open', "quotation mark is not closed"),
        (b"a,b\n1,\x00\n", "NUL"),
        (b"a" * (2 << 20), "longer than"),
        (b"a\n" + b"1" * (2 << 20), "longer than"),
        (",".join(f"c{n}" for n in range(100_000)).encode(), "more than 300 columns"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"", "empty"),
        (b"a,a\n", "name of its own"),
    ],
)
def test_a_file_that_is_none_is_refused_and_says_why(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(FileRefused) as refused:
        list(Table(path).rows())
    assert says in refused.value.detail


@pytest.mark.scenario("T-46")
def test_a_line_of_a_gigabyte_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with open(path, "wb") as file:
        file.write(b"\xef\xbb\xbfa,b\n1,")
        file.truncate(1 << 30)  # the rest are NULs that take no room on the disk
    tracemalloc.start()
    with pytest.raises(FileRefused):
        list(Table(path).rows())
    assert tracemalloc.get_traced_memory()[1] < 64 << 20
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Zoë’s €"),
        ("utf-8-sig", "Zoë’s €"),
        ("utf-16", "Zoë’s €"),
        ("cp1252", "Zoë’s €"),
        ("latin-1", "Zoë\x81"),
    ],
)
def test_a_file_is_read_as_it_was_written(tmp_path: Path, encoding: str, text: str) -> None:
    (tmp_path / "file.csv").write_bytes(f"a,b\r\n1,{text}\r\n".encode(encoding))
    assert list(Table(tmp_path / "file.csv").rows()) == [(1, ["1", text])]


def test_a_header_without_rows_and_cells_with_quotes_and_lines_are_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("a,b\n")
    assert list(Table(path).rows()) == []
    path.write_text('a,b\n1,"say ""hi"",\nthen go"\n\n2,\n')
    assert list(Table(path).rows()) == [(1, ["1", 'say "hi",\nthen go']), (2, ["2", ""])]


@pytest.mark.django_db
def test_a_file_without_rows_is_checked_and_done(tmp_path: Path) -> None:
    assert imported("phone,name\n", PHONE_NAME) == {}


@pytest.mark.django_db
def test_three_hundred_columns_are_read() -> None:
    names = ["phone", *(f"c{n}" for n in range(299))]
    columns = [("phone", "phone", "mapping"), *((name, name, "attribute") for name in names[1:])]
    text = ",".join(names) + "\n+46701740635," + ",".join(str(n) for n in range(299)) + "\n"
    assert imported(text, columns) == {"create": 1}


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(separator.join(["a", '"b,;|c"', "d"]) + "\n" + separator.join(["1", "2", "3"]) + "\n")
    table = Table(path)
    assert (table.header[0], list(table.rows())) == ("a", [(1, ["1", "2", "3"])])


@pytest.mark.scenario("T-44")
@pytest.mark.parametrize(
    "cell", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", '"=1', "\ufeff=1", "\uff1d1"]
)
def test_a_cell_that_could_run_is_text_in_every_export(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"
    assert neutral("Ann = Bo") == "Ann = Bo"


@pytest.mark.scenario("T-44")
@pytest.mark.django_db
def test_a_header_that_is_a_formula_is_harmless_in_the_reasons() -> None:
    work = uploaded("=cmd|x,name\nabc,Ann\n", [("=cmd|x", "phone", "mapping"), ("name", "name", "attribute")])
    mapping.check(work)
    assert [text[:2] for _, _, text in mapping.reasons(work)] == ["'="]


@pytest.mark.django_db
def test_headers_are_recognised_and_addresses_are_only_hints() -> None:
    work = mapping.upload(file=BytesIO(b"E-Mail,Phone Number,Shoe\n"), name="a.csv", actor="user:1")
    assert [(one["target"], one["trust"]) for one in work.columns] == [
        ("email", "hint"),
        ("phone", "hint"),
        ("", "ignore"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "columns", [[("a", "name", "attribute")], [("a", "site_user", "mapping")], [("a", "x", "mapping")]]
)
def test_columns_that_name_nobody_are_refused(columns: list[tuple[str, str, str]]) -> None:
    with pytest.raises(mapping_cells.BadColumns):
        uploaded("a\n1\n", columns)


@pytest.mark.django_db
def test_the_command_checks_and_imports(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TEXT)
    out = StringIO()
    words: list[Any] = ["import_mapping", str(tmp_path / "a.csv"), "--map", "phone=phone:mapping", "--map", "name=name"]
    call_command(*words, "--check", stdout=out, stderr=StringIO())
    assert (out.getvalue(), Customer.objects.count()) == (f"checked: {ROWS} create\n", 0)
    call_command(*words, stdout=StringIO(), stderr=StringIO())
    assert Customer.objects.count() == ROWS
    with pytest.raises(CommandError, match="no column"):
        call_command(*words[:2], "--map", "tel=phone", stdout=StringIO())


@pytest.mark.django_db
def test_a_file_that_is_confirmed_already_cannot_be_confirmed_again() -> None:
    work = confirmed()
    with pytest.raises(mapping.WrongState):
        mapping.confirm(work=work, actor="user:2")
    assert imported(TEXT, PHONE_NAME) == {"create": ROWS}


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["123", "01920000-0000-7000-8000-000000000000"])
def test_an_import_that_is_none_cannot_go_on(given: str) -> None:
    with pytest.raises(CommandError, match=r"123|There is no such import"):
        call_command("import_mapping", "--resume", given)


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\r\nphone;name;;\r\n+46701740635;Ann;;\r\n",
        '"sep=;"\nphone;name\n+46701740635;Ann\n',
        "phone;name;;\n+46701740635;Ann;;\n",
    ],
)
def test_what_spreadsheets_leave_around_the_columns_is_no_column(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    table = Table(tmp_path / "a.csv")
    assert (table.header, table.separator) == (["phone", "name"], ";")
    assert list(table.rows()) == [(1, ["+46701740635", "Ann"])]


def test_a_cell_without_a_column_is_not_lost_and_two_columns_need_two_names(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("phone;name;\n+46701740635;Ann;Lund\n")
    assert [len(cells) for _, cells in Table(tmp_path / "a.csv").rows()] == [3]
    (tmp_path / "b.csv").write_text("phone;;;name\n")
    with pytest.raises(FileRefused, match="a name of its own"):
        Table(tmp_path / "b.csv")
