"""Does content survive being stored, and say itself in plain words?"""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations import capabilities, content
from conversations.capabilities import Capabilities
from conversations.content import Card, Choice, Location, Media, Option, Template, Text, Unsupported

ALL = [
    Text("Hi"),
    Choice("Which?", (Option("a", "A", "r:1:a", "Nice", 1), Option("b", "B")), "list", "Choose", "More", 2),
    Media("image", "https://x.example/a.png", "A chair", "a.png", "image/png", "7"),
    Card("Chair", "Nice", "https://x.example/a.png", "https://x.example"),
    Template("hello", "es", ("Ana",), "Hola Ana"),
    Location(1.5, -2.0, "Shop", "Street 1"),
    Unsupported("sticker"),
]


@pytest.mark.parametrize("said", ALL, ids=lambda said: said.type)
def test_content_is_read_back_as_it_was_written(said: Any) -> None:
    assert content.from_json(json.loads(json.dumps(said.to_json()))) == said
    assert said.plain_text()


def test_a_choice_in_plain_words_is_numbered() -> None:
    assert ALL[1].plain_text() == "Which?\n1) A\n2) B"


def test_what_is_not_known_is_unsupported() -> None:
    assert content.from_json({"type": "hologram"}) == Unsupported("hologram")
    assert content.from_json(None) == Unsupported()
    assert content.from_json({"type": "location", "latitude": "north"}) == Unsupported("location")


PLAIN = st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda x: st.lists(x, max_size=2), max_leaves=4)
FIELDS = st.sampled_from(["text", "options", "kind", "page", "parameters", "latitude", "longitude", "name"])


@given(st.sampled_from([said.type for said in ALL]), st.dictionaries(FIELDS, PLAIN))
def test_no_stored_data_at_all_raises(kind: str, data: dict[str, Any]) -> None:
    content.from_json({"type": kind, **data}).plain_text()


def test_capabilities_are_found_by_kind_and_the_unknown_is_plain() -> None:
    ours = Capabilities("test_kind", buttons_max=3)
    capabilities.register(ours)
    assert capabilities.of("test_kind") is ours
    assert ours in capabilities.all_registered()
    assert capabilities.of("no_such_kind").numbered
    del capabilities._registry["test_kind"]
