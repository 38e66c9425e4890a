"""Which of our channels work now, and which addresses can each be sent to? What an agent may choose to answer on."""

from __future__ import annotations

from collections import Counter

from channels_app import readiness, registry
from channels_app.models import Channel
from conversations import doors
from conversations.doors import Door
from customers.namespaces import Namespace
from handover.routing import flaws

LIVES = {
    "sms": Namespace.PHONE,
    "whatsapp": Namespace.PHONE,
    "email": Namespace.EMAIL,
    "telegram": Namespace.TELEGRAM_USER,
    "discord": Namespace.DISCORD_USER,
}


def ready() -> None:
    """The inbox asks us from now on, and who sets up a queue for one of them."""
    doors.register(working)
    flaws.know_channels(keys)


def keys() -> frozenset[str]:
    """Of every channel, whether it works or not."""
    return frozenset(Channel.objects.values_list("key", flat=True))


def working() -> list[Door]:
    """Those that are on, not stopped, and filled in. One query."""
    rows = Channel.objects.filter(is_enabled=True, stopped_reason="", kind__in=registry.kinds()).order_by("pk")
    able = [row for row in rows if not readiness.missing(row)]
    kinds = Counter(row.kind for row in able)
    return [Door(row.key, row.kind, row.title if kinds[row.kind] > 1 else "", LIVES.get(row.kind, "")) for row in able]
