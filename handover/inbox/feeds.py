"""What runs while any screen is open? Each feed watches for one kind of news; they register when they are imported."""

from __future__ import annotations

from handover.inbox import boardfeed, herefeed, offerfeed, personfeed, recall, rowfeed, seenfeed, viewfeed, warden
from handover.inbox.floor import Screen

WATCHES = (
    rowfeed.follow,
    personfeed.follow,
    herefeed.follow,
    seenfeed.follow,
    offerfeed.follow,
    boardfeed.follow,
    viewfeed.follow,
    recall.follow,
    warden.keep_watch,
)


def ready() -> int:
    """How many there are; who serves a socket asks, and so has imported them."""
    return len(WATCHES)


async def catch_up(screen: Screen) -> None:
    """What a screen that says which rows it shows has missed of them."""
    herefeed.catch_up(screen)
    await rowfeed.catch_up(screen)
