"""What does Discord send in tests? Dispatches and interactions written by hand, signed with a key of our own."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from channels_app.registry import Account, Request, adapter

Json = dict[str, Any]
APPLICATION, TOKEN, MAYA, PLACE, GUILD = "1170642907355582534", "bot-token-1", "80351110224678912", "901", "77"
KEY, OTHER_KEY = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
DISCORD = adapter("discord")
AUTHOR: Json = {"id": MAYA, "username": "maya.l", "global_name": "Maya", "discriminator": "0", "bot": False}
HANDLE = ("discord_user", "", MAYA, "provider", "Maya")
AT, EDITED = "2026-11-20T12:00:00.123000+00:00", "2026-11-20T12:05:00.456000+00:00"
MESSAGE = "1441052000000000000"


def public_key(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


ACCOUNT = Account(
    key="discord-test",
    account=APPLICATION,
    config={"app": "demo", "public_key": public_key(KEY)},
    credentials={"bot_token": TOKEN},
)
OTHER = replace(ACCOUNT, key="discord-other", account="2", config={"app": "demo", "public_key": public_key(OTHER_KEY)})


def message(**members: Any) -> Json:
    """A direct message of Maya's, whole."""
    return {
        "id": MESSAGE,
        "channel_id": PLACE,
        "type": 0,
        "author": AUTHOR,
        "content": "hi",
        "timestamp": AT,
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "components": [],
        "flags": 0,
    } | members


def dispatch(kind: str, data: Json, *, s: int = 7) -> Json:
    """A stored event, as the gateway keeps it."""
    return {"op": 0, "t": kind, "s": s, "session_id": "session-1", "d": data}


def interaction(kind: int = 3, data: Json | None = None, **members: Any) -> Json:
    """A tap on a button in Maya's direct messages."""
    return {
        "id": "1441052000000000001",
        "application_id": APPLICATION,
        "type": kind,
        "token": "aW50ZXJhY3Rpb24",
        "version": 1,
        "user": AUTHOR,
        "channel_id": PLACE,
        "context": 1,
        "data": {"custom_id": "r:1:a", "component_type": 2} if data is None else data,
        "message": message(id="55", components=[{"type": 1, "components": [button("r:1:a", "Mesh"), SELECT]}]),
    } | members


def button(name: str, label: str) -> Json:
    return {"type": 2, "style": 2, "custom_id": name, "label": label}


SELECT: Json = {"type": 3, "custom_id": "s", "options": [{"label": "Red oak", "value": "r:2:b"}]}


def call(body: Json | bytes, *, key: Ed25519PrivateKey = KEY, age: float = 0.0, **headers: bytes) -> Request:
    """A signed call to the endpoint; `headers` replace those that were right."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    timestamp = str(int(time.time() - age)).encode()
    signed = {b"x-signature-ed25519": key.sign(timestamp + raw).hex().encode(), b"x-signature-timestamp": timestamp}
    given = {name.replace("_", "-").encode(): value for name, value in headers.items()}
    return Request(raw, signed | given)


def read(body: Json) -> Any:
    """What one event says, on the way that the gateway and the inbox take it."""
    (event,) = DISCORD.split(Request(json.dumps(body).encode())).events
    (parsed,) = DISCORD.parse(event.raw, ACCOUNT)
    return parsed


def said(**members: Any) -> Any:
    """The same of one message."""
    return read(dispatch("MESSAGE_CREATE", message(**members)))
