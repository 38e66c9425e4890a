"""Whose side panel must look again? Told to screens that watch a conversation of the person, twice a second at most."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Collection
from typing import Any

from django.db import DatabaseError

from conversations import hub
from conversations.models import Conversation
from customers.models import Customer
from handover.inbox import floor
from handover.inbox.floor import Floor

log = logging.getLogger(__name__)

EVERY = 0.5  # seconds in which changes of one person are gathered


class PersonFeed:
    """The customers about whom something is different."""

    def __init__(self, here: Floor) -> None:
        self.here = here
        self.changed: set[int] = set()
        self.is_awake = asyncio.Event()

    async def heard(self, data: dict[str, Any]) -> None:
        """The hub's `person` topic: ids of customers."""
        self.changed.update(data["ids"])
        self.is_awake.set()

    async def run(self) -> None:
        while True:
            await self.is_awake.wait()
            self.is_awake.clear()
            due, self.changed = self.changed, set()
            try:
                await self._tell(due)
            except DatabaseError as error:
                log.warning("changed customers wait: %s", type(error).__name__)
                self.changed |= due
                self.is_awake.set()
            await asyncio.sleep(EVERY)

    async def _tell(self, due: set[int]) -> None:
        seen = {pk for screen in self.here.screens for pk in (*screen.watched, *screen.shown)}
        meant = await floor.in_thread(_conversations_of, due, seen) if seen else set()
        if not meant:
            return
        # Their lines in the lists carry the name.
        hub.here().heard(json.dumps({"names": [f"desk:{pk}" for pk in sorted(meant)]}).encode())
        for screen in list(self.here.screens):
            for pk in meant & screen.watched.keys():
                frame = {"v": 1, "type": "person", "data": {"conversation": screen.watched[pk]}}
                screen.tell(json.dumps(frame))


async def follow(here: Floor) -> None:
    """Feeds the screens of a floor until the last one leaves."""
    feed = PersonFeed(here)
    hub.here().listen("person", feed.heard)
    try:
        await feed.run()
    finally:
        hub.here().unlisten("person", feed.heard)


def _conversations_of(customers: Collection[int], among: Collection[int]) -> set[int]:
    roots = Customer.objects.filter(pk__in=customers).values("root_id")
    found = Conversation.objects.filter(pk__in=among, customer__root_id__in=roots)
    return set(found.values_list("pk", flat=True))


floor.watch(follow)
