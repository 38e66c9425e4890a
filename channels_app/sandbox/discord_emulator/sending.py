"""What becomes of a message that a bot sends? Checked, shown once however often it comes, told to the gateway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.discord_emulator import cdn, limits, objects, rules, sessions
from channels_app.sandbox.kit import Answer
from channels_app.sandbox.shapes import Upload
from common import clock

NONCE_LIFE = 300.0  # seconds in which the same nonce gives the same message
SENT = ("content", "components", "nonce", "embeds", "flags", "tts")
FAILURES: Mapping[str, Answer] = {
    kit.TOO_MANY: limits.too_many(1.337),
    kit.BROKEN: rules.BROKEN,
    "50007": rules.CANNOT_SEND,
    "50278": rules.refusal(403, 50278, "Cannot send messages to this user due to having no mutual guilds"),
    "10003": rules.UNKNOWN_CHANNEL,
    "50013": rules.refusal(403, 50013, "Missing Permissions"),
    "40003": rules.refusal(429, 40003, "You are opening direct messages too fast"),
    "130000": rules.OVERLOADED,
    "401": rules.UNAUTHORIZED,
}
LABELS: Mapping[str, str] = {
    "50007": "50007 cannot message this user",
    "50278": "50278 no mutual servers",
    "10003": "10003 unknown channel",
    "50013": "50013 missing permissions",
    "40003": "40003 opening messages too fast",
    "130000": "130000 overloaded",
    "401": "401 unauthorized (token reset)",
}


def take(channel: Channel, place: str, user: str, body: Any, files: Sequence[Any]) -> Answer:
    """The message object of a 200, the one of before if its nonce is known, or the refusal."""
    if refused := rules.check(body, [file.size or 0 for file in files]):
        return refused
    if kit.recall(channel, f"blocked:{user}"):
        return rules.CANNOT_SEND
    if (before := _before(channel, place, body)) is not None:
        return Answer(200, before)
    members = {name: body[name] for name in SENT if body.get(name) is not None}
    shown = [cdn.attachment(channel, place, kit.keep_file(channel, _upload(file))) for file in files]
    reference = objects.mapping(body.get("message_reference")).get("message_id")
    answered = kit.find_message(channel, str(reference)) if reference else None
    if answered is not None:
        members |= {"type": objects.REPLY, "referenced_message": answered.body}
        members["message_reference"] = {"type": 0, "message_id": answered.external_id, "channel_id": place}
    message = objects.message(channel, place, objects.bot(channel), attachments=shown, **members)
    kit.store(channel=channel, address=user, external_id=message["id"], body=message, is_from_customer=False, state="")
    if body.get("nonce"):
        remembered = {"id": message["id"], "at": clock.now().timestamp()}
        kit.remember(channel, f"nonce:{place}:{body['nonce']}", remembered)
    sessions.dispatch(channel, "MESSAGE_CREATE", message)
    return Answer(200, message)


def _before(channel: Channel, place: str, body: Mapping[str, Any]) -> Any:
    """With `enforce_nonce`: the message that was sent with this nonce a few minutes ago."""
    if not body.get("enforce_nonce") or not body.get("nonce"):
        return None
    found = kit.recall(channel, f"nonce:{place}:{body['nonce']}")
    if not isinstance(found, dict) or clock.now().timestamp() - found["at"] > NONCE_LIFE:
        return None
    row = kit.find_message(channel, str(found["id"]))
    return row.body if row else None


def _upload(file: Any) -> Upload:
    return Upload(file.read(), file.content_type or "application/octet-stream", file.name or "file")
