"""Which methods does the pretended Bot API have? Name -> what it does; an unknown one is a 404, as at Telegram."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.telegram_emulator import objects, queues, rules, sending, webhook
from channels_app.sandbox.telegram_emulator.rules import Refused, bad
from channels_app.sandbox.telegram_emulator.sending import Files, Json, Params
from common import clock

Method = Callable[[Channel, Params, Files], Any]

ACTIONS = frozenset(
    {
        "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
        "choose_sticker", "find_location", "record_video_note", "upload_video_note",
    }
)  # fmt: skip
TYPING = 5.0  # seconds
TAP_LIFE = 150.0  # seconds in which a tap can be answered
FILE_MAX = 20 * 1024 * 1024  # bytes that `getFile` gives
LONGEST_POLL = 1.0  # seconds; the real one waits for up to 50
SECRET_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,256}")
LATEST = 100


def run(channel: Channel, name: str, params: Params, files: Files) -> Any:
    """The result of a method (its name in any case), or `Refused`."""
    method = METHODS.get(name.lower())
    if method is None:
        raise Refused(*rules.NOT_FOUND)
    return method(channel, params, files)


def is_send(name: str) -> bool:
    """Does the method put a message into a chat? Such calls meet the failure that the controls ask for."""
    return name.lower().startswith("send") and name.lower() != "sendchataction"


def on_reply(channel: Channel, call: Json) -> None:
    """Runs what the answer to a webhook asks for; its outcome is told to nobody, as at Telegram."""
    try:
        run(channel, str(call["method"]), {name: value for name, value in call.items() if name != "method"}, {})
    except Refused:
        pass


def get_me(channel: Channel, params: Params, files: Files) -> Json:
    abilities = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
    return objects.bot(channel) | abilities


def set_webhook(channel: Channel, params: Params, files: Files) -> bool:
    url, secret = str(params.get("url") or ""), str(params.get("secret_token") or "")
    if url and urlsplit(url).scheme not in ("https", "http"):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if secret and not SECRET_TOKEN.fullmatch(secret):
        raise bad("bad webhook: secret token contains unallowed characters")
    allowed = params.get("allowed_updates")
    before = webhook.of(channel)
    names = [str(name) for name in allowed] if isinstance(allowed, list) else before.allowed
    most = params.get("max_connections") or 40
    webhook.put(channel, webhook.Webhook(url, secret, names, min(max(int(most), 1), 100)))
    _drop(channel, params)
    return True


def delete_webhook(channel: Channel, params: Params, files: Files) -> bool:
    webhook.put(channel, webhook.Webhook(allowed=webhook.of(channel).allowed))
    _drop(channel, params)
    return True


def _drop(channel: Channel, params: Params) -> None:
    if params.get("drop_pending_updates") in (True, "true", "True", "1"):
        queues.drop(channel)


def get_webhook_info(channel: Channel, params: Params, files: Files) -> Json:
    return webhook.info(channel, queues.pending(channel))


def get_updates(channel: Channel, params: Params, files: Files) -> list[Json]:
    if webhook.of(channel).url:
        raise Refused(*rules.POLLS)
    wait = min(float(params.get("timeout") or 0), LONGEST_POLL)
    limit, offset = int(params.get("limit") or LATEST), int(params.get("offset") or 0)
    found = queues.poll(channel, offset, limit)
    if not found and wait:
        time.sleep(wait)
        found = queues.poll(channel, offset, limit)
    return found


def send_chat_action(channel: Channel, params: Params, files: Files) -> bool:
    chat = sending.chat_of(channel, params)
    if params.get("action") not in ACTIONS:
        raise bad("wrong parameter action in request")
    kit.types_until(channel, str(chat["id"]), TYPING)
    return True


def answer_callback_query(channel: Channel, params: Params, files: Files) -> bool:
    name = f"tap:{params.get('callback_query_id') or ''}"[:200]
    tap = kit.recall(channel, name)
    if not isinstance(tap, dict) or clock.now().timestamp() - tap["at"] > TAP_LIFE:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if rules.units(str(params.get("text") or "")) > 200:
        raise bad("MESSAGE_TOO_LONG")
    kit.remember(channel, name, tap | {"is_answered": True, "text": str(params.get("text") or "")})
    return True


def get_file(channel: Channel, params: Params, files: Files) -> Json:
    given = str(params.get("file_id") or "")
    row = objects.file_of(channel, given)
    if row is None:
        raise bad("invalid file_id")
    if len(row.content) > FILE_MAX:
        raise bad("file is too big")
    folder = "photos" if row.media_type.startswith("image/") else "documents"
    suffix = row.name.rpartition(".")[2] if "." in row.name else "bin"
    path = f"{folder}/{row.public_id}.{suffix[:8]}"
    unique = f"AQAD{row.public_id.hex[:11]}"
    return {"file_id": given, "file_unique_id": unique, "file_size": len(row.content), "file_path": path}


def get_chat(channel: Channel, params: Params, files: Files) -> Json:
    return sending.chat_of(channel, params) | {"accent_color_id": 0, "max_reaction_count": 11}


def set_my_commands(channel: Channel, params: Params, files: Files) -> bool:
    given = params.get("commands")
    names = [one.get("command") for one in given if isinstance(one, Mapping)] if isinstance(given, list) else [None]
    if not all(isinstance(name, str) and re.fullmatch(r"[a-z0-9_]{1,32}", name) for name in names):
        raise bad("BOT_COMMAND_INVALID")
    kit.remember(channel, "commands", given)
    return True


def get_my_commands(channel: Channel, params: Params, files: Files) -> list[Json]:
    known = kit.recall(channel, "commands", [])
    return list(known) if isinstance(known, list) else []


def delete_my_commands(channel: Channel, params: Params, files: Files) -> bool:
    kit.forget(channel, "commands")
    return True


METHODS: Mapping[str, Method] = {
    "getme": get_me,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "getupdates": get_updates,
    "sendmessage": sending.message,
    "sendlocation": sending.location,
    "sendvenue": sending.venue,
    "sendcontact": sending.contact,
    "sendphoto": sending.of_kind("photo"),
    "sendaudio": sending.of_kind("audio"),
    "senddocument": sending.of_kind("document"),
    "sendvideo": sending.of_kind("video"),
    "sendanimation": sending.of_kind("animation"),
    "sendvoice": sending.of_kind("voice"),
    "sendvideonote": sending.of_kind("video_note"),
    "sendsticker": sending.of_kind("sticker"),
    "sendmediagroup": sending.album,
    "sendchataction": send_chat_action,
    "setmessagereaction": sending.react,
    "editmessagetext": sending.edit_text,
    "editmessagecaption": sending.edit_caption,
    "editmessagereplymarkup": sending.edit_markup,
    "deletemessage": sending.delete,
    "answercallbackquery": answer_callback_query,
    "getfile": get_file,
    "getchat": get_chat,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
}
