"""What lies in quarantine, and how does it come out? Replay by one, by many, by command; the body for those who may."""

from __future__ import annotations

import json

from channels_app import inbox
from channels_app.models import InboundEvent
from conversations import realtime
from customers import audit


def replay(*, ids: list[int], actor: str) -> int:
    """Takes these events out of quarantine, to be processed like new ones; returns how many. Audited."""
    done = inbox.replay(ids)
    if done:
        audit.record(actor=actor, action="inbound.replay", rows=done)
        realtime.hint("wake:inbox")
    return done


def replay_all(*, channel: str = "", error: str = "", limit: int = 10_000, actor: str) -> int:
    """The same of all that match: a channel's key, and how the reason begins. The oldest come first."""
    held = InboundEvent.objects.filter(state=InboundEvent.State.QUARANTINED)
    held = held.filter(channel__key=channel) if channel else held
    held = held.filter(error__startswith=error) if error else held
    return replay(ids=list(held.order_by("pk").values_list("pk", flat=True)[:limit]), actor=actor)


def reveal(*, event: InboundEvent, actor: str) -> str:
    """The raw body, indented if it is JSON; '' when it has been forgotten. Audited: it holds what a customer wrote."""
    audit.record(actor=actor, action="inbound.reveal", object_id=str(event.public_id))
    body: str | None = event.body
    if body is None:
        return ""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body
