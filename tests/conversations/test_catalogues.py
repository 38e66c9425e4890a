"""Do translations leave and come back whole, is a stale one seen, and does a bad file name its row?"""

from __future__ import annotations

import pytest

from conversations.journeys import catalogues, drafts, loader, reading, translating
from conversations.models import Journey

pytestmark = pytest.mark.django_db

TEXT = """# What this is.
journey: hello
title: "Hello"
languages: [en]
steps:
  - {id: hi, type: message, text: "Hello {{ customer.name }}!"}
  - id: what            # a comment that stays
    type: menu
    text: "=What?"
    options: [{id: a, label: Apple, description: Red}, {id: b, label: "It's\\ntwo"}]
  - {id: bye, type: end, text: "Bye."}
# What comes last.
policy: {resume: auto}
"""
WORDS = {"hi.text": "¡Hola {{ customer.name }}!", "what.text": "=¿Qué?", "what.options.b": "Los\n\"dos\" 🍎 'x'"}


@pytest.fixture
def hello(db: None) -> Journey:
    return drafts.begin(key="hello", title="Hello", by=None, text=TEXT)


def take(journey: Journey, form: str, content: str | bytes, language: str = "es") -> catalogues.Taken:
    fresh = Journey.objects.get(pk=journey.pk)
    raw = content if isinstance(content, bytes) else content.encode()
    return catalogues.take(journey=fresh, language=language, name=f"words.{form}", content=raw, by=None)


def out(journey: Journey, form: str, language: str = "es") -> str:
    fresh = Journey.objects.get(pk=journey.pk)
    loaded = reading.shaped(fresh.draft)
    assert loaded is not None
    return catalogues.exported(fresh, loaded.data, language, form)


def states(journey: Journey) -> dict[str, str]:
    fresh = Journey.objects.get(pk=journey.pk)
    loaded = reading.shaped(fresh.draft)
    assert loaded is not None
    return {entry.key: entry.state for entry in translating.entries(loaded.data, "es", fresh.translated)}


def translate(journey: Journey) -> None:
    rows = [catalogues.Row(1, key, translating.lines(loader.load(TEXT).data)[key], text) for key, text in WORDS.items()]
    catalogues.put(journey=journey, language="es", rows=rows, seen=journey.draft_revision, by=None)


def test_what_is_translated_stands_in_the_draft_and_the_rest_is_untouched(hello: Journey) -> None:
    translate(hello)
    text = Journey.objects.get().draft
    assert "languages: [en, es]" in text and "# a comment that stays" in text and "# What comes last." in text
    assert loader.load(text).data["translations"] == {"es": WORDS}


@pytest.mark.parametrize("form", ["csv", "po"])
def test_a_file_comes_back_as_it_left(hello: Journey, form: str) -> None:
    translate(hello)
    before = Journey.objects.get().draft
    assert take(hello, form, out(hello, form)).written == 0
    assert Journey.objects.get().draft == before


@pytest.mark.parametrize("form", ["csv", "po"])
def test_words_of_a_file_are_written_and_empty_ones_change_nothing(hello: Journey, form: str) -> None:
    translate(hello)
    filled = out(hello, form).replace("¡Hola ", "¡Buenas ")
    assert take(hello, form, filled).written == 1
    assert loader.load(Journey.objects.get().draft).data["translations"]["es"]["hi.text"].startswith("¡Buenas")


@pytest.mark.parametrize("form", ["csv", "po"])
def test_a_translation_of_words_that_were_changed_is_stale_until_it_is_made_anew(hello: Journey, form: str) -> None:
    translate(hello)
    fresh = Journey.objects.get()
    changed = fresh.draft.replace("Hello {{", "Good day {{")
    drafts.save(journey_id=fresh.pk, text=changed, seen=fresh.draft_revision, by=None)
    assert states(hello) | {"bye.text": "missing"} == {**states(hello), "hi.text": "stale", "what.text": "done"}
    take(hello, form, out(hello, form))
    assert states(hello)["hi.text"] == "stale"
    take(hello, "csv", "key,en,es\r\nhi.text,Good day {{ customer.name }}!,¡Buenos días!\r\n")
    assert states(hello)["hi.text"] == "done"


def test_a_translation_of_an_old_file_is_stale(hello: Journey) -> None:
    taken = take(hello, "csv", "key,en,es\nbye.text,Good bye.,Adiós.\ngone.text,x,y\n")
    assert [note[:5] for note in taken.notes] == ["row 2", "row 3"]
    assert states(hello)["bye.text"] == "stale"


@pytest.mark.parametrize(
    ("form", "content", "row"),
    [
        ("csv", "key,en,es\nbye.text,Bye.\n", 2),
        ("csv", "key,en,de\nbye.text,Bye.,Tschüs\n", 1),
        ("csv", "key,en,es\nbye.text,Bye.,A\nbye.text,Bye.,B\n", 3),
        ("csv", 'key,en,es\nbye.text,Bye.,"open\n', 2),
        ("csv", "key,en,es\nbye.text,Bye.,{{ broken\n", 2),
        ("csv", b"key,en,es\nbye.text,Bye.,adi\xf3s\n", 2),
        ("po", 'msgctxt "bye.text"\nmsgid "Bye."\nmsgstr "Adiós."\nnonsense\n', 4),
        ("po", 'msgid "Bye."\nmsgstr "Adiós."\n', 1),
    ],
)
def test_a_bad_file_names_its_row_and_changes_nothing(hello: Journey, form: str, content: str, row: int) -> None:
    with pytest.raises(catalogues.Broken) as broken:
        take(hello, form, content)
    assert (broken.value.extra["row"], Journey.objects.get().draft) == (row, TEXT)


def test_a_spreadsheet_is_given_nothing_to_run(hello: Journey) -> None:
    translate(hello)
    assert ",'=What?,'=¿Qué?," in out(hello, "csv")


def test_a_text_that_cannot_be_edited_by_lines_is_refused(hello: Journey) -> None:
    steps = "[{id: bye, type: end, text: Bye}]"
    flow = f"{{journey: hello, title: Hello, languages: [en, es], translations: {{}}, steps: {steps}}}"
    Journey.objects.update(draft=flow)
    with pytest.raises(translating.Unwritable):
        take(hello, "csv", "key,en,es\nbye.text,Bye,Adiós\n")
