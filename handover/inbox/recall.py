"""Which conversations have moved without a word of it coming here? Looked up at every poll, told as if it had come.

While Redis is away, or was for a moment, no hint reaches this process: rows and offers would stay as they were.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

from django.db import DatabaseError
from django.db.models import Max

from conversations import hub
from conversations.models import ConversationEvent
from handover.inbox import floor
from handover.inbox.floor import Floor

log = logging.getLogger(__name__)

MOST = 2000  # conversations of one look, the newest


class Recall:
    """What was heard between the last polls, and how far the log went at each of them.

    It looks back by two: an event may be committed after one with a higher number.
    """

    def __init__(self) -> None:
        self.heard_now: set[int] = set()
        self.heard_before: set[int] = set()
        self.last: int | None = None
        self.before_last: int | None = None

    async def heard(self, data: dict[str, Any]) -> None:
        """The hub's `desk` topic."""
        self.heard_now.update(data["ids"])

    async def polled(self, data: dict[str, Any]) -> None:
        """The hub's `poll` topic."""
        known = self.heard_now | self.heard_before
        self.heard_before, self.heard_now = self.heard_now, set()
        try:
            found, end = await floor.in_thread(_since, self.before_last)
        except DatabaseError as error:
            log.warning("the look back waits: %s", type(error).__name__)
            self.heard_before = known
            return
        self.before_last, self.last = end if self.last is None else self.last, end
        if missed := found - known:
            hub.here().tell("desk", {"ids": sorted(missed)})


async def follow(here: Floor) -> None:
    """Looks back for the screens of a floor until the last one leaves."""
    recall = Recall()
    hub.here().listen("desk", recall.heard)
    hub.here().listen("poll", recall.polled)
    try:
        await recall.polled({})
        await asyncio.Event().wait()
    finally:
        hub.here().unlisten("desk", recall.heard)
        hub.here().unlisten("poll", recall.polled)


def _since(number: int | None) -> tuple[set[int], int]:
    """The conversations with an event past this one, and the number of the last event there is."""
    end = ConversationEvent.objects.aggregate(end=Max("pk"))["end"] or 0
    if number is None or number >= end:
        return set(), end
    rows = ConversationEvent.objects.filter(pk__gt=number).order_by("-pk").values_list("conversation_id", flat=True)
    return _first(rows.iterator(), MOST), end


def _first(numbers: Iterable[int], most: int) -> set[int]:
    found: set[int] = set()
    for number in numbers:
        found.add(number)
        if len(found) >= most:
            break
    return found


floor.watch(follow)
