"""What does the pretended page keep and post? Messages of both directions, echoes, deliveries and reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.messenger_emulator import payloads, platform
from channels_app.sandbox.models import SandboxFile, SandboxMessage
from common import clock

AGENT = "facebookexternalua"
SOON = 0.05  # seconds until an echo or a delivery is told
TICKED = "ticked:"  # fact: the reference of the box that this person ticked and has not written since
OBJECTS = {"messenger": "page", "instagram": "instagram"}


def take(channel: Channel, body: Mapping[str, Any], to: str, kept: SandboxFile | None) -> SandboxMessage:
    """Throughline sends: it shows on the phone, its echo and its delivery follow."""
    message = body["message"]
    files = [str(kept.public_id)] if kept else []
    row = _store(channel, to, {**message, "files": files}, is_from_customer=False, state="accepted")
    said = {name: message[name] for name in ("text", "metadata") if name in message}
    if shown := message.get("attachment"):
        said["attachments"] = [
            {"type": shown["type"], "payload": {"url": str(shown.get("payload", {}).get("url", ""))}}
        ]
    app_id = str(channel.config.get("app_id", ""))
    echo = {"mid": row.external_id, **said, "is_echo": True, **({"app_id": int(app_id)} if app_id.isdigit() else {})}
    post(channel, payloads.item(channel.account, to, clock.now(), message=echo), after=SOON)
    if "delivered" in kit.climb(row, ["sent", "delivered"]) and channel.kind == "messenger":
        told = payloads.delivery([row.external_id], clock.now() + timedelta(milliseconds=1))
        post(channel, payloads.item(to, channel.account, clock.now(), delivery=told), after=SOON * 2)
    return row


def say(channel: Channel, person: str, body: Mapping[str, Any], files: list[str] | None = None) -> SandboxMessage:
    """A person writes: stored, and on its way."""
    shown = {**body, "files": files or []}
    row = _store(channel, person, shown, is_from_customer=True, state="sent")
    told = {"mid": row.external_id, **body, **_prior(channel, person)}
    post(channel, payloads.item(person, channel.account, clock.now(), message=told), message=row)
    return row


def _prior(channel: Channel, person: str) -> dict[str, Any]:
    """The first words after a ticked box name the box, once."""
    reference = kit.recall(channel, f"{TICKED}{person}")
    kit.forget(channel, f"{TICKED}{person}")
    return {"prior_message": {"source": "checkbox_plugin", "identifier": reference}} if reference else {}


def tell(channel: Channel, person: str, **about: Any) -> None:
    """Something that is no message of its own: a reaction, an edit, an unsend, an opt-in, an opened link."""
    post(channel, payloads.item(person, channel.account, clock.now(), **about))


def press(channel: Channel, person: str, title: str, payload: str, ref: str = "") -> SandboxMessage:
    """A person presses a button of the page's menu, or `Get started`."""
    row = _store(channel, person, {"text": title}, is_from_customer=True, state="sent")
    pressed = payloads.postback(row.external_id, title, payload, ref)
    post(channel, payloads.item(person, channel.account, clock.now(), postback=pressed), message=row)
    return row


def answer_from_inbox(channel: Channel, person: str, text: str) -> SandboxMessage:
    """Staff writes in Meta's own inbox: we hear of it by an echo that names no app."""
    row = _store(channel, person, {"text": text}, is_from_customer=False, state="delivered")
    echo = payloads.message(row.external_id, text, is_echo=True)
    post(channel, payloads.item(channel.account, person, clock.now(), message=echo))
    return row


def burst(channel: Channel, person: str, texts: list[str]) -> None:
    """Several messages in one entry of one webhook."""
    items, row = [], None
    for text in texts:
        row = _store(channel, person, {"text": text}, is_from_customer=True, state="sent")
        told = payloads.message(row.external_id, text)
        items.append(payloads.item(person, channel.account, clock.now(), message=told))
    post(channel, *items, message=row)


def post(
    channel: Channel, *items: Mapping[str, Any], message: SandboxMessage | None = None, after: float = 0.0
) -> None:
    """One signed webhook with these items."""
    raw = payloads.encode(payloads.envelope(OBJECTS[channel.kind], channel.account, clock.now(), *items))
    signature = payloads.sign(str((channel.credentials or {}).get("app_secret", "")), raw)
    headers = {"Content-Type": "application/json", payloads.SIGNATURE: signature, "User-Agent": AGENT}
    kit.post(channel=channel, body=raw, headers=headers, message=message, after=after)


def _store(
    channel: Channel, address: str, body: Mapping[str, Any], *, is_from_customer: bool, state: str
) -> SandboxMessage:
    return kit.store(
        channel=channel,
        address=address,
        external_id=platform.new_mid(),
        body=body,
        is_from_customer=is_from_customer,
        state=state,
    )
