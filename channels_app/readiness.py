"""Is a channel filled in, so that it can work at all? Told by its settings and secrets alone: nobody is asked."""

from __future__ import annotations

from collections.abc import Sequence

from channels_app import registry
from channels_app.models import Channel
from common.crypto import CryptoError


def missing(channel: Channel) -> Sequence[str]:
    """What it lacks, by the names of its adapter; secrets that cannot be opened count as missing."""
    if channel.kind not in registry.kinds():
        return ()
    try:
        return registry.adapter(channel.kind).missing(registry.account_of(channel))
    except CryptoError:
        return ("credentials that can be opened",)


def words(names: Sequence[str]) -> str:
    """The same as a phrase for an operator: what is said of it on every page and by every command."""
    return f"not set up: no {', no '.join(names)}"


def is_proven_by_a_check(kind: str) -> bool:
    """The widget is served from here; whatever a provider stands behind has to be asked once."""
    return kind in registry.kinds() and not registry.adapter(kind).capabilities.pull
