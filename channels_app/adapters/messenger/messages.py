"""What did somebody send on Messenger or Instagram? Text, a tapped quick reply, and every type of attachment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from channels_app.adapters import base
from conversations.content import Content, Location, Media, Text, Unsupported

Value = Mapping[str, Any]
MediaKind = Literal["image", "audio", "video", "file"]
URL_MAX, NAME_MAX, KIND_MAX = 2000, 255, 40
MEDIA: Mapping[str, MediaKind] = {
    "image": "image",
    "audio": "audio",
    "video": "video",
    "file": "file",
    "share": "image",  # of Instagram: a post as a picture
    "ig_post": "image",
    "post": "image",
    "story_mention": "image",
    "ig_story": "image",
    "reel": "video",
    "ig_reel": "video",
}
THUMBS = frozenset({"369239263222822", "369239343222814", "369239383222810"})  # small, medium, large
HEART, THUMB = "❤️", "👍"


@dataclass(frozen=True, slots=True)
class Read:
    """A message's body in our words."""

    content: Content
    text: str = ""
    payload: str = ""
    media: tuple[dict[str, Any], ...] = ()


def read(message: Value) -> Read:
    """Words, a tap and attachments; what is none of them is kept as `unsupported`."""
    said = base.text(message, "text")
    payload = base.text(base.mapping(message.get("quick_reply")), "payload")
    attachments = base.items(message.get("attachments"))
    media = tuple(found for one in attachments if (found := _media(one)))
    if media and attachments:
        first = next(one for one in attachments if _media(one))
        return Read(_shown(first, media[0], said), said, payload, media)
    if said or payload:
        return Read(Text(said or payload), said, payload)
    return _wordless(attachments[0]) if attachments else Read(Unsupported(_kind(message)))


def _kind(message: Value) -> str:
    return "unsupported" if message.get("is_unsupported") is True else "empty message"


def _media(attachment: Value) -> dict[str, Any] | None:
    """The file behind an attachment, as `fetch` takes it."""
    kind, body = base.text(attachment, "type"), base.mapping(attachment.get("payload"))
    url = base.text(body, "url")
    if kind not in MEDIA or not url or len(url) > URL_MAX or base.text(body, "sticker_id") in THUMBS:
        return None
    # A shared page of Facebook is a link to read, not a file to fetch.
    if kind in ("share", "post") and base.text(body, "title"):
        return None
    return {"reference": url, "media_type": "", "name": base.text(body, "title")[:NAME_MAX]}


def _shown(attachment: Value, media: Mapping[str, Any], said: str) -> Media:
    kind = base.text(attachment, "type")
    name = "story" if "story" in kind else str(media["name"])
    return Media(kind=MEDIA[kind], caption=said, filename=name)


def _wordless(attachment: Value) -> Read:
    kind, body = base.text(attachment, "type"), base.mapping(attachment.get("payload"))
    if kind == "like_heart" or base.text(body, "sticker_id") in THUMBS:
        sign = HEART if kind == "like_heart" else THUMB
        return Read(Text(sign), sign)
    if kind == "location" and (place := _place(attachment, base.mapping(body.get("coordinates")))):
        return Read(place, place.plain_text())
    if kind in ("fallback", "template", "share", "post"):
        return _link(attachment, body, kind)
    return Read(Unsupported((kind or "attachment")[:KIND_MAX]))


def _place(attachment: Value, coordinates: Value) -> Location | None:
    latitude, longitude = _degrees(coordinates.get("lat"), 90), _degrees(coordinates.get("long"), 180)
    if latitude is None or longitude is None:
        return None
    return Location(latitude, longitude, base.text(attachment, "title")[:NAME_MAX])


def _link(attachment: Value, body: Value, kind: str) -> Read:
    """Something shared: its title and where it is."""
    title = base.text(attachment, "title") or base.text(body, "title")
    url = base.text(attachment, "url") or base.text(body, "url")
    said = "\n".join(part for part in (title, url[:URL_MAX]) if part)
    return Read(Text(said), said) if said else Read(Unsupported(kind))


def _degrees(value: object, limit: int) -> float | None:
    try:
        number = float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) <= limit else None
