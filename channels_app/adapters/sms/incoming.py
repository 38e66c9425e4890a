"""What does a call of Twilio's say? One message or one status, read from the form's fields."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from channels_app.adapters import base
from channels_app.adapters.base import (
    Account,
    Inbound,
    Notice,
    Parsed,
    Preference,
    RawEvent,
    Receipt,
    Request,
    codes,
)
from channels_app.adapters.sms import concatenated, errors, forms, numbers
from common import clock
from conversations.content import Content, Location, Media, Text, Unsupported

Form = Mapping[str, Any]
DELIVERY = "delivery"  # the parameter of a status callback's URL that holds our id
FILES_MAX = 10
URL_MAX = 2000
STATUSES = {
    "sent": "sent", "delivered": "delivered", "read": "read", "partially_delivered": "sent",
    "undelivered": "failed", "failed": "failed", "canceled": "failed",
}  # fmt: skip
UNDERWAY = frozenset({"accepted", "scheduled", "queued", "sending", "receiving"})
OPT: Mapping[str, Literal["in", "out"]] = {"STOP": "out", "START": "in"}
REFERRAL = {
    "ReferralSourceId": "source_id", "ReferralSourceUrl": "source_url", "ReferralSourceType": "source_type",
    "ReferralHeadline": "headline", "ReferralBody": "body", "ReferralCtwaClid": "ctwa_clid",
}  # fmt: skip


def split(request: Request) -> RawEvent:
    """The one event of a call. Twilio tells no time: it happened when we heard of it."""
    form, now = forms.read(request), clock.now()
    status, sid = _status(form), form.get("MessageSid") or form.get("SmsSid") or form.get("SmsMessageSid") or ""
    ours, theirs = ("From", "To") if status else ("To", "From")
    delivery = forms.query(request, DELIVERY)
    raw = base.dumps({"form": form, DELIVERY: delivery, "at": now.timestamp()})
    key = "/".join(filter(None, (sid, status))) if sid else "h:" + hashlib.sha256(request.body).hexdigest()
    is_message = any(name in form for name in ("Body", "NumMedia", "From")) and bool(sid)
    kind: base.Kind = "status" if status else "message" if is_message else "other"
    return RawEvent(base.safe_key(key), form.get(theirs) or key, now, raw, kind, form.get(ours, "")[:120])


def service(event: RawEvent) -> str:
    """The messaging service that a call names, '' if none."""
    return base.text(base.mapping(base.mapping(base.loads(event.raw)).get("form")), "MessagingServiceSid")


def parse(raw: str, account: Account) -> list[Parsed]:
    """The message, its opt-out, or the receipt of one stored call; anything else is a Notice."""
    try:
        data = base.mapping(base.loads(raw))
    except base.Malformed:
        return [Notice("unreadable", clock.now())]
    form, at = base.mapping(data.get("form")), base.moment(data.get("at"), clock.now())
    if status := _status(form):
        return [_receipt(form, status, base.text(data, DELIVERY), at)]
    sender = base.text(form, "From")
    return _message(form, sender, at, account) if sender else [Notice("unsupported", at)]


def _status(form: Form) -> str:
    """The state of a message of ours, '' of one that came in."""
    said = (base.text(form, "MessageStatus") or base.text(form, "SmsStatus")).lower()
    return "" if said in ("", "received", "receiving") else said[:40]


def _receipt(form: Form, status: str, delivery: str, at: datetime) -> Parsed:
    word = STATUSES.get(status)
    if word is None:
        return Notice("status" if status in UNDERWAY else "unsupported", at)
    error = errors.of_callback(form) if word == "failed" else None
    sid = base.text(form, "MessageSid") or base.text(form, "SmsSid")
    return Receipt(sid[:255], word, at, delivery[:255], error)


def _message(form: Form, sender: str, at: datetime, account: Account) -> list[Parsed]:
    handles = numbers.handles(
        sender, base.text(form, "ExternalUserId"), base.text(form, "ProfileName"), account.text("portfolio_id")
    )
    choice = OPT.get(base.text(form, "OptOutType").upper())
    said, code = codes.cut(concatenated.plain(base.text(form, "Body")))
    content, text, payload = _content(form, said)
    heard = Inbound(
        content=content,
        occurred_at=at,
        handles=handles,
        text=text,
        payload=payload,
        external_id=(base.text(form, "MessageSid") or base.text(form, "SmsSid"))[:255],
        media=_media(form),
        context={"id": replied[:255]} if (replied := base.text(form, "OriginalRepliedMessageSid")) else {},
        referral={ours: found for theirs, ours in REFERRAL.items() if (found := base.text(form, theirs))},
        code=code,
        # Twilio has answered STOP and HELP itself; after STOP it would refuse whatever we say.
        is_automatic=choice == "out" or base.text(form, "OptOutType").upper() == "HELP",
    )
    if choice is None:
        return [heard]
    evidence = {"message": heard.external_id, "word": text[:40]}
    return [heard, Preference(handles, "all", choice, at, evidence)]


def _content(form: Form, said: str) -> tuple[Content, str, str]:
    """(content, words, tapped payload): files, a place, a tapped button or row, or words."""
    payload = base.text(form, "ButtonPayload") or base.text(form, "ListId")
    tapped = base.text(form, "ButtonText") or base.text(form, "ListTitle")
    if payload or tapped:
        return Text(tapped or said or payload), tapped or said, payload
    if found := _media(form):
        first = found[0]
        return Media(kind=_kind(first["media_type"]), caption=said, mime_type=first["media_type"]), said, ""
    if place := _place(form):
        return place, place.plain_text(), ""
    if not said and "Body" not in form:
        return Unsupported(base.text(form, "MessageType")[:40] or "empty message"), "", ""
    return Text(said), said, ""


def _media(form: Form) -> tuple[dict[str, Any], ...]:
    count = base.text(form, "NumMedia")
    many = min(int(count), FILES_MAX) if count.isascii() and count.isdigit() and len(count) < 4 else 0
    found = ((base.text(form, f"MediaUrl{n}"), base.text(form, f"MediaContentType{n}")[:100]) for n in range(many))
    return tuple({"reference": url, "media_type": kind, "name": ""} for url, kind in found if 0 < len(url) <= URL_MAX)


def _kind(media_type: str) -> Literal["image", "audio", "video", "file"]:
    found = media_type.partition("/")[0]
    return "image" if found == "image" else "audio" if found == "audio" else "video" if found == "video" else "file"


def _place(form: Form) -> Location | None:
    try:
        latitude, longitude = float(base.text(form, "Latitude")), float(base.text(form, "Longitude"))
    except ValueError:
        return None
    if not (math.isfinite(latitude) and abs(latitude) <= 90 and math.isfinite(longitude) and abs(longitude) <= 180):
        return None
    return Location(latitude, longitude, base.text(form, "Label")[:255], base.text(form, "Address")[:255])
