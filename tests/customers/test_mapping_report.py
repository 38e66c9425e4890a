"""Do people get back the rows that came to nothing, with the reason; and are those rows gone in time?"""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from common import clock
from customers import mapping, mapping_report, mapping_undo, tasks
from customers.models import Customer, Link, MappingImport
from tests.customers.cast import resolve, whatsapp
from tests.customers.test_mapping import PHONE_NAME, TWO_PHONES, number, uploaded
from tests.stories import canaries

pytestmark = pytest.mark.django_db
TEXT = f'phone,name\n{number(1)},Ann\nxx,"=cmd, or\nso"\n'


def done(text: str = TEXT) -> MappingImport:
    work = uploaded(text, PHONE_NAME)
    mapping.check(work)
    mapping.confirm(work=work, actor="user:1")
    mapping.apply(work)
    return work


def told(work: MappingImport) -> list[list[str]]:
    return list(csv.reader("".join(mapping_report.lines(work)).splitlines(keepends=True)))


def test_the_left_out_rows_are_told_with_their_cells_before_and_after_the_run() -> None:
    work = uploaded(TEXT, PHONE_NAME)
    mapping.check(work)
    expected = [
        ["row", "outcome", "reasons", "phone", "name"],
        ["2", "refused", "phone: letters", "xx", "'=cmd, or\nso"],
    ]
    assert told(work) == expected
    mapping.confirm(work=work, actor="user:1")
    mapping.apply(work)
    assert told(work) == expected


def test_a_mended_file_of_reasons_is_a_file_that_can_be_handed_in() -> None:
    work = done()
    text = "".join(mapping_report.lines(work)).replace("xx", number(2))
    columns = [("row", "", "ignore"), ("outcome", "", "ignore"), ("reasons", "", "ignore"), *PHONE_NAME]
    again = uploaded(text, columns)
    assert mapping.check(again) == {"create": 1}


def test_a_run_that_left_nothing_out_keeps_nothing() -> None:
    assert done(f"phone,name\n{number(1)},Ann\n").path == ""


def test_the_cells_are_gone_after_a_week_and_the_reasons_are_not() -> None:
    work = done()
    path = work.path
    tasks.forget_left_out()
    assert default_storage.exists(path)
    MappingImport.objects.filter(pk=work.pk).update(finished_at=clock.now() - timedelta(days=8))
    tasks.forget_left_out()
    work.refresh_from_db()
    assert not default_storage.exists(path)
    assert told(work) == [["row", "outcome", "reasons"], ["2", "refused", "phone: letters"]]


def test_the_links_of_one_import_are_undone_together() -> None:
    text = f"first,second\n{number(1)},{number(2)}\n{number(2)},{number(3)}\n{number(3)},{number(4)}\n"
    work = uploaded(text, TWO_PHONES)
    mapping.check(work)
    mapping.confirm(work=work, actor="user:1", with_links=True)
    mapping.apply(work)
    assert Customer.objects.roots().count() == 1
    assert mapping_undo.links(work).count() == Link.objects.live().count() > 0
    assert mapping_undo.unlink(work=work, actor="user:2") > 0
    assert (mapping_undo.links(work).count(), Link.objects.live().count()) == (0, 0)
    assert mapping_undo.unlink(work=work, actor="user:2") == 0


def test_an_erasure_empties_the_kept_rows_that_name_the_person_and_no_others() -> None:
    maya = resolve(whatsapp("46701740001")).origin
    mine = done(f"phone,name,note\n{number(2)},Bo,x,y\nxx,Maya,call {number(1)}\nxx,Maya,{number(1)}\n")
    other = done(f"phone,name\nxx,Ann\n{number(3)},Lee,{number(1)[1:]},+{number(1)[1:]}\n")
    receipt = canaries.erase(maya)
    assert [line[3:] for line in told(mine)[1:]] == [
        [number(2).replace("+", "'+"), "Bo", "x", "y"],
        ["xx", "Maya", f"call {number(1)}"],
        [],
    ]
    assert [line[3:] for line in told(other)[1:]] == [["xx", "Ann"], []]
    assert receipt.stores["rows of imports"] == 2


def test_an_erasure_of_somebody_else_leaves_every_kept_row() -> None:
    work = done()
    before = told(work)
    receipt = canaries.erase(resolve(whatsapp("46701740009")).origin)
    assert told(work) == before and not receipt.stores.get("rows of imports")
