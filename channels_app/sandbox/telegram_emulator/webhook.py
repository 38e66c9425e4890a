"""Where does a pretended bot want its updates? What `setWebhook` said last; without it, our own door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from channels_app.models import Channel
from channels_app.sandbox import kit
from common import clock

FACT, ERROR = "webhook", "webhook-error"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
# Sent only to a bot that names them.
BY_NAME = frozenset({"message_reaction", "message_reaction_count", "chat_member"})

DEMO = ("message", "edited_message", "callback_query", "my_chat_member", *sorted(BY_NAME))


@dataclass(frozen=True, slots=True)
class Webhook:
    """A bot's webhook; `url` '' means that it polls, no `allowed` ones mean all that need not be named."""

    url: str = ""
    secret_token: str = ""
    allowed: Sequence[str] = ()
    max_connections: int = 40

    def wants(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in BY_NAME

    def header(self) -> Mapping[str, str]:
        return {HEADER: self.secret_token} if self.secret_token else {}


def of(channel: Channel) -> Webhook:
    """As it was set; the demo's bot is set up from the start."""
    known = kit.recall(channel, FACT)
    if isinstance(known, dict):
        return Webhook(**known)
    secret = str((channel.credentials or {}).get("secret_token", ""))
    return Webhook(kit.webhook_url(channel), secret, DEMO)


def put(channel: Channel, webhook: Webhook) -> None:
    """From now on."""
    kit.remember(channel, FACT, asdict(webhook))
    kit.forget(channel, ERROR)


def note_error(channel: Channel, status: int) -> None:
    """The last time that our door did not take an update, and what it said."""
    said = f"Wrong response from the webhook: {status}" if status else "Connection refused"
    kit.remember(channel, ERROR, {"last_error_date": int(clock.now().timestamp()), "last_error_message": said})


def info(channel: Channel, pending: int) -> dict[str, Any]:
    """The WebhookInfo object."""
    webhook = of(channel)
    told: dict[str, Any] = {"url": webhook.url, "has_custom_certificate": False, "pending_update_count": pending}
    if webhook.url:
        told |= {"max_connections": webhook.max_connections, "ip_address": "127.0.0.1"}
    if webhook.allowed:
        told["allowed_updates"] = list(webhook.allowed)
    return told | (kit.recall(channel, ERROR) or {})
