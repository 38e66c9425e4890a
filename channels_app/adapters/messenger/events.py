"""What does one item mean? A message, a receipt, an echo, or news about an earlier message."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import (
    Echo,
    Edit,
    Handles,
    Inbound,
    Notice,
    Parsed,
    Preference,
    Reaction,
    Receipt,
    Removal,
)
from channels_app.adapters.messenger import mark, messages
from conversations.content import Text

Value = Mapping[str, Any]
ID_MAX, EMOJI_MAX = 255, 32
# A reference may be anybody's (`spring-sale`): ours is told by its shape, for nothing can be written around it.
CODE = re.compile(r"[2-9A-HJ-NP-Z]{16}")
EMOJI = {
    "love": "❤", "like": "👍", "dislike": "👎", "wow": "😮", "sad": "😢", "angry": "😠", "smile": "😆",
}  # fmt: skip
STOPPED = "STOP_NOTIFICATIONS"


@dataclass(frozen=True, slots=True)
class Seen:
    """What every item has: when, whose, on which page; `app_id` is ours, '' if nobody told us."""

    at: datetime
    handles: Handles
    page: str
    app_id: str


def handle(page: str, person: str) -> tuple[str, str, str, str, str] | None:
    """A page-scoped id as a handle."""
    return ("messenger_user", page, person[:ID_MAX], "provider", "") if person else None


def read(subject: str, body: Value, seen: Seen) -> list[Parsed]:
    """The item's effects; `subject` is one of `_READERS`."""
    return _READERS[subject](body, seen)


def _message(body: Value, seen: Seen) -> list[Parsed]:
    mid = base.text(body, "mid")[:ID_MAX]
    if body.get("is_echo") is True:
        return [_echo(body, mid, seen)]
    if body.get("is_deleted") is True:
        return [Removal(mid, seen.at, seen.handles)]
    found = messages.read(body)
    referral = base.mapping(body.get("referral"))
    prior = _prior(body, seen)
    heard = Inbound(
        content=found.content,
        occurred_at=seen.at,
        handles=seen.handles + prior,
        text=found.text,
        payload=found.payload,
        external_id=mid,
        media=found.media,
        context=_context(base.mapping(body.get("reply_to"))),
        referral=referral,
        code=_code(referral),
    )
    if not prior:
        return [heard]
    # The box was ticked before there was anybody to keep the consent for.
    return [heard, Preference(seen.handles, "marketing", "in", seen.at, {"box": prior[0][2]})]


def _echo(body: Value, mid: str, seen: Seen) -> Parsed:
    """What the page said: by our own hand a receipt (its answer may have been lost), else staff in Meta's inbox."""
    if ref := mark.read(body.get("metadata")):
        return Receipt(mid, "sent", seen.at, ref, handles=seen.handles)
    app_id = base.text(body, "app_id")
    # Without our app's id nobody can tell our own echoes from another app's: then only people's count.
    is_ours = app_id == seen.app_id if seen.app_id else bool(app_id)
    if is_ours or body.get("is_deleted") is True:
        return Notice("echo", seen.at, seen.handles)
    found = messages.read(body)
    return Echo(found.content, seen.at, seen.handles, mid, found.media)


def _prior(body: Value, seen: Seen) -> Handles:
    """The first words of somebody who had only ticked a box: the box's reference is the same person."""
    prior = base.mapping(body.get("prior_message"))
    found = handle(seen.page, mark.user_ref(base.text(prior, "identifier")))
    return (found,) if found else ()


def _context(reply_to: Value) -> dict[str, Any]:
    story = base.text(base.mapping(reply_to.get("story")), "id")
    found = {"id": base.text(reply_to, "mid")[:ID_MAX], "story": story[:ID_MAX]}
    return {name: value for name, value in found.items() if value}


def _postback(body: Value, seen: Seen) -> list[Parsed]:
    title, payload = base.text(body, "title"), base.text(body, "payload")
    referral = base.mapping(body.get("referral"))
    return [
        Inbound(
            content=Text(title or payload),
            occurred_at=seen.at,
            handles=seen.handles,
            text=title,
            payload=payload,
            external_id=base.text(body, "mid")[:ID_MAX],
            referral=referral,
            code=_code(referral),
        )
    ]


def _referral(body: Value, seen: Seen) -> list[Parsed]:
    """A link of ours was opened in a conversation that exists: no words, perhaps a code."""
    code = _code(body)
    if not code:
        return [Notice("referral", seen.at, seen.handles)]
    return [Inbound(Text(""), seen.at, seen.handles, referral=body, code=code)]


def _code(referral: Value) -> str:
    ref = base.text(referral, "ref")
    return ref if CODE.fullmatch(ref) else ""


def _optin(body: Value, seen: Seen) -> list[Parsed]:
    """Somebody agreed to messages, or no longer; one with a reference of ours is a link that was opened, too."""
    state = "out" if base.text(body, "notification_messages_status") == STOPPED else "in"
    names = ("type", "title", "ref", "notification_messages_frequency", "notification_messages_status")
    evidence = {name: said[:ID_MAX] for name in names if (said := base.text(body, name))}
    agreed = Preference(seen.handles, "marketing", "out" if state == "out" else "in", seen.at, evidence)
    code = _code(body)
    opened = [Inbound(Text(""), seen.at, seen.handles, referral=body, code=code)] if code else []
    return [*opened, agreed]


def _read(body: Value, seen: Seen) -> list[Parsed]:
    """Instagram names the last message that was seen: it, and what came before it."""
    mid = base.text(body, "mid")
    named = _receipts("read", [mid], body, seen) if mid else []
    return [*named, *_receipts("read", [], body, seen)]


def _delivery(body: Value, seen: Seen) -> list[Parsed]:
    mids = body.get("mids")
    return _receipts("delivered", mids if isinstance(mids, list) else [], body, seen)


def _receipts(status: str, mids: list[Any], body: Value, seen: Seen) -> list[Parsed]:
    """Messages by their ids, else all until the watermark."""
    named = [mid for mid in mids if isinstance(mid, str) and mid]
    if named:
        return [Receipt(mid[:ID_MAX], status, seen.at, handles=seen.handles) for mid in named]
    until = base.moment(body.get("watermark"), seen.at)
    return [Receipt("", status, until, handles=seen.handles, watermark=True)]


def _reaction(body: Value, seen: Seen) -> list[Parsed]:
    mid = base.text(body, "mid")[:ID_MAX]
    if base.text(body, "action") == "unreact":
        return [Reaction(mid, "", seen.at, seen.handles)]
    emoji = base.text(body, "emoji") or EMOJI.get(base.text(body, "reaction"), "❔")
    return [Reaction(mid, emoji[:EMOJI_MAX], seen.at, seen.handles)]


def _edit(body: Value, seen: Seen) -> list[Parsed]:
    said = body.get("text")
    if not isinstance(said, str):
        return [Notice("message_edit", seen.at, seen.handles)]
    return [Edit(base.text(body, "mid")[:ID_MAX], Text(said), seen.at, seen.handles)]


_READERS: dict[str, Callable[[Value, Seen], list[Parsed]]] = {
    "message": _message,
    "postback": _postback,
    "reaction": _reaction,
    "message_edit": _edit,
    "read": _read,
    "delivery": _delivery,
    "optin": _optin,
    "referral": _referral,
}
