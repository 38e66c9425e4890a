"""What did the customer send? One reader per type of WhatsApp message; unknown types become a placeholder."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from channels_app.adapters import base
from conversations.content import Content, Location, Media, Text, Unsupported

SILENT = frozenset({"reaction", "revoke", "edit"})  # about another message: no turn of their own
MEDIA: Mapping[str, Literal["image", "audio", "video", "file"]] = {
    "image": "image",
    "sticker": "image",
    "audio": "audio",
    "voice": "audio",
    "video": "video",
    "document": "file",
}


@dataclass(frozen=True, slots=True)
class Read:
    """A message's body in our words."""

    content: Content
    text: str = ""
    payload: str = ""
    media: tuple[dict[str, Any], ...] = ()


def read(kind: str, message: Mapping[str, Any]) -> Read:
    """The body that belongs to `type`; one that is missing or not understood is kept as `unsupported`."""
    body = base.mapping(message.get(kind))
    if kind in MEDIA:
        return _media(MEDIA[kind], body)
    reader = _READERS.get(kind)
    return (reader(body) if reader else None) or Read(Unsupported((kind or "unknown")[:40]))


def _text(body: Mapping[str, Any]) -> Read | None:
    said = body.get("body")
    return Read(Text(said), said) if isinstance(said, str) else None


def _button(body: Mapping[str, Any]) -> Read | None:
    return _tap(body, "text", "payload")


def _interactive(body: Mapping[str, Any]) -> Read | None:
    kind = base.text(body, "type")
    if kind in ("button_reply", "list_reply"):
        return _tap(base.mapping(body.get(kind)), "title", "id")
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


def _media(kind: Literal["image", "audio", "video", "file"], body: Mapping[str, Any]) -> Read:
    caption, name = base.text(body, "caption"), base.text(body, "filename")
    media_type = base.text(body, "mime_type")[:100]
    content = Media(kind=kind, caption=caption, filename=name, mime_type=media_type)
    reference = base.text(body, "id")
    kept = ({"reference": reference, "media_type": media_type, "name": name},) if reference else ()
    return Read(content, caption, media=kept)


_READERS = {
    "text": _text,
    "button": _button,
    "interactive": _interactive,
    "location": _location,
}
