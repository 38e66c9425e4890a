"""What do providers typically post? One ordinary webhook of each kind: a text and who it is from."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from bench import bodies

TEXT = "Hello, I would like to know when my chair will come. The order is 4711."
DISCORD_USER = {
    "id": "80351110224678912", "username": "maya", "discriminator": "0", "global_name": "Maya", "avatar": None,
    "public_flags": 0,
}  # fmt: skip


def of(kind: str) -> bytes | None:
    """The body of one webhook; None for kinds that post none."""
    made = _MADE.get(kind)
    return made() if made else None


def _telegram() -> bytes:
    person = {"id": 5001, "first_name": "Maya", "last_name": "Lindqvist", "username": "maya"}
    message = {
        "message_id": 7,
        "from": {**person, "is_bot": False, "language_code": "sv"},
        "chat": {**person, "type": "private"},
        "date": 1700000000,
        "text": TEXT,
    }
    return _json({"update_id": 10_001, "message": message})


def _discord() -> bytes:
    message = {
        "id": "334385199974967042", "channel_id": "290926798999357250", "type": 0, "author": DISCORD_USER,
        "content": TEXT, "timestamp": "2026-01-01T00:00:00.000000+00:00", "edited_timestamp": None, "tts": False,
        "mention_everyone": False, "mentions": [], "mention_roles": [], "attachments": [], "embeds": [], "flags": 0,
        "components": [], "pinned": False, "channel_type": 1,
    }  # fmt: skip
    return _json({"op": 0, "s": 42, "t": "MESSAGE_CREATE", "d": message})


def _meta(thing: str) -> bytes:
    said = {
        "sender": {"id": "5001"},
        "recipient": {"id": "1067280970047460"},
        "timestamp": 1700000000000,
        "message": {
            "mid": "m_AG5Hz2Uq7tuwNEhXfYYKj8mJEM_QPpz5jdCK48PnKAjSdjfipqxqMvK8ma6AC8",
            "text": TEXT,
        },
    }
    entry = {"id": "1067280970047460", "time": 1700000000000, "messaging": [said]}
    return _json({"object": thing, "entry": [entry]})


def _sms() -> bytes:
    fields = {
        "ToCountry": "US", "ToState": "CA", "SmsMessageSid": "SM" + "1" * 32, "NumMedia": "0", "FromCountry": "SE",
        "SmsSid": "SM" + "1" * 32, "SmsStatus": "received", "Body": TEXT, "To": "+15550783881", "NumSegments": "1",
        "MessageSid": "SM" + "1" * 32, "AccountSid": "AC" + "0" * 32, "From": "+46701740635",
        "ApiVersion": "2010-04-01",
    }  # fmt: skip
    return urlencode(fields).encode()


def _mail() -> bytes:
    """Postmark's inbound webhook."""
    headers = [{"Name": "Message-ID", "Value": "<a@example.com>"}, {"Name": "DKIM-Signature", "Value": "v=1; a=rsa"}]
    return _json(
        {
            "From": "maya@example.com",
            "FromFull": {"Email": "maya@example.com", "Name": "Maya", "MailboxHash": ""},
            "To": "help@shop.example",
            "ToFull": [{"Email": "help@shop.example", "Name": "", "MailboxHash": ""}],
            "OriginalRecipient": "help@shop.example",
            "Subject": "My chair",
            "MessageID": "22c74902-a0c1-4511-804f2-341342852c90",
            "Date": "Thu, 5 Apr 2026 16:59:01 +0200",
            "TextBody": TEXT,
            "HtmlBody": f"<p>{TEXT}</p>",
            "Headers": headers,
            "Attachments": [],
        }
    )


def _json(body: Any) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


_MADE = {
    "discord": _discord,
    "email": _mail,
    "instagram": lambda: _meta("instagram"),
    "messenger": lambda: _meta("page"),
    "sms": _sms,
    "telegram": _telegram,
    "whatsapp": lambda: bodies.message("46701740635", TEXT).encode(),
}
