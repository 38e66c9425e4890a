"""What did the customer send? Text, files, stickers, forwarded messages; the rest becomes a placeholder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from channels_app.adapters import base
from channels_app.adapters.discord import reading
from channels_app.adapters.discord.reading import Value
from conversations.content import Content, Media, Text, Unsupported

MediaKind = Literal["image", "audio", "video", "file"]
KINDS: Mapping[str, MediaKind] = {"image": "image", "audio": "audio", "video": "video"}
STICKERS = "https://cdn.discordapp.com/stickers"
STICKER_TYPES = {1: ("png", "image/png"), 2: ("png", "image/png"), 4: ("gif", "image/gif")}  # 3 is an animation in JSON
FORWARDED = 1  # type of a message_reference
FILES_MAX = 10  # in one message


@dataclass(frozen=True, slots=True)
class Read:
    """A message's body in our words."""

    content: Content
    text: str = ""
    media: tuple[dict[str, Any], ...] = ()


def read(message: Value, us: str = "") -> Read | None:
    """What the message says; None if there is nothing in it, as in a server where nobody spoke to us."""
    said = _words(message, us)
    files = [found for found in map(_file, base.items(message.get("attachments"))) if found][:FILES_MAX]
    files += [found for found in map(_sticker, base.items(message.get("sticker_items"))) if found][:1]
    if files:
        return Read(_media(files[0], said), said, tuple(files))
    if said:
        return Read(Text(said), said)
    return _forwarded(message) or _placeholder(message)


def _words(message: Value, us: str) -> str:
    """The content; in a server it begins with our own name, which is the address and not part of what is said."""
    said = message.get("content")
    words = said.strip() if isinstance(said, str) else ""
    for mention in (f"<@{us}>", f"<@!{us}>") if us else ():
        words = words.removeprefix(mention).strip()
    return words


def _file(attachment: Value) -> dict[str, Any] | None:
    """What `fetch` needs: the link runs out, and is renewed by its own words."""
    url = base.text(attachment, "url")
    if not url:
        return None
    found = {"reference": url, "media_type": base.text(attachment, "content_type").partition(";")[0][:100]}
    size = attachment.get("size")
    sized = {"size": size} if isinstance(size, int) and 0 <= size < 2**53 else {}
    return found | {"name": base.text(attachment, "filename")[:255]} | sized


def _sticker(sticker: Value) -> dict[str, Any] | None:
    found = sticker.get("format_type")
    shape = STICKER_TYPES.get(found) if isinstance(found, int) else None
    name, number = base.text(sticker, "name"), reading.snowflake(sticker)
    if shape is None or not number:
        return None
    suffix, media_type = shape
    return {
        "reference": f"{STICKERS}/{number}.{suffix}",
        "media_type": media_type,
        "name": f"{name or 'sticker'}.{suffix}"[:255],
    }


def _media(found: Mapping[str, Any], caption: str) -> Media:
    media_type = str(found["media_type"])
    kind = KINDS.get(media_type.partition("/")[0], "file")
    return Media(kind=kind, caption=caption, filename=str(found["name"]), mime_type=media_type)


def _forwarded(message: Value) -> Read | None:
    """A forwarded message carries a copy of the one it forwards."""
    if base.mapping(message.get("message_reference")).get("type") != FORWARDED:
        return None
    first = next(iter(base.items(message.get("message_snapshots"))), base.NOTHING)
    # A snapshot of a snapshot does not exist; without its own reference the copy cannot lead further.
    copy = {key: value for key, value in base.mapping(first.get("message")).items() if key != "message_reference"}
    return read(copy) or Read(Unsupported("forwarded message"))


def _placeholder(message: Value) -> Read | None:
    for member, kind in (("poll", "poll"), ("sticker_items", "sticker"), ("embeds", "embed"), ("components", "card")):
        if message.get(member):
            return Read(Unsupported(kind))
    return None
