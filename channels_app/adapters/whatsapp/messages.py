"""What did somebody send? One reader per type of WhatsApp message; unknown types become a placeholder."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from channels_app.adapters import base
from channels_app.adapters.base import Edit, Handles, Notice, Parsed, Removal
from channels_app.adapters.whatsapp import cards, forms
from conversations.content import Content, Location, Media, Text, Unsupported

AMENDMENTS = frozenset({"edit", "revoke"})
SILENT = frozenset({"request_welcome"})  # the chat was opened, nothing was said
MEDIA: Mapping[str, Literal["image", "audio", "video", "file"]] = {
    "image": "image",
    "sticker": "image",
    "audio": "audio",
    "voice": "audio",
    "video": "video",
    "document": "file",
}
REFERRAL = ("source_id", "source_url", "source_type", "headline", "body", "ctwa_clid", "media_type", "image_url")
MANY = 20  # items of an order that are kept


@dataclass(frozen=True, slots=True)
class Read:
    """A message's body in our words; `phone` is a number that the provider vouches to be the sender's own."""

    content: Content
    text: str = ""
    payload: str = ""
    media: tuple[dict[str, Any], ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    phone: str = ""


def read(kind: str, message: Mapping[str, Any]) -> Read:
    """The body that belongs to `type`; one that is missing or not understood is kept as `unsupported`."""
    if kind in MEDIA:
        return _media(MEDIA[kind], base.mapping(message.get(kind)))
    if kind == "contacts":
        return _contacts(message)
    reader = _READERS.get(kind)
    return (reader(base.mapping(message.get(kind))) if reader else None) or Read(Unsupported((kind or "unknown")[:40]))


def amendment(kind: str, body: Mapping[str, Any], handles: Handles, at: datetime) -> Parsed:
    """An earlier message was changed or taken back; one that is not named cannot be."""
    target = base.text(body, "original_message_id")[:255]
    if not target:
        return Notice(kind, at, handles)
    if kind == "revoke":
        return Removal(target, at, handles)
    inner = base.mapping(body.get("message"))
    return Edit(target, read(base.text(inner, "type"), inner).content, at, handles)


def context(message: Mapping[str, Any]) -> dict[str, Any]:
    """What the message answers (`id`), whether it was forwarded, and which product it asks about."""
    if not (given := base.mapping(message.get("context"))):
        return {}
    product = base.mapping(given.get("referred_product"))
    kept: dict[str, Any] = {"id": base.text(given, "id")[:255]}
    kept |= {name: True for name in ("forwarded", "frequently_forwarded") if given.get(name) is True}
    kept["product"] = base.text(product, "product_retailer_id")[:200]
    return {name: value for name, value in kept.items() if value}


def referral(message: Mapping[str, Any]) -> dict[str, Any]:
    """The ad or post that the person came from."""
    if not (given := base.mapping(message.get("referral"))):
        return {}
    kept = {name: base.text(given, name)[:1000] for name in REFERRAL}
    kept["welcome_message"] = base.text(base.mapping(given.get("welcome_message")), "text")[:1000]
    return {name: value for name, value in kept.items() if value}


def _text(body: Mapping[str, Any]) -> Read | None:
    said = body.get("body")
    return Read(Text(said), said) if isinstance(said, str) else None


def _button(body: Mapping[str, Any]) -> Read | None:
    return _tap(body, "text", "payload")


def _interactive(body: Mapping[str, Any]) -> Read | None:
    kind = base.text(body, "type")
    inner = base.mapping(body.get(kind))
    if kind in ("button_reply", "list_reply"):
        return _tap(inner, "title", "id")
    if kind == "nfm_reply":
        words, raw = forms.read(inner)
        return Read(Text(words), words, context={"flow": raw})
    if kind == "call_permission_reply":
        answer = "allowed" if base.text(inner, "response") == "accept" else "not allowed"
        return Read(Text(f"Calls {answer}"), context={"call_permission": base.text(inner, "response")[:40]})
    return Read(Unsupported(f"interactive {kind}"[:40].strip()))


def _tap(body: Mapping[str, Any], label: str, payload: str) -> Read | None:
    said, tapped = base.text(body, label), base.text(body, payload)
    return Read(Text(said or tapped), said, tapped) if said or tapped else None


def _location(body: Mapping[str, Any]) -> Read | None:
    latitude, longitude = _degrees(body.get("latitude"), 90), _degrees(body.get("longitude"), 180)
    if latitude is None or longitude is None:
        return None
    place = Location(latitude, longitude, base.text(body, "name"), base.text(body, "address"))
    return Read(place, place.plain_text())


def _degrees(value: object, limit: int) -> float | None:
    try:
        number = float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) <= limit else None


def _contacts(message: Mapping[str, Any]) -> Read:
    found = cards.read(message.get("contacts"))
    return Read(Text(found.words), found.words, phone=found.own_phone) if found.words else Read(Unsupported("contacts"))


def _media(kind: Literal["image", "audio", "video", "file"], body: Mapping[str, Any]) -> Read:
    caption, name = base.text(body, "caption"), base.text(body, "filename")[:200]
    media_type = base.text(body, "mime_type")[:100]
    content = Media(kind=kind, caption=caption, filename=name, mime_type=media_type)
    reference = base.text(body, "id")[:255]
    kept = ({"reference": reference, "media_type": media_type, "name": name},) if reference else ()
    return Read(content, caption, media=kept, context={flag: True for flag in ("voice", "animated") if body.get(flag)})


def _order(body: Mapping[str, Any]) -> Read:
    """A placeholder that is never dropped: the note goes to the bot, the items with the message."""
    names = ("product_retailer_id", "quantity", "item_price", "currency")
    lines = [
        {name: item[name] for name in names if isinstance(item.get(name), str | int | float)}
        for item in base.items(body.get("product_items"))[:MANY]
    ]
    return Read(Unsupported("order"), base.text(body, "text"), context={"order": lines} if lines else base.NOTHING)


def _unsupported(body: Mapping[str, Any]) -> Read:
    return Read(Unsupported((base.text(body, "type") or "unsupported")[:40]))


_READERS = {
    "text": _text,
    "button": _button,
    "interactive": _interactive,
    "location": _location,
    "order": _order,
    "unsupported": _unsupported,
}
