"""Does the Telegram adapter survive whatever comes: mutations, nonsense, and what others have collected?"""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.registry import Inbound
from tests.channels_app import telegram
from tests.channels_app.adapting import PAYLOADS
from tests.channels_app.telegram import FILE, PERSON, PRIVATE, TAP

CORPUS = sorted(PAYLOADS.glob("telegram*/*.json"))

UPDATES = [
    telegram.update(),
    telegram.update("callback_query", TAP),
    telegram.update("message", telegram.message(photo=[FILE], caption="x", contact={"phone_number": "1"})),
    telegram.update("message_reaction", {"chat": PRIVATE, "message_id": 1, "user": PERSON, "new_reaction": [{}]}),
    telegram.update("my_chat_member", {"chat": PRIVATE, "from": PERSON, "new_chat_member": {"status": "kicked"}}),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mutated(draw):
    """An update in which one member, anywhere, is something else."""
    body = json.loads(json.dumps(draw(st.sampled_from(UPDATES))))
    place = body
    while True:
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = draw(st.sampled_from(list(keys)))
        if not isinstance(place[key], dict | list) or not place[key] or draw(st.booleans()):
            place[key] = draw(JSON)
            return json.dumps(body)
        place = place[key]


@settings(max_examples=150, deadline=None)
@given(mutated())
def test_no_mutation_of_an_update_raises(raw):
    assert telegram.all_of(raw)


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_no_json_at_all_raises(value):
    assert len(telegram.all_of(json.dumps(value))) == 1


@pytest.mark.skipif(not CORPUS, reason="the payload corpus is not here")
def test_every_collected_payload_is_read():
    kinds = {path: telegram.all_of(path.read_text()) for path in CORPUS}
    assert all(len(parsed) == 1 for parsed in kinds.values())
    texts = [path for path in CORPUS if path.parent.name == "telegram" and '"entities"' in path.read_text()]
    assert all(isinstance(kinds[path][0], Inbound) for path in texts)
    assert all(kinds[path][0].text == json.loads(path.read_text())["text"] for path in texts)
