"""How does rendered content look as a call of the Bot API? Plain text without a parse mode: nothing to escape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import DeliveryError, File, Outgoing
from conversations.content import Card, Choice, Content, Location, Media, Text

PHOTO_MAX = 10 * 1024 * 1024  # bytes; a larger picture goes as a file
PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp"})
VOICE = frozenset({"audio/ogg", "audio/opus"})
PLAYED: Mapping[str, frozenset[str]] = {  # what its players take; the rest goes as a file
    "audio": frozenset({"audio/mpeg", "audio/mp3", "audio/mp4", "audio/x-m4a", "audio/m4a", ""}),
    "video": frozenset({"video/mp4", ""}),
}
PAYLOAD_MAX = 64  # bytes
SHORT = 14  # characters of a label that leaves room for a second button beside it
METHODS: Mapping[str, tuple[str, str]] = {
    "image": ("sendPhoto", "photo"),
    "animation": ("sendAnimation", "animation"),
    "audio": ("sendAudio", "audio"),
    "voice": ("sendVoice", "voice"),
    "video": ("sendVideo", "video"),
    "file": ("sendDocument", "document"),
}


@dataclass(frozen=True, slots=True)
class Call:
    """One request: the method, its fields, and the file that goes with it: (field, (name, bytes, type))."""

    method: str
    fields: Mapping[str, Any]
    file: tuple[str, tuple[str, bytes, str]] | None = None


def call(outgoing: Outgoing) -> Call:
    """The request of one send, or `DeliveryError("rejected" | "unreachable")` when there is no such request."""
    if outgoing.namespace != "telegram_user":
        raise DeliveryError("unreachable", provider_text=f"Telegram cannot be sent to a {outgoing.namespace}")
    fields = recipient(outgoing.address, outgoing.thread)
    chat, _, number = outgoing.reply_to.partition(":")
    if number.isdigit() and chat == str(fields["chat_id"]):
        fields["reply_parameters"] = {"message_id": int(number), "allow_sending_without_reply": True}
    said = _content(outgoing.content, outgoing)
    return Call(said.method, {**fields, **said.fields}, said.file)


def recipient(address: str, thread: Mapping[str, Any]) -> dict[str, Any]:
    """The chat that the person wrote in last; a private one has the person's own id."""
    fields: dict[str, Any] = {"chat_id": _number(base.text(thread, "chat") or address)}
    if topic := base.text(thread, "topic"):
        fields["message_thread_id"] = _number(topic)
    return fields


def _number(value: str) -> int:
    try:
        return int(value)
    except ValueError as error:
        raise DeliveryError("unreachable", provider_text="this is no id of Telegram's") from error


def _content(content: Content, outgoing: Outgoing) -> Call:
    match content:
        case Text():
            return _text(content.text)
        case Choice():
            return _text(content.text, reply_markup={"inline_keyboard": _keyboard(content)})
        case Media():
            return _media(content, outgoing)
        case Location():
            return _place(content)
        case Card():
            return _text(content.plain_text())
        case _:
            raise DeliveryError("rejected", provider_text=f"Telegram has no message for {content.type}")


def _text(words: str, **more: Any) -> Call:
    return Call("sendMessage", {"text": words, "link_preview_options": {"is_disabled": True}, **more})


def _keyboard(choice: Choice) -> list[list[dict[str, str]]]:
    buttons = [{"text": option.label, "callback_data": _cut(option.payload or option.id)} for option in choice.options]
    width = 2 if len(buttons) > 2 and all(len(button["text"]) <= SHORT for button in buttons) else 1
    return [buttons[start : start + width] for start in range(0, len(buttons), width)]


def _cut(payload: str) -> str:
    """The renderer has made it fit; one that does not would have the whole message refused."""
    return payload.encode()[:PAYLOAD_MAX].decode(errors="ignore")


def _media(media: Media, outgoing: Outgoing) -> Call:
    """Our own bytes where we have them: Telegram fetches links of 20 MB at most, and not from everywhere."""
    caption = {"caption": media.caption} if media.caption else {}
    if outgoing.load is not None:
        file = outgoing.load()
        method, field = METHODS[_kind(media, file)]
        named = (media.filename or file.name or field, file.content, file.media_type or media.mime_type)
        return Call(method, caption, (field, named))
    if media.url:
        method, field = METHODS[_kind(media, None)]
        return Call(method, {field: media.url, **caption})
    raise DeliveryError("rejected", provider_text="there is neither a file nor a link to it")


def _kind(media: Media, file: File | None) -> str:
    media_type = (file.media_type if file else "") or media.mime_type
    if media_type == "image/gif":
        return "animation"
    if media.kind == "image" and file is not None:
        return "image" if media_type in PHOTOS and len(file.content) <= PHOTO_MAX else "file"
    if media.kind == "audio" and media_type in VOICE:
        return "voice"
    return media.kind if media_type in PLAYED.get(media.kind, (media_type,)) else "file"


def _place(place: Location) -> Call:
    where = {"latitude": place.latitude, "longitude": place.longitude}
    if not (place.name or place.address):
        return Call("sendLocation", where)
    return Call("sendVenue", where | {"title": place.name or place.address, "address": place.address or place.name})
