"""Are words in quotation marks found side by side only, however often they stand apart, within bounds?"""

from __future__ import annotations

import pytest

from conversations import words
from conversations.models import Conversation
from conversations.words import phrases
from tests import factories as make
from tests.conversations.test_words import said


def answer(text: str) -> words.Answer:
    return words.find(asked=words.wanted(text), among=Conversation.objects.all(), limit=10)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('"Broken modem"', words.Wanted(("broken", "modem"), "", (("broken", "modem"),))),
        ("“broken modem” rout", words.Wanted(("broken", "modem"), "rout", (("broken", "modem"),))),
        ('"broken mod', words.Wanted(("broken",), "mod")),
        ('"" modem ', words.Wanted(("modem",))),
    ],
)
def test_what_stands_in_quotation_marks_is_a_phrase(text: str, wanted: words.Wanted) -> None:
    assert words.wanted(text) == wanted


@pytest.mark.parametrize(
    ("phrase", "text", "is_there"),
    [
        ('"broken modem"', "My BROKEN, módem!", True),
        ('"broken modem"', "The modem is broken", False),
        ('"broken modem"', "broken modems", False),
        ('"a a b"', "a a a b", True),
        ('"返品した"', "昨日返品したい", True),
        ('"返品たい"', "昨日返品したい", False),
    ],
)
def test_a_phrase_stands_side_by_side(phrase: str, text: str, is_there: bool) -> None:
    assert words.wanted(phrase).is_in(text) is is_there


@pytest.mark.scenario("T-40")
def test_a_long_text_is_looked_through_quickly() -> None:
    assert not words.wanted('"a a a a a a a a b"').is_in("a " * 50_000)


def test_a_snippet_marks_the_phrase_and_not_its_words_elsewhere() -> None:
    text = "The modem was new. " + "word " * 40 + "A broken modem is no use, broken as it is."
    pieces = words.snippet(text, words.wanted('"broken modem" use'))
    assert [piece.text for piece in pieces if piece.is_hit] == ["broken", "modem", "use"]
    assert "".join(piece.text for piece in pieces).startswith("…")


@pytest.mark.django_db
def test_the_text_with_the_phrase_is_told_though_newer_ones_hold_the_words() -> None:
    person = make.customer()
    place = make.whatsapp(make.phone(person))
    meant = make.receive(place, "a broken modem again").message
    make.receive(place, "the modem is broken")
    said("modem, not broken", "46701740639")
    words.gather()
    found = answer('"broken modem"')
    assert [(hit.object_id, hit.conversation_id) for hit in found.hits] == [(meant.pk, meant.session.conversation_id)]
    assert not found.is_cut
    assert len(answer("broken modem ").hits) == 2


@pytest.mark.django_db
def test_a_search_reads_so_many_texts_and_says_that_there_were_more(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        said("the modem is broken" if number else "a broken modem", f"4670174063{number}")
    words.gather()
    monkeypatch.setattr(phrases, "OPENED", 1)
    monkeypatch.setattr(phrases, "STEP", 1)
    assert answer('"broken modem"') == words.Answer([], is_cut=True)
