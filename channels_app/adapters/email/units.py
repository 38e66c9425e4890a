"""Which service posted this body, and which single events are in it? Its shape tells: saved bodies have no URL.

A unit is one event as the service would post it alone: `inbound`, `tracking`, `pointer` (to be fetched) or `other`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from channels_app.adapters import base

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unit:
    """One event of a service, in the JSON that it would post for it alone."""

    esp: str
    what: str
    body: Any
    event_id: str = ""


def of(data: Any, esp: str = "") -> list[Unit]:
    """The events in a JSON body; `esp` is the service if it is known. What nobody can name is one unit `other`."""
    whole = [one for one in data if isinstance(one, dict)] if isinstance(data, list) else [data]
    found = [unit for one in whole if isinstance(one, dict) for unit in _of_object(one, esp)]
    return found or [Unit(esp, "other", data)]


def _of_object(data: Data, esp: str) -> list[Unit]:
    for name, look in SHAPES.items():
        if (not esp or esp == name) and (units := look(data)):
            return units
    return [Unit(esp, "other", data)]


def _postmark(data: Data) -> list[Unit]:
    kind = base.text(data, "RecordType")
    if isinstance(data.get("FromFull"), dict) and kind in ("", "Inbound"):
        return [Unit("postmark", "inbound", data, base.text(data, "MessageID"))]
    known = {"Bounce", "Click", "Delivery", "Open", "SpamComplaint", "SubscriptionChange"}
    return [Unit("postmark", "tracking", data, base.text(data, "ID"))] if kind in known else []


def _brevo(data: Data) -> list[Unit]:
    if "items" in data:
        return [
            Unit("brevo", "inbound", {"items": [one]}, _first(one.get("Uuid"))) for one in base.items(data["items"])
        ]
    is_mail = "RawTextBody" in data or "RawHtmlBody" in data or isinstance(data.get("Headers"), dict)
    if is_mail or ("Uuid" in data and "MessageId" in data):
        return [Unit("brevo", "inbound", {"items": [data]}, _first(data.get("Uuid")))]
    is_tracking = "event" in data and ("ts_event" in data or ("message-id" in data and "sg_event_id" not in data))
    return [Unit("brevo", "tracking", data)] if is_tracking else []


def _mailjet(data: Data) -> list[Unit]:
    if "Text-part" in data or "Html-part" in data or ("Parts" in data and "Sender" in data):
        return [Unit("mailjet", "inbound", data)]
    return [Unit("mailjet", "tracking", data)] if "event" in data and "mj_contact_id" in data else _mailjet_id(data)


def _mailjet_id(data: Data) -> list[Unit]:
    return [Unit("mailjet", "tracking", data)] if "event" in data and "MessageID" in data else []


def _mailtrap(data: Data) -> list[Unit]:
    events = base.items(data.get("events"))
    one = [data] if "sending_stream" in data or "inbox_id" in data else []
    units = []
    for event in [*(found for found in events if "event" in found), *one]:
        is_mail = base.text(event, "event").startswith("inbound")
        what = "pointer" if is_mail else "tracking"
        units.append(Unit("mailtrap", what, {"events": [event]}, base.text(event, "event_id")))
    return units


def _mailersend(data: Data) -> list[Unit]:
    kind, inner = base.text(data, "type"), base.mapping(data.get("data"))
    if kind == "inbound.message":
        return [Unit("mailersend", "inbound", data, base.text(inner, "id"))]
    is_tracking = kind.startswith("activity.") and inner
    return [Unit("mailersend", "tracking", data, base.text(inner, "id"))] if is_tracking else []


def _resend(data: Data) -> list[Unit]:
    kind = base.text(data, "type")
    if not kind.startswith("email.") or not isinstance(data.get("data"), dict):
        return []
    email_id = base.text(base.mapping(data["data"]), "email_id")
    return [Unit("resend", "pointer" if kind == "email.received" else "tracking", data, f"{kind}/{email_id}")]


def _mailgun(data: Data) -> list[Unit]:
    if not isinstance(data.get("event-data"), dict):
        return []
    return [Unit("mailgun", "tracking", data, base.text(base.mapping(data.get("signature")), "token"))]


def _sendgrid(data: Data) -> list[Unit]:
    if "event" not in data or not {"sg_event_id", "sg_message_id", "smtp-id"} & set(data):
        return []
    return [Unit("sendgrid", "tracking", [data], base.text(data, "sg_event_id"))]


def _sparkpost(data: Data) -> list[Unit]:
    if not isinstance(data.get("msys"), dict):
        return []
    inner = base.mapping(next(iter(data["msys"].values()), {}))
    what = "inbound" if "relay_message" in data["msys"] else "tracking"
    return [Unit("sparkpost", what, [data], base.text(inner, "event_id"))]


def _mandrill(data: Data) -> list[Unit]:
    if isinstance(inner := data.get("mandrill_events"), str | list):
        try:
            events = base.loads(inner) if isinstance(inner, str) else inner
        except base.Malformed:
            events = []
        return [unit for event in base.items(events) for unit in _mandrill(event)]
    if data.get("event") == "inbound" and isinstance(data.get("msg"), dict):
        return [Unit("mandrill", "inbound", [data])]
    is_tracking = ("event" in data and isinstance(data.get("msg"), dict)) or (
        data.get("type") in ("blacklist", "whitelist", "allowlist") and "action" in data
    )
    return [Unit("mandrill", "tracking", [data])] if is_tracking else []


def _postal(data: Data) -> list[Unit]:
    if "rcpt_to" in data and isinstance(data.get("message"), str):
        return [Unit("postal", "inbound", data, base.text(data, "id"))]
    inner = base.mapping(data.get("payload")) or data
    is_tracking = isinstance(inner.get("message"), dict) or isinstance(inner.get("original_message"), dict)
    return [Unit("postal", "tracking", data, base.text(data, "uuid"))] if is_tracking else []


def _first(value: object) -> str:
    return str(value[0]) if isinstance(value, list) and value else ""


SHAPES: Mapping[str, Callable[[Data], list[Unit]]] = {
    "postmark": _postmark, "mailersend": _mailersend, "resend": _resend, "mailgun": _mailgun, "sparkpost": _sparkpost,
    "mandrill": _mandrill, "mailtrap": _mailtrap, "sendgrid": _sendgrid, "mailjet": _mailjet, "brevo": _brevo,
    "postal": _postal,
}  # fmt: skip
