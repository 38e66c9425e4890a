"""What happens to a widget socket that talks nonsense? Fixed words, fixed codes, and the server goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app import protocol

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
ID = "0b9f9e5c-8a4f-4f55-9d0e-000000000001"


def refusal(raw: str) -> protocol.Refused:
    with pytest.raises(protocol.Refused) as caught:
        protocol.read(raw)
    return caught.value


@pytest.mark.scenario("T-13")
@pytest.mark.parametrize("raw", ["", "hello", "[]", "7", "null", '{"a":', "[" * 20_000, "\x00", "NaN"])
def test_what_is_no_object_closes_with_1003(raw: str) -> None:
    found = refusal(raw)
    assert isinstance(found, protocol.Garbage) and found.close == 1003


@pytest.mark.scenario("T-13")
def test_a_monster_closes_with_1009() -> None:
    found = refusal('{"type":"message","text":"' + "x" * protocol.FRAME_LIMIT + '"}')
    assert isinstance(found, protocol.Garbage) and found.close == 1009


@pytest.mark.scenario("T-13", "T-14")
@pytest.mark.parametrize(
    "name", ["websocket.disconnect", "websocket_receive", "push", "__init__", "close", "group_add", "", None, ["ping"]]
)
def test_a_type_that_names_our_insides_is_unknown(name: Any) -> None:
    assert refusal(json.dumps({"type": name})).code == "frame_unknown"


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "hello"},
        {"type": "hello", "token": "x" * 101},
        {"type": "hello", "token": "x", "after": {"conversation:1": 0}},
        {"type": "hello", "token": "x", "after": {"0" * 36: -1}},
        {"type": "hello", "token": "x", "after": {"0" * 36: True}},
        {"type": "hello", "token": "x", "after": {f"{n:036d}": 0 for n in range(5)}},
        {"type": "message", "text": "hi"},
        {"type": "message", "id": "../../x", "text": "hi"},
        {"type": "message", "id": ID, "text": ["hi"]},
        {"type": "option", "id": ID, "text": "hi"},
        {"type": "option", "id": ID, "payload": "x" * 1001},
        {"type": "action", "id": ID, "action": "close"},
        {"type": "action", "id": ID, "action": "resume", "run": "1 OR 1=1"},
        {"type": "action", "id": ID, "action": "start", "journey": "../x"},
        {"type": "read", "stream": "0" * 36},
        {"type": "read", "stream": {"a": 1}, "seq": 1},
        {"type": "resync", "after": []},
    ],
)
def test_a_frame_with_a_wrong_member_is_invalid(frame: dict[str, Any]) -> None:
    assert refusal(json.dumps(frame)).code == "frame_invalid"


def test_an_empty_message_is_refused_and_a_long_one_told_its_length() -> None:
    assert refusal(json.dumps({"type": "message", "id": ID, "text": " \n "})).code == "text_empty"
    found = refusal(json.dumps({"type": "message", "id": ID, "text": "x" * 4213}))
    assert found.answer()["message"] == "A message may have 4,000 characters; this one has 4,213."
    assert found.answer()["id"] == ID


@pytest.mark.scenario("T-13")
@settings(max_examples=300, deadline=None)
@given(data=st.dictionaries(st.sampled_from(["id", "text", "token", "after", "payload", "stream", "seq", "x"]), JSON))
@pytest.mark.parametrize("name", [*protocol.SPOKEN, "hello", "message", "option", "action", "typing", "read", "resync"])
def test_whatever_the_members_are_the_answer_is_a_frame_or_a_fixed_code(name: str, data: dict[str, Any]) -> None:
    try:
        protocol.read(json.dumps({**data, "type": name}))
    except protocol.Refused as found:
        assert found.code in {*protocol.SENTENCES, "text_too_long"}


@pytest.mark.scenario("T-50")
def test_a_prototype_in_the_json_is_only_a_strange_member() -> None:
    frame = protocol.read(f'{{"type":"message","id":"{ID}","text":"hi","__proto__":{{"polluted":true}}}}')
    assert frame == protocol.Say(ID, text="hi")
