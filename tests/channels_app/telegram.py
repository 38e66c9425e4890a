"""What does Telegram send in tests? Updates written by hand, and an account of our own to read them with."""

from __future__ import annotations

import json
from typing import Any

from channels_app.registry import Account, Envelope, Parsed, Request, adapter

Json = dict[str, Any]
BOT, TOKEN, SECRET, USERNAME = "7104226318", "7104226318:AAH-testing", "webhook-secret_1", "nordic_test_bot"
MAYA, GROUP = 5_812_004_417, -1_001_990_020_030
ACCOUNT = Account(
    key="telegram-test",
    account=BOT,
    config={"app": "k3j9", "username": USERNAME},
    credentials={"token": TOKEN, "secret_token": SECRET},
)
TELEGRAM = adapter("telegram")
PERSON: Json = {"id": MAYA, "is_bot": False, "first_name": "Maya", "last_name": "Lindqvist", "username": "maya_l"}
PRIVATE: Json = {"id": MAYA, "type": "private", "first_name": "Maya", "last_name": "Lindqvist"}
SUPERGROUP: Json = {"id": GROUP, "type": "supergroup", "title": "Chairs", "is_forum": True}
HANDLE = ("telegram_user", "", str(MAYA), "provider", "Maya Lindqvist")


def message(**part: Any) -> Json:
    """A message of Maya's in her chat with the bot; `part` adds and replaces members."""
    return {"message_id": 81, "from": PERSON, "chat": PRIVATE, "date": 1_790_000_000} | (part or {"text": "hi"})


def update(kind: str = "message", content: Json | None = None, *, number: int = 900_100) -> Json:
    return {"update_id": number, kind: content if content is not None else message()}


def request(body: Json | bytes, secret: str = SECRET) -> Request:
    """The webhook call that brings it."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(raw, {b"x-telegram-bot-api-secret-token": secret.encode()})


def split(body: Json) -> Envelope:
    return TELEGRAM.verify(request(body), [ACCOUNT])


def read(body: Json) -> Any:
    """What one update says, on the way that the door and the inbox take it."""
    (event,) = split(body).events
    (parsed,) = TELEGRAM.parse(event.raw, ACCOUNT)
    return parsed


def said(**part: Any) -> Any:
    """The same of one message."""
    return read(update("message", message(**part)))


def all_of(raw: str) -> list[Parsed]:
    """What a body says, whatever it is: none of it may raise."""
    envelope = TELEGRAM.split(Request(raw.encode()))
    return [parsed for event in envelope.events for parsed in TELEGRAM.parse(event.raw, ACCOUNT)]


FILE: Json = {"file_id": "BQ1", "file_unique_id": "u1", "file_size": 5}
KEYBOARD: Json = {"inline_keyboard": [[{"text": "Change it", "callback_data": "r:1:change"}], [{"text": "Keep it"}]]}
TAP: Json = {
    "id": "438",
    "from": PERSON,
    "data": "r:1:change",
    "message": message(reply_markup=KEYBOARD, text="?"),
}
