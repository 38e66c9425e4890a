"""Does the WhatsApp adapter read whatever Meta sends, and write what Meta takes?"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.registry import (
    Account,
    BadSignature,
    DeliveryError,
    Inbound,
    Malformed,
    Notice,
    Outgoing,
    Receipt,
    Request,
    adapter,
)
from conversations import capabilities
from conversations.content import Card, Choice, Location, Media, Option, Template, Text, Unsupported
from conversations.journeys import render
from tests.channels_app import providers, whatsapp

ACCOUNT = Account(
    key="whatsapp-demo",
    account=whatsapp.NUMBER,
    config={"portfolio_id": "portfolio-1"},
    credentials={"app_secret": whatsapp.SECRET, "verify_token": whatsapp.TOKEN, "access_token": "t"},
)
WHATSAPP = adapter("whatsapp")
BSUID, PARENT = "US.13491208655302741918", "US.ENT.11815799212886844830"
PAYLOADS = Path(os.environ.get("PAYLOADS_DIR") or Path(__file__).parents[2].parent / "shared" / "payloads")
CORPUS = sorted(PAYLOADS.glob("whatsapp/*.json"))


def split(*values):
    raw = whatsapp.body(*values)
    request = Request(raw, {b"x-hub-signature-256": whatsapp.signature(raw).encode()})
    return WHATSAPP.verify(request, [ACCOUNT]).events


def read(message, **contact):
    """One message through split and parse."""
    value = whatsapp.value(message)
    if contact:
        value["contacts"] = [contact]
    (event,) = split(value)
    (parsed,) = WHATSAPP.parse(event.raw, ACCOUNT)
    return parsed


def write(content, *, namespace="phone", address="+46 70 174 06 35", reply_to="", answer=None):
    """What is posted to Graph for one content, and what came of it."""
    with providers.graph() as graph:
        graph.script = [answer] if answer else []
        account = Account(ACCOUNT.key, ACCOUNT.account, {"base_url": graph.url}, ACCOUNT.credentials)
        outgoing = Outgoing(content, namespace, address, "ref-1", reply_to)
        sent = WHATSAPP.send(account, outgoing)
        return graph.accepted[0], sent


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
def test_what_is_about_another_message_is_a_notice(kind):
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


def test_a_changed_number_is_a_notice_with_old_and_new():
    system = {"type": "user_changed_number", "body": "x", "wa_id": "4670999"}
    found = read(whatsapp.message(type="system", system=system))
    assert isinstance(found, Notice) and found.kind == "user_changed_number"
    assert found.handles[0][2] == "4670999" and found.previous[0][2] == whatsapp.MAYA


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


# --- writing ----------------------------------------------------------------------------------------------------------

OPTIONS = tuple(Option(f"o{n}", f"Option {n}", f"run:1:o{n}") for n in range(1, 5))


def test_text_goes_to_the_digits_of_a_phone_with_our_reference():
    body, sent = write(Text("hello"), reply_to="wamid.in")
    assert body["to"] == "46701740635" and "recipient" not in body
    assert body["biz_opaque_callback_data"] == "ref-1" and body["context"] == {"message_id": "wamid.in"}
    assert body["text"]["body"] == "hello" and sent.external_id == "wamid.out.1"


def test_a_business_scoped_id_is_a_recipient_and_never_a_phone():
    body, _ = write(Text("hello"), namespace="wa_bsuid", address=BSUID)
    assert body["recipient"] == BSUID and "to" not in body


def test_a_parent_id_is_no_address():
    with pytest.raises(DeliveryError) as caught:
        write(Text("hello"), namespace="wa_parent_bsuid", address=PARENT)
    assert caught.value.reason == "unreachable"


def test_three_options_are_buttons_and_four_a_list():
    few, many = Choice("Which?", OPTIONS[:3]), Choice("Which?", OPTIONS)
    body, _ = write(rendered(few))
    buttons = body["interactive"]["action"]["buttons"]
    assert [one["reply"]["id"] for one in buttons] == ["run:1:o1", "run:1:o2", "run:1:o3"]
    body, _ = write(rendered(many))
    (section,) = body["interactive"]["action"]["sections"]
    assert [row["title"] for row in section["rows"]] == [f"Option {n}" for n in range(1, 5)]


@settings(max_examples=30, deadline=None)
@given(labels=st.lists(st.text(min_size=1, max_size=90), min_size=1, max_size=14), text=st.text(max_size=3000))
def test_what_is_written_keeps_metas_limits(labels, text):
    from channels_app.adapters.whatsapp import wording  # the limits are judged without a provider

    options = tuple(Option(f"o{n}", label, f"run:1:o{n}") for n, label in enumerate(labels))
    for message in render.render(Choice(text, options), capabilities.of("whatsapp")).messages:
        body = wording.request(Outgoing(message, "phone", "46701740635", "r"))
        if body["type"] == "interactive":
            judge(body["interactive"])


def judge(interactive):
    assert 0 < len(interactive["body"]["text"]) <= 1024
    action = interactive["action"]
    for button in action.get("buttons", []):
        assert 0 < len(button["reply"]["title"]) <= 20 and len(button["reply"]["id"]) <= 256
    rows = [row for section in action.get("sections", []) for row in section["rows"]]
    assert len(rows) <= 10 and len(action.get("buttons", [])) <= 3
    for row in rows:
        assert len(row["title"]) <= 24 and len(row.get("description", "")) <= 72 and len(row["id"]) <= 200


@pytest.mark.parametrize(
    ("content", "kind", "member"),
    [
        (Media("image", url="https://x/y.png", caption="c"), "image", {"link": "https://x/y.png", "caption": "c"}),
        (
            Media("file", url="https://x/a.pdf", filename="a.pdf"),
            "document",
            {"link": "https://x/a.pdf", "filename": "a.pdf"},
        ),
        (Location(1.5, 2.5, "Home"), "location", {"latitude": 1.5, "longitude": 2.5, "name": "Home"}),
        (Card("Chair", "soft"), "text", {"body": "Chair\nsoft", "preview_url": False}),
    ],
)
def test_other_content_has_its_own_shape(content, kind, member):
    body, _ = write(content)
    assert body["type"] == kind and body[kind] == member


def test_a_template_names_its_language_and_parameters():
    body, _ = write(Template("order_update", "sv", ("Maya", "42")))
    assert body["template"]["language"] == {"code": "sv"}
    assert [one["text"] for one in body["template"]["components"][0]["parameters"]] == ["Maya", "42"]


def test_a_file_without_a_link_is_refused_before_it_is_sent():
    with pytest.raises(DeliveryError) as caught:
        write(Media("image"))
    assert caught.value.reason == "rejected"


def rendered(content):
    (message,) = render.render(content, capabilities.of("whatsapp")).messages
    return message


# --- errors -----------------------------------------------------------------------------------------------------------

TABLE = {
    "rate_limited": [4, 80007, 130429, 131056, 133016, 131048, 131064],
    "provider_down": [131000, 131016, 131053, 131057, 135000],
    "outside_window": [131047],
    "deferred": [131049],
    "unreachable": [131026, 131021, 131030, 130472, 130497, 131062],
    "opted_out": [131050],
    "rejected": [100, 131008, 131009, 131051, 131063, 132000, 132001, 132015, 132016, 132999, 137000],
    "channel_down": [0, 3, 10, 190, 200, 299, 368, 131005, 131031, 131037, 131042, 131045, 133010],
}


@pytest.mark.parametrize(("reason", "code"), [(reason, code) for reason, codes in TABLE.items() for code in codes])
def test_each_code_has_its_reason_in_answers_and_statuses(reason, code):
    with pytest.raises(DeliveryError) as caught:
        write(Text("x"), answer=providers.error(code))
    assert (caught.value.reason, caught.value.provider_code) == (reason, str(code))
    (event,) = split(whatsapp.value(statuses=(whatsapp.status("w", "failed", errors=[{"code": code}]),)))
    assert WHATSAPP.parse(event.raw, ACCOUNT)[0].error.reason == reason


@pytest.mark.parametrize(
    ("status", "reason"), [(429, "rate_limited"), (500, "provider_down"), (401, "channel_down"), (418, "rejected")]
)
def test_an_answer_without_a_code_is_judged_by_its_status(status, reason):
    with pytest.raises(DeliveryError) as caught:
        write(Text("x"), answer=(status, {}, {}))
    assert caught.value.reason == reason


def test_metas_estimate_in_minutes_is_waited_for():
    usage = {"x-business-use-case-usage": json.dumps({"1": [{"estimated_time_to_regain_access": 3}]})}
    with pytest.raises(DeliveryError) as caught:
        write(Text("x"), answer=(429, {"error": {"code": 130429}}, usage))
    assert caught.value.retry_after == 180


def test_an_answer_that_never_came_is_lost_and_a_refused_connection_is_not():
    with pytest.raises(DeliveryError) as caught:
        write(Text("x"), answer="lost")
    assert caught.value.reason == "lost"
    account = Account("k", "1", {"base_url": "http://127.0.0.1:9"}, {})
    with pytest.raises(DeliveryError) as caught:
        WHATSAPP.send(account, Outgoing(Text("x"), "phone", "46", "r"))
    assert caught.value.reason == "provider_down"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (httpx.ConnectTimeout, "provider_down"),
        (httpx.PoolTimeout, "provider_down"),
        (httpx.ConnectError, "provider_down"),
        (httpx.ReadTimeout, "lost"),
        (httpx.WriteTimeout, "lost"),
        (httpx.ReadError, "lost"),
        (httpx.RemoteProtocolError, "lost"),
    ],
)
def test_each_failure_of_the_network_is_mapped(error, reason):
    from channels_app.adapters.base import from_httpx

    assert from_httpx(error("x")).reason == reason


def test_check_reads_and_names_what_does_not_answer():
    with providers.graph() as graph:
        config = {"base_url": graph.url, "waba_id": "w"}
        findings = WHATSAPP.check(Account("k", "1", config, {}))
        assert len(findings) == 3 and all(finding.is_well for finding in findings)
        assert graph.accepted == []
    nobody = Account("k", "1", {"base_url": "http://127.0.0.1:9", "waba_id": "w"}, {})
    assert not any(finding.is_well for finding in WHATSAPP.check(nobody))
