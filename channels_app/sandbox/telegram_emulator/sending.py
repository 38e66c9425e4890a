"""What happens when the bot sends, changes or deletes? The phone shows it, or it is refused in Telegram's words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.emulators import Upload
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.telegram_emulator import objects, rules
from channels_app.sandbox.telegram_emulator.rules import Refused, bad
from common import clock

Json = dict[str, Any]
Params = Mapping[str, Any]
Files = Mapping[str, Any]  # what was uploaded with the form, by field
FILES = ("photo", "audio", "document", "video", "animation", "voice", "video_note", "sticker")
ALBUM = range(2, 11)
NO_CAPTION = ("video_note", "sticker")


def chat_of(channel: Channel, params: Params) -> Json:
    """The chat that a call is about; somebody who never wrote cannot be found, and who blocked the bot says so."""
    given = str(params.get("chat_id") or "")
    if not given:
        raise bad("chat_id is empty")
    if moved := kit.recall(channel, f"migrated:{given}"):
        raise Refused(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=moved)
    if kit.recall(channel, f"blocked:{given}"):
        raise Refused(*rules.BLOCKED)
    if not SandboxMessage.objects.filter(channel=channel.key, address=given, is_from_customer=True).exists():
        raise bad("chat not found")
    return objects.chat(channel, given)


def message(channel: Channel, params: Params, files: Files) -> Json:
    """sendMessage."""
    part = rules.words(params, "text", rules.TEXT_MAX)
    if not part:
        raise bad("message text is empty")
    return _put(channel, params, part)


def location(channel: Channel, params: Params, files: Files) -> Json:
    """sendLocation."""
    return _put(channel, params, {"location": _point(params)})


def venue(channel: Channel, params: Params, files: Files) -> Json:
    """sendVenue: a place with a name; a `location` comes with it."""
    title, address = str(params.get("title") or ""), str(params.get("address") or "")
    if not title or not address:
        raise bad("venue title and address must be non-empty")
    point = _point(params)
    return _put(channel, params, {"venue": {"location": point, "title": title, "address": address}, "location": point})


def contact(channel: Channel, params: Params, files: Files) -> Json:
    """sendContact."""
    names = ("phone_number", "first_name", "last_name")
    card = {name: str(params[name]) for name in names if params.get(name)}
    if not card.get("phone_number") or not card.get("first_name"):
        raise bad("phone number and first name must be non-empty")
    return _put(channel, params, {"contact": card})


def of_kind(kind: str) -> Callable[[Channel, Params, Files], Json]:
    """sendPhoto, sendDocument ...: the file by id, by URL, or in the form."""

    def send(channel: Channel, params: Params, files: Files) -> Json:
        caption = {} if kind in NO_CAPTION else rules.words(params, "caption", rules.CAPTION_MAX)
        chat_of(channel, params)  # who cannot be written to needs no upload
        return _put(channel, params, {**_file(channel, kind, params.get(kind), files, kind), **caption})

    return send


def album(channel: Channel, params: Params, files: Files) -> list[Json]:
    """sendMediaGroup: 2 to 10 files as messages of one group."""
    given = params.get("media")
    if not isinstance(given, list) or len(given) not in ALBUM:
        raise bad("media group must include 2-10 items")
    group = str(kit.number(channel, "album", start=13_500_000_001))
    sent = []
    for one in given:
        kind = str(one.get("type", ""))
        if kind not in ("photo", "video", "audio", "document"):
            raise bad("unknown media type in the media group")
        part = {**_file(channel, kind, one.get("media"), files, kind), "media_group_id": group}
        sent.append(_put(channel, params, {**part, **rules.words(one, "caption", rules.CAPTION_MAX)}))
    return sent


def edit_text(channel: Channel, params: Params, files: Files) -> Json:
    """editMessageText: the message as it is now."""
    part = rules.words(params, "text", rules.TEXT_MAX)
    if not part:
        raise bad("message text is empty")
    return _change(channel, params, part)


def edit_caption(channel: Channel, params: Params, files: Files) -> Json:
    """editMessageCaption."""
    return _change(channel, params, rules.words(params, "caption", rules.CAPTION_MAX) or {"caption": ""})


def edit_markup(channel: Channel, params: Params, files: Files) -> Json:
    """editMessageReplyMarkup: another keyboard, or none."""
    return _change(channel, params, {})


def delete(channel: Channel, params: Params, files: Files) -> bool:
    """deleteMessage."""
    row = found(channel, params, "message to delete not found")
    row.delete()
    kit.tell()
    return True


def react(channel: Channel, params: Params, files: Files) -> bool:
    """setMessageReaction: the bot puts an emoji to a message; an empty list takes it away."""
    row = found(channel, params, "message to react not found")
    given = params.get("reaction") or []
    if not isinstance(given, list) or not all(isinstance(one, Mapping) and one.get("type") for one in given):
        raise bad("can't parse reaction")
    kit.amend(row, bot_reactions=[str(one.get("emoji", "")) for one in given])
    return True


def found(channel: Channel, params: Params, otherwise: str) -> SandboxMessage:
    """The message that a call is about, in a chat that can be written to."""
    chat = chat_of(channel, params)
    row = objects.find_message(channel, chat["id"], params.get("message_id"))
    if row is None:
        raise bad(otherwise)
    return row


def _put(channel: Channel, params: Params, part: Mapping[str, Any]) -> Json:
    chat = chat_of(channel, params)
    more = rules.markup(params) | _answered(channel, chat, params)
    row = objects.store(channel, chat, objects.bot(channel), {**part, **more})
    return dict(row.body)


def _answered(channel: Channel, chat: Json, params: Params) -> Json:
    asked = params.get("reply_parameters")
    number = asked.get("message_id") if isinstance(asked, Mapping) else params.get("reply_to_message_id")
    if not number:
        return {}
    row = objects.find_message(channel, chat["id"], number)
    if row is not None:
        return {"reply_to_message": {name: value for name, value in row.body.items() if name != "reply_to_message"}}
    is_lenient = isinstance(asked, Mapping) and asked.get("allow_sending_without_reply")
    if not (is_lenient or params.get("allow_sending_without_reply")):
        raise bad("message to be replied not found")
    return {}


def _change(channel: Channel, params: Params, part: Mapping[str, Any]) -> Json:
    row = found(channel, params, "message to edit not found")
    if row.is_from_customer:
        raise bad("message can't be edited")
    keyboard = rules.markup(params)
    before = {name: value for name, value in row.body.items() if name != "edit_date"}
    after = {name: value for name, value in before.items() if name != "reply_markup"}
    after |= {**part, **keyboard}
    if after == before:
        raise bad(
            "message is not modified: specified new message content and reply markup are exactly the same as a "
            "current content and reply markup of the message"
        )
    row.body = after | {"edit_date": int(clock.now().timestamp())}
    row.save(update_fields=["body"])
    kit.tell()
    return dict(row.body)


def _file(channel: Channel, kind: str, given: Any, files: Files, field: str) -> Json:
    name = str(given or "")
    upload = files.get(name.removeprefix("attach://")) if name.startswith("attach://") else files.get(field)
    if upload is not None:
        sent = Upload(upload.read(), upload.content_type or "application/octet-stream", upload.name or "file")
        if kind == "photo" and len(sent.content) > objects.PHOTO_MAX:
            raise Refused(413, "Request Entity Too Large")
        return objects.attached(kind, objects.kept(channel, sent), sent)
    if row := objects.file_of(channel, name):
        known = Upload(bytes(row.content), row.media_type, row.name)
        size = {"file_id": name, "file_unique_id": f"AQAD{row.public_id.hex[:11]}", "file_size": len(known.content)}
        return objects.attached(kind, size, known)
    if name.startswith(("http://", "https://")):
        digest = hashlib.sha256(name.encode()).hexdigest()
        linked = {"file_id": f"AgACAgQAAx{digest[:40]}", "file_unique_id": f"AQADu{digest[:11]}"}
        return objects.attached(kind, linked, Upload(b"", "", name.rpartition("/")[2] or "file")) | {"_url": name}
    raise bad("wrong remote file identifier specified: Wrong string length" if name else f"there is no {kind} to send")


def _point(params: Params) -> Json:
    try:
        point = {"latitude": float(params["latitude"]), "longitude": float(params["longitude"])}
    except (KeyError, TypeError, ValueError):
        raise bad("can't parse location") from None
    if abs(point["latitude"]) > 90 or abs(point["longitude"]) > 180:
        raise bad("wrong latitude or longitude")
    return point
