"""How does rendered content look as a request of the Send API? One text or one attachment a call."""

from __future__ import annotations

from typing import Any

from channels_app.adapters.base import DeliveryError, File, Outgoing, Signal
from channels_app.adapters.messenger import mark
from conversations.content import Choice, Content, Media, Text

REPLIES_MAX, TITLE_MAX, PAYLOAD_MAX = 13, 20, 1000
ACTIONS = {"typing": "typing_on", "read": "mark_seen"}


def request(outgoing: Outgoing, *, marks: bool) -> dict[str, Any]:
    """The JSON body of one send, or `DeliveryError("rejected" | "unreachable")` when there is no such request.

    `marks`: the message carries our id, which its echo brings back: so a send whose answer was lost is settled.
    """
    message = _message(outgoing.content)
    if marks:
        message["metadata"] = mark.written(outgoing.ref)
    return _type(outgoing) | {"recipient": _recipient(outgoing.namespace, outgoing.address), "message": message}


def upload(outgoing: Outgoing) -> File | None:
    """The bytes to send along instead of a link, if our storage has them."""
    return outgoing.load() if isinstance(outgoing.content, Media) and outgoing.load else None


def action(signal: Signal) -> dict[str, Any]:
    """Typing bubbles (they last 20 s), or the marks of what was read."""
    return {"recipient": _recipient(signal.namespace, signal.address), "sender_action": ACTIONS[signal.kind]}


def _type(outgoing: Outgoing) -> dict[str, Any]:
    """After the 24 hours only a person of ours may write, and says so; the policy has asked who it is."""
    if outgoing.is_late and outgoing.author == "agent":
        return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    return {"messaging_type": "RESPONSE"}


def _recipient(namespace: str, address: str) -> dict[str, str]:
    if namespace != "messenger_user":
        raise DeliveryError("unreachable", provider_text=f"this channel cannot be sent to a {namespace}")
    reference = mark.of_user_ref(address)
    return {"user_ref": reference} if reference else {"id": address}


def _message(content: Content) -> dict[str, Any]:
    match content:
        case Text():
            return {"text": content.text}
        case Choice():
            return {"text": content.text, "quick_replies": _replies(content)}
        case Media():
            # Without a link the bytes go along; `client.send` refuses when there are neither.
            payload = {"url": content.url} if content.url else {}
            return {"attachment": {"type": content.kind, "payload": {**payload, "is_reusable": False}}}
        case _:
            raise DeliveryError("rejected", provider_text=f"this channel has no message for {content.type}")


def _replies(choice: Choice) -> list[dict[str, str]]:
    return [
        {
            "content_type": "text",
            "title": option.label[:TITLE_MAX],
            "payload": (option.payload or option.id)[:PAYLOAD_MAX],
        }
        for option in choice.options[:REPLIES_MAX]
    ]
