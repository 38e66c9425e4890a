"""Which payloads does each provider post? Written by hand for mutations: one of each shape that the parsers know."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from tests.channels_app import whatsapp

SENDER = {"id": 5001, "is_bot": False, "first_name": "Maya", "language_code": "sv"}
CHAT = {"id": 5001, "type": "private", "first_name": "Maya"}
PHOTO = [{"file_id": "f1", "file_unique_id": "u1", "width": 90, "height": 60, "file_size": 900}]
MEMBER = {"user": {"id": 99, "is_bot": True, "first_name": "Shop"}, "status": "kicked", "until_date": 0}
AUTHOR = {"id": "80351110224678912", "username": "maya", "global_name": "Maya", "bot": False}
PAGE = "1067280970047460"


def of_telegram() -> list[bytes]:
    message = {"message_id": 7, "date": 1700000000, "chat": CHAT, "from": SENDER}
    updates: list[dict[str, Any]] = [
        {"message": {**message, "text": "/start K7Q2M9", "reply_to_message": {**message, "text": "before"}}},
        {"message": {**message, "photo": PHOTO, "caption": "look"}},
        {"message": {**message, "contact": {"phone_number": "+46701740635", "first_name": "M", "user_id": 5001}}},
        {"message": {**message, "location": {"latitude": 59.3, "longitude": 18.1}}},
        {"edited_message": {**message, "text": "better", "edit_date": 1700000009}},
        {"callback_query": {"id": "c1", "from": SENDER, "data": "1:2:yes", "message": message, "chat_instance": "x"}},
        {"my_chat_member": {"chat": CHAT, "from": SENDER, "date": 1700000000, "new_chat_member": MEMBER}},
        {
            "message_reaction": {
                "chat": CHAT,
                "user": SENDER,
                "message_id": 7,
                "date": 1700000000,
                "old_reaction": [],
                "new_reaction": [{"type": "emoji", "emoji": "👍"}],
            }
        },
    ]
    return [_json({"update_id": n, **update}) for n, update in enumerate(updates, start=1)]


def of_discord() -> list[bytes]:
    message = {"id": "334385199974967042", "channel_id": "290926798999357250", "author": AUTHOR, "content": "hi"}
    file = {"id": "1", "filename": "a.png", "size": 10, "url": "https://cdn.discordapp.com/attachments/1/2/a.png"}
    said: list[tuple[str, dict[str, Any]]] = [
        ("MESSAGE_CREATE", {**message, "timestamp": "2026-01-01T00:00:00+00:00", "attachments": [file]}),
        ("MESSAGE_UPDATE", {**message, "content": "hello", "edited_timestamp": "2026-01-01T00:00:01+00:00"}),
        ("MESSAGE_DELETE", {"id": message["id"], "channel_id": message["channel_id"]}),
        ("MESSAGE_REACTION_ADD", {"user_id": AUTHOR["id"], "message_id": message["id"], "emoji": {"name": "👍"}}),
    ]
    interaction = {
        "id": "846462639134605312",
        "application_id": "845027738276462632",
        "type": 3,
        "token": "t",
        "channel_id": message["channel_id"],
        "user": AUTHOR,
        "data": {"component_type": 2, "custom_id": "1:2:yes"},
        "message": message,
    }
    events = [_json({"op": 0, "s": n, "t": name, "d": data}) for n, (name, data) in enumerate(said, start=1)]
    return [*events, _json(interaction), _json({"type": 1})]


def of_meta(thing: str) -> list[bytes]:
    ids = {"sender": {"id": "5001"}, "recipient": {"id": PAGE}, "timestamp": 1700000000000}
    said: list[dict[str, Any]] = [
        {"message": {"mid": "m_1", "text": "hi", "quick_reply": {"payload": "1:2:yes"}, "reply_to": {"mid": "m_0"}}},
        {
            "message": {
                "mid": "m_2",
                "attachments": [{"type": "image", "payload": {"url": "https://scontent.xx/1.jpg"}}],
            }
        },
        {"message": {"mid": "m_3", "is_echo": True, "text": "ours", "metadata": "ref", "app_id": 1}},
        {"message": {"mid": "m_4", "is_deleted": True}},
        {"message_edit": {"mid": "m_1", "text": "hello", "num_edit": 1}},
        {"reaction": {"mid": "m_1", "action": "react", "emoji": "👍", "reaction": "like"}},
        {"postback": {"mid": "m_5", "title": "Yes", "payload": "1:2:yes", "referral": {"ref": "K7Q2M9"}}},
        {"delivery": {"mids": ["m_3"], "watermark": 1700000000000}},
        {"read": {"watermark": 1700000000000}},
    ]
    return [
        _json({"object": thing, "entry": [{"id": PAGE, "time": 1700000000000, "messaging": [{**ids, **one}]}]})
        for one in said
    ]


def of_sms() -> list[bytes]:
    ids = {"AccountSid": "AC" + "0" * 32, "From": "+46701740635", "To": "+15550001111"}
    message = {"MessageSid": "SM" + "1" * 32, "Body": "hi [#K7Q2M9]", "NumMedia": "1", "MediaUrl0": "https://api.x/1"}
    status = {"MessageSid": "SM" + "2" * 32, "MessageStatus": "undelivered", "ErrorCode": "30005"}
    return [urlencode({**ids, **one}).encode() for one in (message, status)]


def of_whatsapp() -> list[bytes]:
    system = {"type": "user_changed_number", "wa_id": "4670999", "user_id": "US.2", "previous_user_id": "US.1"}
    form = {"type": "nfm_reply", "nfm_reply": {"response_json": '{"a": "b"}', "name": "flow", "body": "Sent"}}
    edit = {"original_message_id": "w", "message": {"type": "image", "image": {"id": "7", "caption": "c"}}}
    messages = [
        whatsapp.message("hi [#K7Q2M9]", context={"id": "w", "forwarded": True}, referral={"source_id": "1"}),
        whatsapp.message(type="system", system=system),
        whatsapp.message(type="interactive", interactive=form),
        whatsapp.message(type="edit", edit=edit),
        whatsapp.message(type="contacts", contacts=[{"name": {"first_name": "A"}, "phones": [{"phone": "+1"}]}]),
        whatsapp.message(type="order", order={"product_items": [{"product_retailer_id": "X", "quantity": 1}]}),
        whatsapp.message(type="location", location={"latitude": 1, "longitude": 2}),
        whatsapp.message(type="reaction", reaction={"message_id": "w", "emoji": "👍"}),
    ]
    status = whatsapp.status("w", "failed", errors=[{"code": 131049, "error_data": {"details": "d"}}])
    bodies = [whatsapp.envelope(whatsapp.value(one)) for one in messages]
    bodies.append(whatsapp.envelope(whatsapp.value(messages[0], statuses=(status,))))
    return [_json(body) for body in (*bodies, *map(_field, FIELDS))]


FIELDS: list[tuple[str, dict[str, Any]]] = [
    ("smb_message_echoes", {"message_echoes": [whatsapp.message("ours", to=whatsapp.MAYA)]}),
    ("user_preferences", {"user_preferences": [{"wa_id": "1", "category": "marketing_messages", "value": "stop"}]}),
    ("message_template_status_update", {"event": "APPROVED", "message_template_name": "x"}),
    ("account_update", {"event": "DISABLED_UPDATE"}),
    ("user_id_update", {"user_id_update": [{"user_id": "US.2", "previous_user_id": "US.1"}]}),
]


def _field(change: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    field, value = change
    return {"entry": [{"id": "waba", "time": 1700000000, "changes": [{"field": field, "value": value}]}]}


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()


BY_KIND = {
    "discord": of_discord(),
    "instagram": of_meta("instagram"),
    "messenger": of_meta("page"),
    "sms": of_sms(),
    "telegram": of_telegram(),
    "whatsapp": of_whatsapp(),
}
