"""Do Markdown files become articles, all or none, and does a bad one say its line?"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from conversations import knowledge
from conversations.answers import files, importing
from conversations.answers.plain import plain
from conversations.models import Article
from tests import factories

pytestmark = pytest.mark.django_db

GOOD = """---
key: delivery
language: en
title: Delivery times
aliases: [how long does it take]
valid: {from: 2026-01-01, to: 2099-12-24}
---
Delivery takes **three** days.
"""


def report(*texts: str, **more: bool) -> importing.Report:
    return importing.run([(f"{n}.md", text.encode()) for n, text in enumerate(texts)], **more)


def test_a_file_becomes_a_published_article_and_the_same_again_changes_nothing() -> None:
    assert report(GOOD).created == ["delivery/en"]
    assert knowledge.find("how long does it take", languages=("en",)).decision == "sure"
    before = Article.objects.get().updated_at
    assert report(GOOD).unchanged == ["delivery/en"]
    assert Article.objects.get().updated_at == before


def test_a_changed_file_changes_its_article_and_what_is_found() -> None:
    report(GOOD)
    assert report(GOOD.replace("Delivery times", "Parcels")).updated == ["delivery/en"]
    assert knowledge.find("parcels", languages=("en",)).decision == "sure"


def test_a_dry_run_writes_nothing() -> None:
    assert report(GOOD, is_dry=True).created == ["delivery/en"]
    assert not Article.objects.exists()


def test_without_the_right_to_publish_a_new_one_is_a_draft_and_a_published_one_stays() -> None:
    report(GOOD, publishes=False)
    assert Article.objects.get().state == "draft"
    report(GOOD)
    refused = report(GOOD.replace("three", "nine"), publishes=False)
    assert "is published" in refused.troubles[0].text
    assert "three" in Article.objects.get().body


@pytest.mark.parametrize(
    ("bad", "line", "words"),
    [
        (GOOD.replace("title: Delivery times", "titel: x"), 4, "There is no titel"),
        (GOOD.replace("language: en", "language: klingon speech"), 3, "A language is a code"),
        (GOOD.replace("key: delivery", "key: De livery"), 2, "A key is"),
        (GOOD.replace("title: Delivery times", "title: 12"), 4, "put it in quotes"),
        (GOOD.replace("2026-01-01", "soon"), 6, "no day and no time"),
        (GOOD.replace("2099-12-24", "2025-12-24"), 6, "ends before it begins"),
        (GOOD.replace("aliases: [how", "aliases: [[how]"), 5, "not valid YAML"),
        (GOOD.replace("key: delivery", "key: delivery\nkey: two"), 3, "written twice"),
        (GOOD.replace("valid:", "hand_over: {queue: x}\nvalid:"), 6, "There is no queue here"),
        (GOOD.replace("valid:", "hand_over: {skill: nobody}\nvalid:"), 6, "Name the skill"),
        (GOOD.replace("Delivery takes **three** days.", ""), 8, "An answer has words"),
        ("no front matter", 1, "begins with its front matter"),
    ],
)
def test_a_bad_file_says_its_line_and_nothing_is_written(bad: str, line: int, words: str) -> None:
    factories.queue("sales", skill="sales")
    found = report(GOOD.replace("key: delivery", "key: fine"), bad)
    assert [(one.file, one.line) for one in found.troubles] == [("1.md", line)]
    assert words.casefold() in found.troubles[0].text.casefold()
    assert not Article.objects.exists()


def test_what_is_no_text_is_refused_with_its_line() -> None:
    (trouble,) = files.read("x.md", b"---\nkey: a\n\xff\n---\n").troubles
    assert str(trouble) == "x.md:3: This is not UTF-8."
    assert files.read("x.md", b"x" * (files.FILE_MOST + 1)).troubles


def test_two_files_of_one_article_are_refused() -> None:
    (trouble,) = report(GOOD, GOOD).troubles
    assert str(trouble) == "1.md:2: delivery/en is in 0.md already."


def test_an_export_imported_again_changes_nothing() -> None:
    report(GOOD, GOOD.replace("language: en", "language: es").replace("Delivery times", '"Envíos: \\"rápidos\\""'))
    packed = importing.export(Article.objects.order_by("language"))
    assert zipfile.ZipFile(io.BytesIO(packed)).namelist() == ["en/delivery.md", "es/delivery.md"]
    again = importing.run(files.from_upload(io.BytesIO(packed), "all.zip"))
    assert (again.changes, again.troubles, len(again.unchanged)) == (0, [], 2)


def test_the_command_takes_a_folder_and_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "delivery.md").write_text(GOOD)
    call_command("import_articles", str(tmp_path), verbosity=0)
    assert Article.objects.get().key == "delivery"
    (tmp_path / "en" / "bad.md").write_text("nothing")
    told = io.StringIO()
    with pytest.raises(CommandError, match="1 to mend"):
        call_command("import_articles", str(tmp_path), stderr=told)
    assert told.getvalue().startswith("en/bad.md:1: ")


def test_an_empty_archive_is_refused() -> None:
    packed = io.BytesIO()
    zipfile.ZipFile(packed, "w").close()
    assert importing.run(files.from_upload(packed, "x.zip")).troubles


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("# Title\n\nOne\nline, **bold** and *soft*.", "Title\n\nOne line, bold and soft."),
        ("- one\n- [two](https://shop.example/a)\n  1. three", "• one\n• two: https://shop.example/a\n  1. three"),
        ("[pay](javascript:alert(1)) <b>now</b>", "pay <b>now</b>"),
        ("![film](https://shop.example/v.mp4) [us](mailto:a@shop.example)",
         "film: https://shop.example/v.mp4 us: a@shop.example"),
        ("a_b_c 2*3*4 `*x*` \\*y\\*", "a_b_c 2*3*4 *x* *y*"),
        ("```\n  code\n```\n> said", "  code\nsaid"),
    ],
)  # fmt: skip
def test_markdown_becomes_plain_words_and_links(markdown: str, words: str) -> None:
    assert plain(markdown) == words.strip()


@pytest.mark.parametrize("end", ["9999-12-31", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_a_day_that_no_clock_can_show_is_a_bad_line(end: str) -> None:
    found = files.read("a.md", f"---\nkey: a\nlanguage: en\ntitle: A\nvalid: {{to: '{end}'}}\n---\nB".encode())
    assert [trouble.line for trouble in found.troubles] == [5]


def broken(way: str) -> bytes:
    """An archive of two files, the first of which cannot be read."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED if way == "bits" else zipfile.ZIP_STORED) as archive:
        archive.writestr("bad.md", GOOD)
        archive.writestr("good.md", GOOD)
    found = bytearray(packed.getvalue())
    start, entry = 30 + len("bad.md"), found.index(b"PK\1\2")
    if way == "encrypted":
        found[6] = found[entry + 8] = 1
    elif way == "compression":
        found[8] = found[entry + 10] = 97
    else:
        found[start : start + 8] = b"\xff" * 8
    return bytes(found[:-30]) if way == "cut" else bytes(found)


@pytest.mark.parametrize("way", ["crc", "bits", "encrypted", "compression"])
def test_a_file_that_cannot_be_unpacked_is_named(way: str) -> None:
    done = importing.run(files.from_upload(io.BytesIO(broken(way)), "all.zip"))
    assert [(trouble.file, trouble.line) for trouble in done.troubles] == [("bad.md", 1)]
    assert not Article.objects.exists()


def test_an_archive_that_was_cut_short_is_refused() -> None:
    done = importing.run(files.from_upload(io.BytesIO(broken("cut")), "all.zip"))
    assert [trouble.file for trouble in done.troubles] == ["all.zip"]
