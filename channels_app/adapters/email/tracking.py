"""How far did a mail of ours come, by its service's word? Receipts, and what people told the service about us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeliveryError, Notice, Parsed, Preference, Receipt
from channels_app.adapters.email import esps, posted
from channels_app.adapters.email.stored import Stored
from common import clock

STATES = {"sent": "sent", "delivered": "delivered", "opened": "read", "clicked": "read"}
OUT = {"complained", "unsubscribed"}
REASONS = {"spam": "opted_out", "unsubscribed": "opted_out", "timed_out": "provider_down", "other": "rejected"}


def read(one: Stored) -> list[Any]:
    """Anymail's tracking events of one stored event; none if it cannot make sense of it."""
    esp = esps.ESPS.get(one.esp)
    if esp is None or esp.refusal:
        return []
    body, content_type = one.body, one.content_type
    if esp.name == "mandrill":
        body, content_type = posted.encoded({"mandrill_events": one.body.decode("utf-8", "replace")}), posted.FORM
    secrets = dict.fromkeys(esps.proofs(esp, is_inbound=False), "-") if esp.name != "sendgrid" else {}
    try:
        events = esps.view(esp, is_inbound=False, secrets=secrets).parse_events(posted.request(body, content_type))
        return [event for event in events if event is not None]
    except Exception:  # noqa: BLE001 -- a library meets a shape it does not know: authentic, kept, and no news to us
        return []


def parse(one: Stored, account: Account) -> Sequence[Parsed]:
    """Receipts and preferences; what tells neither is a Notice."""
    return [_parsed(event, account) for event in read(one)] or [Notice("unsupported", clock.now())]


def channel_of(events: Sequence[Any]) -> str:
    """The key of the channel that sent it, as we told the service; '' if it gives nothing back."""
    metadata = getattr(events[0], "metadata", None) if events else None
    return base.text(base.mapping(metadata), "channel")


def is_receipt(events: Sequence[Any]) -> bool:
    """Does it say nothing about a person's wishes?"""
    return not any(_word(event) in {*OUT, "subscribed"} for event in events)


def recipient(events: Sequence[Any]) -> str:
    found = getattr(events[0], "recipient", None) if events else None
    return found.lower()[:255] if isinstance(found, str) else ""


def handles(address: str, account: Account) -> base.Handles:
    """The address as an identity may be known: proven, or only as a sender."""
    if "@" not in address:
        return ()
    return (("email", "", address, "imported", ""), ("email_from", account.account, address, "imported", ""))


def _parsed(event: Any, account: Account) -> Parsed:
    word, at = _word(event), _moment(event)
    if word in OUT or word == "subscribed":
        state, evidence = ("out" if word in OUT else "in"), {"event": word}
        return Preference(handles(recipient([event]), account), "all", state, at, evidence)  # type: ignore[arg-type]  # one of the states
    external_id = event.message_id if isinstance(event.message_id, str) else ""
    ref = base.text(base.mapping(event.metadata), "delivery")
    if word in STATES:
        return Receipt(external_id[:255], STATES[word], at, ref)
    if word in ("bounced", "rejected", "failed"):
        return Receipt(external_id[:255], "failed", at, ref, _error(event, word))
    return Notice((word or "unsupported")[:40], at)


def _error(event: Any, word: str) -> DeliveryError:
    cause = str(event.reject_reason or "")
    otherwise = "rejected" if word == "failed" else "unreachable"
    reason = REASONS.get(cause, otherwise) if word != "bounced" or cause in ("spam", "unsubscribed") else "unreachable"
    said = event.mta_response or event.description or ""
    return DeliveryError(reason, provider_code=(cause or word)[:40], provider_text=str(said)[:300])


def _word(event: Any) -> str:
    return event.event_type if isinstance(event.event_type, str) else ""


def _moment(event: Any) -> datetime:
    at = event.timestamp
    if not isinstance(at, datetime) or not 2000 < at.year < 2100:
        return clock.now()
    return at if at.tzinfo else at.replace(tzinfo=UTC)
