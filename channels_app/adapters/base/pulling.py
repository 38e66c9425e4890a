"""Where does a channel's mail wait until we come for it? What an adapter must know to be asked, beside its webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from channels_app.adapters.base.contract import Account, RawEvent

TO_COLLECT = "to_collect"  # the kind of Notice that a pointer gives: its event waits for `collect`


@dataclass(frozen=True, slots=True)
class Pulled:
    """What was there, and where to go on: `place` is JSON, to be kept in the transaction that stores the events."""

    events: tuple[RawEvent, ...]
    place: Mapping[str, Any]
    has_more: bool = False


@runtime_checkable
class Pulling(Protocol):
    """An adapter that is not only posted to."""

    def is_pulled(self, account: Account) -> bool:
        """Must somebody look whether there is something?"""

    def pull(self, account: Account, place: Mapping[str, Any], limit: int) -> Pulled:
        """The next events after a place ({} at the very first time); marks nothing there. `DeliveryError`."""

    def wait(self, account: Account, seconds: float) -> None:
        """Returns early when the other side tells of news. `DeliveryError` when it cannot."""

    def collect(self, account: Account, raw: str) -> RawEvent:
        """The event that a stored pointer stands for, fetched from the provider. `DeliveryError`, `FetchError`."""
