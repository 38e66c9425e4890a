"""Which adapter serves a kind of channel? Each module beside `adapters.base` is one, found by its name: the kind."""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from channels_app import adapters
from channels_app.adapters.base import (
    NOTHING,
    REASONS,
    Account,
    Adapter,
    BadSignature,
    DeepLink,
    DeliveryError,
    Echo,
    Edit,
    Endpoint,
    Envelope,
    File,
    Finding,
    Handles,
    Inbound,
    Malformed,
    Moved,
    Notice,
    Outgoing,
    Parsed,
    Preference,
    RawEvent,
    Reach,
    Reaction,
    Receipt,
    Removal,
    Reply,
    Request,
    Sent,
    Signal,
    TemplateNews,
    safe_key,
)  # fmt: skip
from channels_app.adapters.base.kept import read_by as read_stored_events_by
from channels_app.adapters.base.pulling import TO_COLLECT, Pulling
from channels_app.adapters.base.templating import TemplateForm, TemplateSource
from channels_app.adapters.web import raw_event as web_event
from conversations import capabilities

if TYPE_CHECKING:
    from channels_app.models import Channel

__all__ = [
    "NOTHING", "REASONS", "TO_COLLECT", "Account", "Adapter", "BadSignature", "DeepLink", "DeliveryError", "Echo",
    "Edit", "Endpoint", "Envelope", "File", "Finding", "Handles", "Inbound", "Malformed", "Moved", "Notice", "Outgoing",
    "Parsed", "Preference", "Pulling", "RawEvent", "Reach", "Reaction", "Receipt", "Removal", "Reply", "Request",
    "Sent", "Signal", "TemplateForm", "TemplateNews", "UnknownKind", "account_of", "adapter", "kinds",
    "read_stored_events_by", "register_capabilities", "safe_key", "templates", "web_event",
]  # fmt: skip


class UnknownKind(Exception):
    """No adapter is written for this kind of channel."""


@cache
def kinds() -> Sequence[str]:
    """The kinds of channel that this installation can connect, by their words in `Channel.kind`."""
    return sorted(module.name for module in pkgutil.iter_modules(adapters.__path__) if module.name != "base")


@cache
def adapter(kind: str) -> Adapter:
    """The adapter of a kind, imported on first use, or `UnknownKind`."""
    if kind not in kinds():
        raise UnknownKind(kind)
    return cast(Adapter, import_module(f"{adapters.__name__}.{kind}").adapter)


def account_of(channel: Channel) -> Account:
    """A Channel in the plain values that adapters take; opens the credentials."""
    return Account(
        key=channel.key, account=channel.account, config=channel.config, credentials=channel.credentials or {}
    )


def templates(channel: Channel) -> Sequence[TemplateForm]:
    """What the provider has approved beforehand for this channel, or not yet; `DeliveryError` if it does not say."""
    found = adapter(channel.kind)
    return found.templates(account_of(channel)) if isinstance(found, TemplateSource) else ()


def register_capabilities() -> None:
    """Tells the renderer and the journeys what each kind can show; called once, when Django is ready."""
    for kind in kinds():
        capabilities.register(adapter(kind).capabilities)
