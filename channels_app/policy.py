"""May this be sent now? Asked again at the moment of sending, whatever was decided before."""

from __future__ import annotations

from datetime import datetime, timedelta

from conversations.content import Content, Template

GIVE_UP = timedelta(hours=24)  # what could not be sent for a day is worth nothing any more
GIVE_UP_DEFERRED = timedelta(hours=72)


def is_overtaken(*, fence_epoch: int | None, owner_epoch: int) -> bool:
    """Has the conversation moved to somebody else since this was decided? What agents say is never fenced.

    Every move has its own epoch: what the system says while an agent has the floor is as true when it leaves.
    """
    return fence_epoch is not None and owner_epoch != fence_epoch


def refusal(
    *, content: Content, window_expires_at: datetime | None, queued_at: datetime, now: datetime, reason: str = ""
) -> str:
    """The reason why this must not go out, '' if it may. Outside the window only an approved template may.

    `reason` is what the last try met: whom the provider asked us to write to tomorrow gets more than a day.
    """
    if window_expires_at is not None and window_expires_at <= now and not isinstance(content, Template):
        return "outside_window"
    give_up = GIVE_UP_DEFERRED if reason == "deferred" else GIVE_UP
    return "provider_down" if queued_at + give_up <= now else ""
