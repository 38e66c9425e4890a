"""Which adapter serves a kind of channel? Kind -> dotted path, imported on first use; the only door to adapters."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from channels_app.adapters.base import (
    REASONS,
    Account,
    Adapter,
    BadSignature,
    DeliveryError,
    Endpoint,
    Envelope,
    Finding,
    Inbound,
    Malformed,
    Notice,
    Outgoing,
    Parsed,
    RawEvent,
    Receipt,
    Request,
    Sent,
    safe_key,
)
from channels_app.adapters.web import raw_event as web_event
from conversations import capabilities

if TYPE_CHECKING:
    from channels_app.models import Channel

__all__ = [
    "REASONS",
    "Account",
    "Adapter",
    "BadSignature",
    "DeliveryError",
    "Endpoint",
    "Envelope",
    "Finding",
    "Inbound",
    "Malformed",
    "Notice",
    "Outgoing",
    "Parsed",
    "RawEvent",
    "Receipt",
    "Request",
    "Sent",
    "UnknownKind",
    "account_of",
    "adapter",
    "register_capabilities",
    "safe_key",
    "web_event",
]

ADAPTERS = {
    "web": "channels_app.adapters.web",
    "whatsapp": "channels_app.adapters.whatsapp",
}


class UnknownKind(Exception):
    """No adapter is written for this kind of channel."""


@cache
def adapter(kind: str) -> Adapter:
    """The adapter of a kind, or `UnknownKind`."""
    if kind not in ADAPTERS:
        raise UnknownKind(kind)
    return cast(Adapter, import_module(ADAPTERS[kind]).adapter)


def account_of(channel: Channel) -> Account:
    """A Channel in the plain values that adapters take; opens the credentials."""
    return Account(
        key=channel.key, account=channel.account, config=channel.config, credentials=channel.credentials or {}
    )


def register_capabilities() -> None:
    """Tells the renderer and the journeys what each kind can show; called once, when Django is ready."""
    for kind in ADAPTERS:
        capabilities.register(adapter(kind).capabilities)
