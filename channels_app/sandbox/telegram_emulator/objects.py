"""Which JSON objects does Telegram know? Users, chats, messages and files, as the Bot API writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.emulators import Upload
from channels_app.sandbox.models import SandboxFile, SandboxMessage
from channels_app.sandbox.people import Person, find
from common import clock

Json = dict[str, Any]
PHOTOS = ("image/jpeg", "image/png", "image/webp")
PHOTO_MAX = 10 * 1024 * 1024  # bytes


def address(person: Person) -> str:
    """The numeric id of somebody's account, which is the id of their private chat as well."""
    return person.digits("telegram", 10)


def user(person: Person) -> Json:
    """Somebody with an account; most have no username."""
    first, _, last = person.name.partition(" ")
    known = {"id": int(address(person)), "is_bot": False, "first_name": first, "language_code": "en"}
    return known | _filled(last_name=last, username=person.username.replace(".", "_"))


def private_chat(person: Person) -> Json:
    """The chat of a person with the bot."""
    names = {name: value for name, value in user(person).items() if name in ("first_name", "last_name", "username")}
    return {"id": int(address(person)), "type": "private", **names}


def bot(channel: Channel) -> Json:
    """The bot itself, as a sender."""
    username = str(channel.config.get("username", "demo_bot"))
    return {"id": int(channel.account), "is_bot": True, "first_name": channel.title, "username": username}


def chat(channel: Channel, chat_id: str) -> Json:
    """A private chat that the bot knows, with the names that came with its messages."""
    row = SandboxMessage.objects.filter(channel=channel.key, address=chat_id, is_from_customer=True).first()
    known = (row.body or {}).get("chat") if row else None
    return dict(known) if isinstance(known, Mapping) else {"id": int(chat_id), "type": "private", "first_name": "?"}


def external_id(channel: Channel, chat_id: object, message_id: object) -> str:
    """Our key of a message: its own number is unique in its chat only."""
    return f"telegram:{channel.account}:{chat_id}:{message_id}"


def find_message(channel: Channel, chat_id: object, message_id: object) -> SandboxMessage | None:
    """A message of a chat by its number."""
    return kit.find_message(channel, external_id(channel, chat_id, message_id))


def store(channel: Channel, chat_object: Json, sender: Json, part: Mapping[str, Any]) -> SandboxMessage:
    """A new message of a chat, numbered in it; its JSON is the Message object."""
    chat_id = str(chat_object["id"])
    number = kit.number(channel, f"message:{chat_id}")
    body = {"message_id": number, "from": sender, "chat": chat_object, "date": int(clock.now().timestamp()), **part}
    is_from_customer = sender["is_bot"] is False
    return kit.store(
        channel=channel,
        address=chat_id,
        external_id=external_id(channel, chat_id, number),
        body=body,
        is_from_customer=is_from_customer,
        state="sent" if is_from_customer else "",
    )


def kept(channel: Channel, upload: Upload) -> Json:
    """The File object of something uploaded; its id finds it again."""
    row = kit.keep_file(channel, upload)
    return {"file_id": file_id(row), "file_unique_id": f"AQAD{row.public_id.hex[:11]}", "file_size": len(row.content)}


def file_id(row: SandboxFile) -> str:
    return f"BQACAgIAAx0{row.public_id.hex}"


def file_of(channel: Channel, given: str) -> SandboxFile | None:
    """The file that an id names."""
    return kit.file(channel, given.removeprefix("BQACAgIAAx0"))


def attached(kind: str, known: Json, upload: Upload) -> Json:
    """The member of a Message for a file of a kind: a list of sizes for a photo, one object for the others."""
    if kind == "photo":
        small = {**known, "file_unique_id": f"{known['file_unique_id']}s", "width": 90, "height": 60}
        return {"photo": [small, {**known, "width": 1280, "height": 853}]}
    more: Json = {"mime_type": upload.media_type}
    if kind in ("document", "audio", "video", "animation"):
        more["file_name"] = upload.name
    if kind in ("audio", "voice", "video", "animation", "video_note"):
        more["duration"] = 3
    if kind in ("video", "animation", "sticker"):
        more |= {"width": 640, "height": 360}
    if kind == "video_note":
        more = {"duration": 3, "length": 240}
    if kind == "sticker":
        more = {"width": 512, "height": 512, "type": "regular", "is_animated": False, "is_video": False, "emoji": "🙂"}
    return {kind: {**known, **more}}


def kind_of(upload: Upload, is_voice: bool) -> str:
    """As which kind of message an app sends a picked file."""
    if is_voice:
        return "voice"
    if upload.media_type in PHOTOS and len(upload.content) <= PHOTO_MAX:
        return "photo"
    return {"video/mp4": "video", "audio/mpeg": "audio", "audio/mp4": "audio"}.get(upload.media_type, "document")


def person_of(key: str) -> Person | None:
    """A person of the cast by key."""
    return find(key)


def _filled(**members: str) -> dict[str, str]:
    return {name: value for name, value in members.items() if value}
