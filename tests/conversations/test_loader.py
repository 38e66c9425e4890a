"""Does YAML mean what its author sees?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.journeys import loader
from conversations.journeys.loader import LoadRefused


@pytest.mark.scenario("J-28")
@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("on: {no: yes, off: n}", {"on": {"no": "yes", "off": "n"}}),
        ("at: 12:30", {"at": "12:30"}),
        ("a: true\nb: False\nc: ~\nd:", {"a": True, "b": False, "c": None, "d": None}),
        (
            "n: 12\nf: 1.5\nh: 0x1F\no: 0o17\nz: 010\ne: 1e3",
            {"n": 12, "f": 1.5, "h": 31, "o": 15, "z": 10, "e": 1000.0},
        ),
        ("d: 2026-11-20\nu: 1_000\ns: '12'\nb: 0b11", {"d": "2026-11-20", "u": "1_000", "s": "12", "b": "0b11"}),
        ("404: x\ntrue: y", {"404": "x", "true": "y"}),
        ("- a\n- [b, {c: 1}]", ["a", ["b", {"c": 1}]]),
        ("t: |\n  two\n  lines\n", {"t": "two\nlines\n"}),
        ("", None),
    ],
)
def test_words_keys_and_numbers_follow_the_core_schema(text: str, data: object) -> None:
    assert loader.load(text).data == data


@pytest.mark.scenario("J-28")
@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3", 3, "written twice"),
        ("a: &x 1\nb: 2", 1, "anchors"),
        ("a: 1\nb: *x", 2, "aliases"),
        ("a: !!python/object:os.system x", 1, "tags"),
        ("a: !custom x", 1, "tags"),
        ("a: .inf", 1, "not a number"),
        ("a: 1e999", 1, "not a number"),
        ("a: [1\nb: 2", 2, "not valid YAML"),
        ("a: 1\n---\nb: 2", 2, "more than one"),
        ("? [a, b]\n: c", 1, "a key must be a text"),
        ("a: " + "[" * 30 + "]" * 30, 1, "nested deeper"),
        ('a: "\\ud800"', 1, "not"),
        ('a: "\\0"', 1, "not allowed"),
        ('a: "\\U00110000"', 1, "not"),
        ("a: b\x07", 1, "not allowed"),
    ],
)
def test_what_would_surprise_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(LoadRefused) as refused:
        loader.load(text)
    assert (words in refused.value.message, refused.value.line) == (True, line)


def test_more_than_256_kib_is_refused() -> None:
    with pytest.raises(LoadRefused):
        loader.load("a: " + "x" * (256 * 1024))
    assert loader.load("a: " + "x" * (255 * 1024)).data


def test_every_part_knows_its_line() -> None:
    lines = loader.load("a: 1\nsteps:\n  - id: x\n    on:\n      offline: y\n  - {id: z}").lines
    assert lines[("steps", 0, "on", "offline")] == 5
    assert lines[("steps", 1, "id")] == 6


@given(st.text(alphabet="ab:-[]{}&*!#|>'\"\n \\,?%@0", max_size=60))
def test_any_text_is_loaded_or_refused(text: str) -> None:
    try:
        loader.load(text)
    except LoadRefused as refused:
        assert refused.line >= 1
