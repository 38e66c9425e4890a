"""Does the WhatsApp adapter write what Meta takes, and read what Meta refuses?"""

from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.registry import Account, DeliveryError, Outgoing
from conversations import capabilities
from conversations.content import Card, Choice, Location, Media, Option, Template, Text
from conversations.journeys import render
from tests.channels_app import providers, whatsapp
from tests.channels_app.adapting import ACCOUNT, BSUID, PARENT, WHATSAPP, split, write

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
