"""Where is the raw event that a file came in? Some channels (e-mail) send files inside of the event itself.

Such an `Inbound.media[*].reference` names its event, and `fetch` reads it again from what is stored: nothing is copied
until the file is stored as an attachment, and nothing is lost if that fails. Adapters know no database: the house says,
once, how stored events are read.
"""

from __future__ import annotations

from collections.abc import Callable

from channels_app.adapters.base.outcomes import DeliveryError

Read = Callable[[str, str], str | None]  # (channel key, event key) -> the raw event
_read: Read = lambda channel, key: None  # noqa: E731 -- until the house has said it


def read_by(read: Read) -> Read:
    """From now on stored events are read by `read`; gives back what read them before."""
    global _read
    before, _read = _read, read
    return before


def raw(channel: str, key: str) -> str:
    """The raw event of a channel; `DeliveryError` (permanent) once it is no longer kept."""
    found = _read(channel, key)
    if found is None:
        raise DeliveryError("rejected", provider_text="the message it came in is no longer kept")
    return found
