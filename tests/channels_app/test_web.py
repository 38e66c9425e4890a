"""Does what the widget's door stores come back as it was said?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_app.registry import Account, BadSignature, DeliveryError, Notice, Outgoing, Request, adapter, web_event
from conversations.content import Text

WEB, ACCOUNT = adapter("web"), Account("web-shop")
AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def event(**more):
    said = {"identity_id": 7, "proven": [7, 9], "assurance": "strong", "client_msg_id": "c-1", "at": AT}
    return web_event(**(said | more))


def test_a_message_comes_back_with_its_endpoint_and_proof():
    (heard,) = WEB.parse(event(text="hello", payload="run:1:a").raw, ACCOUNT)
    assert (heard.content, heard.text, heard.payload, heard.client_id) == (Text("hello"), "hello", "run:1:a", "c-1")
    assert (heard.endpoint.identity_id, heard.endpoint.proven, heard.endpoint.assurance) == (7, (7, 9), "strong")
    assert heard.occurred_at == AT


def test_a_gesture_has_no_words():
    (heard,) = WEB.parse(event(action="resume").raw, ACCOUNT)
    assert (heard.action, heard.text) == ("resume", "")


def test_the_key_is_the_clients_own_and_belongs_to_the_endpoint():
    assert event().key == event(text="again").key
    assert event().key != event(identity_id=8).key
    assert event().handle == "7"


def test_an_unknown_assurance_counts_as_none():
    (heard,) = WEB.parse(event(assurance="divine").raw, ACCOUNT)
    assert heard.endpoint.assurance == "none"


@given(raw=st.text(max_size=100))
def test_any_stored_text_is_read(raw):
    assert all(isinstance(item, Notice) for item in WEB.parse(raw, ACCOUNT))


def test_nothing_is_posted_to_it_and_nothing_sent_from_it():
    with pytest.raises(BadSignature):
        WEB.verify(Request(b"{}"), [ACCOUNT])
    with pytest.raises(DeliveryError):
        WEB.send(ACCOUNT, Outgoing(Text("x"), "visitor", "v", "r"))
    assert WEB.handshake({"hub.mode": "subscribe"}, [ACCOUNT]) is None
