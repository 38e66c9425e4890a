"""What did the customer send? One reader per kind of Telegram message; unknown kinds become a placeholder."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from channels_app.adapters import base
from conversations.content import Content, Location, Media, Text, Unsupported

Kind = Literal["image", "audio", "video", "file"]
Message = Mapping[str, Any]
START = re.compile(r"/start(?:@\w+)? ([A-Za-z0-9_-]{1,64})")
CODE_MIN = 12  # characters: our codes have 16; what is shorter is the word of an advertisement
COMMAND = re.compile(r"(/\w+)@\w+")
# In this order: an animation comes with a `document` as well, for clients that do not know it.
FILES: tuple[tuple[str, Kind, str], ...] = (
    ("animation", "video", "video/mp4"),
    ("sticker", "image", "image/webp"),
    ("video", "video", "video/mp4"),
    ("video_note", "video", "video/mp4"),
    ("voice", "audio", "audio/ogg"),
    ("audio", "audio", "audio/mpeg"),
    ("document", "file", ""),
)
# What a chat tells about itself: nobody says anything to us.
SERVICE = frozenset(
    {
        "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo",
        "group_chat_created", "supergroup_chat_created", "channel_chat_created", "migrate_to_chat_id",
        "migrate_from_chat_id", "message_auto_delete_timer_changed", "pinned_message", "chat_background_set",
        "forum_topic_created", "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened",
        "general_forum_topic_hidden", "general_forum_topic_unhidden", "video_chat_scheduled", "video_chat_started",
        "video_chat_ended", "video_chat_participants_invited", "boost_added", "write_access_allowed",
        "proximity_alert_triggered", "connected_website",
    }
)  # fmt: skip
# Members that say about the message, not what it is.
FRAME = frozenset(
    {
        "message_id", "from", "sender_chat", "chat", "date", "edit_date", "message_thread_id", "media_group_id",
        "caption", "caption_entities", "reply_to_message", "external_reply", "quote", "via_bot", "has_media_spoiler",
        "forward_origin", "reply_markup", "is_topic_message", "is_automatic_forward", "has_protected_content",
        "author_signature", "link_preview_options", "effect_id", "show_caption_above_media", "is_from_offline",
        "sender_boost_count", "business_connection_id", "sender_business_bot", "entities", "content_type",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """A message's body in our words; `phone`: (number, is it the sender's own) of a contact card."""

    content: Content
    text: str = ""
    media: tuple[dict[str, Any], ...] = ()
    code: str = ""
    referral: str = ""
    phone: tuple[str, bool] | None = None


def service(message: Message) -> str:
    """Which notice of the chat itself this is, '' if somebody says something."""
    return next((name for name in message if name in SERVICE), "")


def read(message: Message) -> Read:
    """The body; one that is missing or not understood is kept as `unsupported`."""
    if isinstance(message.get("text"), str):
        return _words(base.text(message, "text"))
    if found := _photo(message) or _file(message):
        return found
    for name, reader in _READERS.items():
        if name in message and (read_as := reader(message)):
            return read_as
    kind = next((name for name in message if name not in FRAME), "unknown")
    return Read(Unsupported(str(kind)[:40]))


def _words(text: str) -> Read:
    """A deep link's code is cut out: it is for us, and nobody said it."""
    found = START.fullmatch(text.strip())
    payload = found.group(1) if found else ""
    if len(payload) >= CODE_MIN:
        return Read(Text("/start"), "/start", code=payload)
    said = COMMAND.sub(r"\1", text, count=1) if COMMAND.match(text) else text
    return Read(Text(said), said, referral=payload)


def _photo(message: Message) -> Read | None:
    sizes = base.items(message.get("photo"))
    return _media("image", sizes[-1], message, "image/jpeg") if sizes else None


def _file(message: Message) -> Read | None:
    for name, kind, media_type in FILES:
        body = base.mapping(message.get(name))
        if not body:
            continue
        if name == "sticker":
            if body.get("is_animated") is True:
                return _media("file", body, message, "application/x-tgsticker")
            if body.get("is_video") is True:
                return _media("video", body, message, "video/webm")
        return _media(kind, body, message, media_type)
    return None


def _media(kind: Kind, body: Mapping[str, Any], message: Message, otherwise: str) -> Read:
    caption, name = base.text(message, "caption"), base.text(body, "file_name")[:255]
    media_type = (base.text(body, "mime_type") or otherwise)[:100]
    content = Media(kind, caption=caption or base.text(body, "emoji"), filename=name, mime_type=media_type)
    reference, size = base.text(body, "file_id"), body.get("file_size")
    known = {"size": size} if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else {}
    kept = ({"reference": reference, "media_type": media_type, "name": name, **known},) if reference else ()
    return Read(content, caption, media=kept)


def _place(message: Message) -> Read | None:
    venue = base.mapping(message.get("venue"))
    where = base.mapping(venue.get("location")) or base.mapping(message.get("location"))
    latitude, longitude = _degrees(where.get("latitude"), 90), _degrees(where.get("longitude"), 180)
    if latitude is None or longitude is None:
        return None
    place = Location(latitude, longitude, base.text(venue, "title"), base.text(venue, "address"))
    return Read(place, place.plain_text())


def _degrees(value: object, limit: int) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= limit:
        return None
    return float(value) if math.isfinite(value) else None


def _contact(message: Message) -> Read | None:
    """A card proves a phone only if it is the sender's own; anybody may forward anybody's."""
    card, sender = base.mapping(message.get("contact")), base.text(base.mapping(message.get("from")), "id")
    phone = base.text(card, "phone_number")
    name = " ".join(filter(None, (base.text(card, "first_name"), base.text(card, "last_name"))))
    if not phone and not name:
        return None
    number = phone if phone.startswith("+") or not phone.isdigit() else f"+{phone}"
    is_own = bool(sender) and base.text(card, "user_id") == sender
    said = ", ".join(filter(None, (name, number)))
    return Read(Text(said), number if is_own else said, phone=(number, is_own) if phone else None)


def _web_app(message: Message) -> Read | None:
    body = base.mapping(message.get("web_app_data"))
    said, data = base.text(body, "button_text"), base.text(body, "data")
    return Read(Text(said or data), data) if said or data else None


_READERS: Mapping[str, Callable[[Message], Read | None]] = {
    "venue": _place,
    "location": _place,
    "contact": _contact,
    "web_app_data": _web_app,
}
