"""Does the WhatsApp adapter read whatever Meta sends?"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.registry import Account, BadSignature, Inbound, Malformed, Receipt, Request
from conversations.content import Location, Media, Text, Unsupported
from tests.channels_app import whatsapp
from tests.channels_app.adapting import ACCOUNT, BSUID, CORPUS, PARENT, WHATSAPP, read, split

# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "content", "text", "payload"),
    [
        ({"text": {"body": "hello"}}, Text("hello"), "hello", ""),
        ({"type": "button", "button": {"text": "Yes", "payload": "p1"}}, Text("Yes"), "Yes", "p1"),
        (
            {
                "type": "interactive",
                "interactive": {"type": "button_reply", "button_reply": {"id": "r:1", "title": "A"}},
            },
            Text("A"),
            "A",
            "r:1",
        ),
        (
            {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "r:2", "title": "B"}}},
            Text("B"),
            "B",
            "r:2",
        ),
        (
            {"type": "location", "location": {"latitude": 59.3, "longitude": 18.1, "name": "Home"}},
            Location(59.3, 18.1, "Home"),
            "Home",
            "",
        ),
        ({"type": "order", "order": {"catalog_id": "1"}}, Unsupported("order"), "", ""),
        ({"type": "contacts", "contacts": []}, Unsupported("contacts"), "", ""),
        ({"type": "hologram"}, Unsupported("hologram"), "", ""),
        ({"type": "text", "text": None}, Unsupported("text"), "", ""),
    ],
)
def test_each_type_of_message_is_read(message, content, text, payload):
    found = read(whatsapp.message() | message)
    assert isinstance(found, Inbound)
    assert (found.content, found.text, found.payload) == (content, text, payload)


def test_media_is_a_reference_with_its_caption():
    image = {"id": "77", "mime_type": "image/jpeg", "caption": "look"}
    found = read(whatsapp.message(type="image", image=image))
    assert found.content == Media("image", caption="look", mime_type="image/jpeg") and found.text == "look"
    assert found.media == ({"reference": "77", "media_type": "image/jpeg", "name": ""},)


@pytest.mark.parametrize("kind", ["reaction", "revoke", "edit"])
def test_what_is_about_another_message_and_does_not_name_it_is_a_notice(kind):
    assert read(whatsapp.message(type=kind, **{kind: {}})).kind == kind


def test_the_time_is_metas_in_seconds_or_milliseconds():
    assert read(whatsapp.message(timestamp="1700000000")).occurred_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert read(whatsapp.message(timestamp=1700000000000)).occurred_at.year == 2023


def test_a_phone_is_the_first_handle_and_the_business_scoped_ids_follow():
    contact = {"wa_id": whatsapp.MAYA, "user_id": BSUID, "parent_user_id": PARENT, "profile": {"name": "Maya"}}
    found = read(whatsapp.message(), **contact)
    assert [handle[:3] for handle in found.handles] == [
        ("phone", "portfolio-1", whatsapp.MAYA),
        ("wa_bsuid", "portfolio-1", BSUID),
        ("wa_parent_bsuid", "portfolio-1", PARENT),
    ]
    assert {handle[3:] for handle in found.handles} == {("provider", "Maya")}


@pytest.mark.scenario("ID-68")
@pytest.mark.parametrize("place", ["from", "from_user_id"])
def test_a_sender_without_a_phone_is_known_by_the_business_scoped_id(place):
    message = whatsapp.message()
    del message["from"]
    found = read(message | {place: BSUID}, user_id=BSUID, wa_id=BSUID)
    assert [handle[:3] for handle in found.handles] == [("wa_bsuid", "portfolio-1", BSUID)]


def test_each_message_of_a_batch_gets_its_own_senders_name():
    value = whatsapp.value(whatsapp.message(), whatsapp.message(sender="4917012345"))
    value["contacts"][1]["profile"]["name"] = "Tom"
    names = [WHATSAPP.parse(event.raw, ACCOUNT)[0].handles[0][4] for event in split(value)]
    assert names == ["Maya", "Tom"]


def test_the_key_is_the_wamid_and_the_handle_the_phone():
    (event,) = split(whatsapp.value(whatsapp.message(wamid="wamid.K")))
    assert (event.key, event.handle, event.account) == ("wamid.K", whatsapp.MAYA, whatsapp.NUMBER)


def test_the_key_of_a_status_holds_its_state_and_time():
    statuses = (whatsapp.status("w", "sent", at=1700000000), whatsapp.status("w", "read", at=1700000001))
    assert [event.key for event in split(whatsapp.value(statuses=statuses))] == [
        "w/sent/1700000000",
        "w/read/1700000001",
    ]


def test_a_failed_status_goes_through_the_error_table():
    failed = whatsapp.status("w", "failed", ref="our-ref", errors=[{"code": 131049, "title": "t"}])
    (event,) = split(whatsapp.value(statuses=(failed,)))
    (receipt,) = WHATSAPP.parse(event.raw, ACCOUNT)
    assert isinstance(receipt, Receipt) and receipt.delivery_ref == "our-ref"
    assert receipt.error.reason == "deferred" and receipt.error.retry_after == 86400


@pytest.mark.scenario("T-33")
def test_a_signature_with_any_secret_of_the_app_fits_and_no_other():
    raw = b"[]"
    other = Account("second", credentials={"app_secret": "second-secret"})
    for secret in (whatsapp.SECRET, "second-secret"):
        request = Request(raw, {b"x-hub-signature-256": whatsapp.signature(raw, secret).encode()})
        assert WHATSAPP.verify(request, [ACCOUNT, other]).events
    forged = Request(raw, {b"x-hub-signature-256": whatsapp.signature(raw, "third").encode()})
    with pytest.raises(BadSignature):
        WHATSAPP.verify(forged, [ACCOUNT, other])


def test_without_a_secret_nothing_fits():
    raw = b"[]"
    request = Request(raw, {b"x-hub-signature-256": whatsapp.signature(raw, "").encode()})
    with pytest.raises(BadSignature):
        WHATSAPP.verify(request, [Account("none", credentials={"app_secret": ""})])


# --- tolerance --------------------------------------------------------------------------------------------------------


def digest(raw: bytes) -> int:
    """Splits and reads signed bytes; returns how many things were found."""
    request = Request(raw, {b"x-hub-signature-256": whatsapp.signature(raw).encode()})
    events = WHATSAPP.verify(request, [ACCOUNT]).events
    assert events and all(event.key and event.handle and event.occurred_at.tzinfo for event in events)
    return sum(len(WHATSAPP.parse(event.raw, ACCOUNT)) for event in events)


@pytest.mark.skipif(not CORPUS, reason="the payload corpus is not here (PAYLOADS_DIR)")
def test_every_payload_of_the_corpus_is_read_and_its_messages_are_found():
    for path in CORPUS:
        raw = path.read_bytes()
        assert digest(raw) >= max(1, count_messages(json.loads(raw))), path.name


@pytest.mark.skipif(not CORPUS, reason="the payload corpus is not here (PAYLOADS_DIR)")
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_mutated_payload_never_raises(data):
    payload = json.loads(data.draw(st.sampled_from(CORPUS)).read_bytes())
    digest(json.dumps(mutated(payload, data)).encode())


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_mutated_message_never_raises(data):
    value = whatsapp.value(whatsapp.message(), statuses=(whatsapp.status("w", "failed", errors=[{"code": 1}]),))
    digest(json.dumps(mutated(whatsapp.envelope(value), data)).encode())


@settings(max_examples=100, deadline=None)
@given(cut=st.integers(0, 600))
def test_a_truncated_body_is_malformed_and_nothing_worse(cut):
    raw = whatsapp.body(whatsapp.value(whatsapp.message("hello")))[:cut]
    try:
        digest(raw)
    except Malformed:
        pass


@settings(max_examples=200, deadline=None)
@given(raw=st.text(max_size=200))
def test_a_stored_event_of_any_text_is_read(raw):
    assert WHATSAPP.parse(raw, ACCOUNT)


def count_messages(payload) -> int:
    values = [c.get("value", {}) for e in payload.get("entry", []) for c in e.get("changes", [])]
    return sum(len(value.get("messages", [])) + len(value.get("statuses", [])) for value in values)


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["\x00", "\ud800", "9" * 400, "-1e400", {}, [], [[]], {"id": {}}]),
)


def mutated(payload, data):
    """The payload with one member somewhere replaced, removed or doubled."""
    node, path = payload, []
    while isinstance(node, dict | list) and node and (not path or data.draw(st.integers(0, 5))):
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        path.append((node, key))
        node = node[key]
    if path:
        parent, key = path[-1]
        parent[key] = data.draw(JUNK)
    return payload
