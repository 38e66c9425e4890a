"""How does the pretended Telegram fit into the sandbox? The Bot API below /sandbox/telegram/, its chats as bubbles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from django.urls import path

from channels_app.models import Channel
from channels_app.sandbox import emulators, kit, links
from channels_app.sandbox.emulators import Bubble, Button, ChannelSeed, Place, Said, Shown
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.people import Person
from channels_app.sandbox.telegram_emulator import api, methods, objects, queues, updates

Kind = Literal["image", "audio", "video", "file"]
BOT = "7104226318"
USERNAME = "nordic_chairs_bot"
SHOWN: Mapping[str, Kind] = {
    "animation": "video", "sticker": "image", "video": "video", "video_note": "video", "voice": "audio",
    "audio": "audio", "document": "file",
}  # fmt: skip


class TelegramEmulator(emulators.Plain):
    """Telegram Bot API."""

    kind = "telegram"
    title = "Telegram"
    about = "bot"
    hint = "Write “hi” to begin. What you write leaves as an update, with the bot's secret header."
    abilities = frozenset({"text", "tap", "file", "voice", "location", "contact", "reaction", "edit", "open", "action"})
    actions = {"block": "Block the bot", "unblock": "Unblock the bot"}
    failures = {
        **emulators.FAILURES,
        "403": "403 bot was blocked by the user",
        "400": "400 bad request",
        "401": "401 unauthorized (token revoked)",
    }
    urls = (
        path("bot<str:token>/<str:name>", api.method),
        path("file/bot<str:token>/<path:path>", api.file),
        path("t.me/<str:username>", links.t_me),
    )

    def address(self, person: Person) -> str:
        return objects.address(person)

    def write(self, channel: Channel, person: Person, said: Said) -> SandboxMessage | None:
        return updates.write(channel, person, said)

    def bubble(self, row: SandboxMessage) -> Bubble:
        body = row.body or {}
        reactions = [body.get("reaction", ""), *(body.get("bot_reactions") or ())]
        return kit.bubble(
            row,
            text=str(body.get("text") or body.get("caption") or _words(body)),
            quote=_said(_mapping(body.get("reply_to_message")))[:120],
            buttons=_buttons(body),
            media=_media(row, body),
            place=_place(body),
            reactions=tuple(str(emoji) for emoji in reactions if emoji),
            is_edited="edit_date" in body,
        )

    def reset(self, channel: Channel) -> None:
        queues.drop(channel)

    def demo(self) -> ChannelSeed:
        root = self.root()
        config = {
            "app": kit.secret("telegram path")[:24],
            "username": USERNAME,
            "base_url": root,
            "link_url": f"{root}/t.me",
        }
        token = f"{BOT}:{kit.secret('telegram token')[:35]}"
        credentials = {"token": token, "secret_token": kit.secret("telegram webhook")}
        return ChannelSeed("telegram-demo", "Nordic Chairs on Telegram", BOT, config, credentials)

    def sketch(self, request: str) -> str:
        try:
            body = _mapping(json.loads(request))
        except ValueError:
            return ""
        update = [name for name in body if name != "update_id"] if "update_id" in body else []
        return f"update: {update[0]}" if update else "send" if "chat_id" in body else ""


def _buttons(body: Mapping[str, Any]) -> tuple[Button, ...]:
    rows = _mapping(body.get("reply_markup")).get("inline_keyboard") or ()
    return tuple(
        Button(str(button.get("callback_data", "")), str(button["text"]), number, str(button.get("url", "")))
        for number, row in enumerate(rows)
        for button in row
    )


def _media(row: SandboxMessage, body: Mapping[str, Any]) -> tuple[Shown, ...]:
    channel = kit.channel_by("telegram", key=row.channel)
    if sizes := body.get("photo"):
        return (_shown(channel, "image", sizes[-1], body),)
    name = next((name for name in SHOWN if name in body), "")
    return (_shown(channel, SHOWN[name], body[name], body),) if name else ()


def _shown(channel: Channel | None, kind: Kind, file: Mapping[str, Any], body: Mapping[str, Any]) -> Shown:
    row = objects.file_of(channel, str(file.get("file_id", ""))) if channel else None
    url = kit.file_url(row) if row else str(body.get("_url", ""))
    name, media_type = str(file.get("file_name", "")), str(file.get("mime_type", ""))
    return Shown(kind, url, name, media_type, int(file.get("file_size", 0)))


def _place(body: Mapping[str, Any]) -> Place | None:
    point, venue = _mapping(body.get("location")), _mapping(body.get("venue"))
    if not point:
        return None
    name, address = str(venue.get("title", "")), str(venue.get("address", ""))
    return Place(float(point["latitude"]), float(point["longitude"]), name, address)


def _words(body: Mapping[str, Any]) -> str:
    card = _mapping(body.get("contact"))
    return f"{card.get('first_name', '')}: {card['phone_number']}" if card else ""


def _said(body: Mapping[str, Any]) -> str:
    return str(body.get("text") or body.get("caption") or "")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


queues.on_reply(methods.on_reply)
emulator = TelegramEmulator()
