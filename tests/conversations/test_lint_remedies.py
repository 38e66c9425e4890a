"""Does the linter name what a new author does wrong, on its line, with words that help?"""

from __future__ import annotations

import pytest

from conversations.journeys import lint
from tests.conversations.playing import KNOWN

HEAD = "journey: j\ntitle: J\n"
TAIL = "steps:\n  - {id: bye, type: end}\n"


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("menu", "the command 'menu'"),
        ("Agent", "the command 'agent'"),
        ("stop", "not to write"),
        ("ABMELDEN", "not to write"),
        ("English", "the name of a language"),
    ],
)
def test_a_keyword_that_is_heard_before_the_keywords_is_refused(word: str, why: str) -> None:
    (found,) = lint.check(f"{HEAD}triggers:\n  - keyword: [{word}]\n{TAIL}", KNOWN).findings
    assert (found.rule, found.level, found.line) == ("L15", "error", 4) and why in found.message


@pytest.mark.parametrize(
    "word", ["modem", "stop my modem", "start", "menu of the day", "english course", "change my order", "Termin ändern"]
)
def test_a_keyword_that_can_begin_its_journey_is_not_refused(word: str) -> None:
    assert not lint.check(f"{HEAD}triggers:\n  - keyword: [{word}]\n{TAIL}", KNOWN).findings


def test_a_message_that_says_nothing_is_refused() -> None:
    (found,) = lint.check(f"{HEAD}steps:\n  - {{id: a, type: message}}\n  - {{id: b, type: end}}\n", KNOWN).findings
    assert (found.level, found.line) == ("error", 4) and "says nothing" in found.message


@pytest.mark.parametrize("words", ["text: hi", "card: {title: A}", "media: {url: 'https://x.test/a.png'}"])
def test_a_message_that_says_something_is_not_refused(words: str) -> None:
    step = f"  - {{id: a, type: message, {words}}}\n"
    assert not lint.check(f"{HEAD}steps:\n{step}  - {{id: b, type: end}}\n", KNOWN).errors


@pytest.mark.parametrize(
    ("text", "line", "words", "remedy"),
    [
        ("", 1, "is empty", "`journey:`"),
        ("# nothing yet\n", 1, "is empty", "`journey:`"),
        (f"{HEAD}title: K\n{TAIL}", 3, "written twice", "Keep one"),
        (f"{HEAD}steps: &s\n  - {{id: bye, type: end}}\n", 3, "anchors", "Write it out"),
        (f"{HEAD}steps:\n\t- {{id: bye, type: end}}\n", 4, "a tab", "spaces"),
        ("journey: j: k\n", 1, "not valid YAML", "in quotes"),
    ],
)
def test_what_is_no_yaml_is_told_with_what_helps(text: str, line: int, words: str, remedy: str) -> None:
    (found,) = lint.check(text, KNOWN).findings
    assert (found.rule, found.line) == ("yaml", line) and words in found.message and remedy in found.remedy
