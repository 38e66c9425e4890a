"""What would WhatsApp post to our webhook? Pure builders of the provider's own JSON, and its signature."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from channels_app.sandbox.people import Person

SIGNATURE = "X-Hub-Signature-256"


@dataclass(frozen=True, slots=True)
class Number:
    """The business number that people write to."""

    phone_number_id: str
    waba_id: str
    display: str = "15550783881"


def text(words: str) -> dict[str, Any]:
    """The type-specific part of a text message."""
    return {"type": "text", "text": {"body": words}}


def button_reply(id: str, title: str) -> dict[str, Any]:
    """A tapped reply button."""
    return {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": id, "title": title}}}


def list_reply(id: str, title: str, description: str = "") -> dict[str, Any]:
    """A row picked from a list."""
    row = {"id": id, "title": title, **({"description": description} if description else {})}
    return {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": row}}


def message(
    *, person: Person, wamid: str, at: datetime, part: Mapping[str, Any], replies_to: str = "", number: Number
) -> dict[str, Any]:
    """One `messages` change; `part` is what `text`, `button_reply` or `list_reply` made."""
    said: dict[str, Any] = {"id": wamid, "timestamp": str(int(at.timestamp())), **part}
    if person.phone or person.is_bsuid_in_from:
        said["from"] = person.phone or person.bsuid
    if person.bsuid and not person.is_bsuid_in_from:
        said["from_user_id"] = person.bsuid
    if replies_to:
        said["context"] = {"from": number.display, "id": replies_to}
    # System messages come without their sender's contact.
    contacts = {} if part.get("type") == "system" else {"contacts": [contact(person)]}
    return change(number, {**contacts, "messages": [said]})


def contact(person: Person) -> dict[str, Any]:
    """What the provider says of a sender beside what they say."""
    found: dict[str, Any] = {"profile": {"name": person.name}}
    if person.phone or person.is_bsuid_in_from:
        found["wa_id"] = person.phone or person.bsuid
    if person.bsuid and not person.is_bsuid_in_from:
        found["user_id"] = person.bsuid
    if person.username:
        found["profile"]["username"] = person.username
    return found


def status(
    *,
    wamid: str,
    state: str,
    recipient: str,
    at: datetime,
    callback: str = "",
    errors: Sequence[Mapping[str, Any]] = (),
    number: Number,
) -> dict[str, Any]:
    """One `statuses` change; `recipient` is a phone or a BSUID."""
    told: dict[str, Any] = {"id": wamid, "status": state, "timestamp": str(int(at.timestamp()))}
    told["recipient_id" if recipient.isdigit() else "recipient_user_id"] = recipient
    if state in ("sent", "delivered"):
        told["conversation"] = {
            "id": hashlib.sha256(recipient.encode()).hexdigest()[:32],
            "origin": {"type": "service"},
        }
        told["pricing"] = {
            "billable": False,
            "pricing_model": "PMP",
            "type": "free_customer_service",
            "category": "service",
        }
    if callback:
        told["biz_opaque_callback_data"] = callback
    if errors:
        told["errors"] = list(errors)
    return change(number, {"statuses": [told]})


def change(number: Number, value: Mapping[str, Any], field: str = "messages") -> dict[str, Any]:
    """An entry's change of a field that is about a number."""
    metadata = {"display_phone_number": number.display, "phone_number_id": number.phone_number_id}
    return {"value": {"messaging_product": "whatsapp", "metadata": metadata, **value}, "field": field}


def template_news(name: str, language: str, status: str, reason: str) -> dict[str, Any]:
    """The change that tells what became of a template's review."""
    value = {
        "event": status,
        "message_template_id": int.from_bytes(hashlib.sha256(f"{name}/{language}".encode()).digest()[:6]),
        "message_template_name": name,
        "message_template_language": language,
        "reason": reason,
    }
    return {"value": value, "field": "message_template_status_update"}


def envelope(number: Number, *changes: Mapping[str, Any], time: int | None = None) -> dict[str, Any]:
    """What is posted: every change of one business account."""
    entry = {"id": number.waba_id, **({"time": time} if time else {}), "changes": list(changes)}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def batch(number: Number, entries: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Several entries in one webhook, as they come after an outage."""
    found = [{"id": number.waba_id, "changes": list(changes)} for changes in entries]
    return {"object": "whatsapp_business_account", "entry": found}


def encode(body: Mapping[str, Any]) -> bytes:
    r"""The raw bytes as Meta signs them: everything that is not ASCII is written as `\uXXXX`."""
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode()


def sign(secret: str, raw: bytes) -> str:
    """The value of `X-Hub-Signature-256` for these bytes."""
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
