"""Are the pretended webhooks what Meta would post: its shapes, its escapes, its signature?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from channels_app.registry import Account, BadSignature, Request, adapter
from channels_app.sandbox import payloads, people

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NUMBER = payloads.Number("106540352242922", "102290129340398")
ACCOUNT = Account("whatsapp-demo", NUMBER.phone_number_id, {}, {"app_secret": "s" * 40})


def webhook(person: str, part: dict[str, Any]) -> bytes:
    found = people.find(person)
    assert found is not None
    change = payloads.message(person=found, wamid="wamid.1", at=AT, part=part, number=NUMBER)
    return payloads.encode(payloads.envelope(NUMBER, change))


def value(raw: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(raw)["entry"][0]["changes"][0]["value"]
    return found


def test_everything_beyond_ascii_is_escaped_before_it_is_signed() -> None:
    raw = webhook("ines", payloads.text("Olá 🙂"))
    assert raw.isascii()
    assert b"Ol\\u00e1 \\ud83d\\ude42" in raw


def test_the_real_adapter_takes_the_signature() -> None:
    raw = webhook("maya", payloads.text("hi"))
    signature = payloads.sign("s" * 40, raw).encode()
    headers = {payloads.SIGNATURE.lower().encode(): signature}
    assert len(adapter("whatsapp").verify(Request(raw, headers), [ACCOUNT]).events) == 1


def test_the_real_adapter_refuses_one_changed_byte() -> None:
    raw = webhook("maya", payloads.text("hi"))
    headers = {payloads.SIGNATURE.lower().encode(): payloads.sign("s" * 40, raw).encode()}
    with pytest.raises(BadSignature):
        adapter("whatsapp").verify(Request(raw + b" ", headers), [ACCOUNT])


def test_a_phone_user_is_named_by_phone_only() -> None:
    found = value(webhook("maya", payloads.text("hi")))
    assert found["messages"][0]["from"] == found["contacts"][0]["wa_id"] == "46701740635"
    assert "from_user_id" not in found["messages"][0]


def test_a_username_user_has_no_phone_anywhere() -> None:
    found = value(webhook("kai", payloads.text("hi")))
    assert "from" not in found["messages"][0]
    assert "wa_id" not in found["contacts"][0]
    assert found["messages"][0]["from_user_id"] == "US.1349830475629104"


def test_the_variant_with_the_id_in_the_place_of_the_phone() -> None:
    found = value(webhook("ines", payloads.text("hi")))
    assert found["messages"][0]["from"] == found["contacts"][0]["wa_id"] == "PT.7719024460318855"


def test_a_tapped_button_names_the_message_it_answers() -> None:
    maya = people.CAST[0]
    part = payloads.button_reply("7:1:ergo", "Ergo task chair")
    change = payloads.message(person=maya, wamid="wamid.2", at=AT, part=part, replies_to="wamid.1", number=NUMBER)
    said = change["value"]["messages"][0]
    assert said["interactive"]["button_reply"] == {"id": "7:1:ergo", "title": "Ergo task chair"}
    assert said["context"]["id"] == "wamid.1"


@pytest.mark.parametrize("person", [one.key for one in people.CAST])
def test_the_real_adapter_reads_every_kind_of_sender(person: str) -> None:
    raw = webhook(person, payloads.text("hi"))
    headers = {payloads.SIGNATURE.lower().encode(): payloads.sign("s" * 40, raw).encode()}
    (event,) = adapter("whatsapp").verify(Request(raw, headers), [ACCOUNT]).events
    (inbound,) = adapter("whatsapp").parse(event.raw, ACCOUNT)
    assert getattr(inbound, "text", None) == "hi"
    assert getattr(inbound, "handles", ())


def test_a_receipt_carries_our_own_reference_back() -> None:
    change = payloads.status(
        wamid="wamid.9", state="delivered", recipient="46701740635", at=AT, callback="our-id", number=NUMBER
    )
    told = change["value"]["statuses"][0]
    assert (told["status"], told["recipient_id"], told["biz_opaque_callback_data"]) == (
        "delivered",
        "46701740635",
        "our-id",
    )
