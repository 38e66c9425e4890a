"""Is a request to stop understood in the usual languages, and nothing else taken for one?"""

from __future__ import annotations

import pytest

from conversations.journeys import commands, stop_words
from tests.conversations.test_validators import heard

WORDS = [
    ("STOP", "en"), ("stop.", "en"), ("Unsubscribe!", "en"), ("Baja", "es"), ("Parar", "es"), ("Arrêt", "fr"),
    ("STOPP", "de"), ("abmelden", "de"), ("Disiscrivimi", "it"), ("afmelden", "nl"), ("avregistrera", "sv"),
    ("Wypisz mnie", "pl"), ("стоп", "ru"), ("Відписатися", "uk"), ("توقف", "ar"), ("הסר", "he"), ("बंद करें", "hi"),
    ("berhenti", "id"), ("配信停止", "ja"), ("수신거부", "ko"), ("退订", "zh"), ("διαγραφή", "el"), ("lopeta", "fi"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "language"), WORDS)
def test_the_word_of_each_language_stops(text: str, language: str) -> None:
    found = stop_words.wish(text)
    assert found is not None and (found.kind, found.language) == ("stop", language)


@pytest.mark.parametrize(
    "text", ["stop my modem", "please do not stop", "", " ", "cancel", "rot", "alto", "dur", "red"]
)
def test_a_sentence_a_command_or_an_answer_is_no_stop(text: str) -> None:
    assert stop_words.wish(text) is None


def test_to_go_on_is_asked_for_by_its_own_words() -> None:
    assert [stop_words.wish(text).kind for text in ("START", "unstop", "再開")] == ["again"] * 3  # type: ignore[union-attr]  # they are known


def test_no_word_is_a_command_too() -> None:
    rows = [*stop_words.STOP.values(), *stop_words.AGAIN.values()]
    words = [word for row in rows for word in row.split("; ")]
    assert [word for word in words if commands.recognise(heard(word))] == []
