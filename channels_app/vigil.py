"""Which open sockets have lost their ground? One query for all visits of this process, every few seconds. (J12)"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from channels.db import database_sync_to_async
from django.db import DatabaseError

from channels_app import visits
from channels_app.models import Visit
from common import clock

log = logging.getLogger(__name__)
SECONDS = 3.0  # revoked, expired, ended: noticed within this time

Mark = tuple[object, ...]


class Guarded(Protocol):
    """A socket whose visit is looked after."""

    visit_id: str
    is_moving: bool  # something was said to it: it may stand in another conversation by now

    async def look_again(self) -> None:
        """Its visit has changed, or is gone: stands there still who was let in?"""


class Vigil:
    """The sockets of one event loop; it watches while there are any."""

    def __init__(self) -> None:
        self.marks: dict[Guarded, Mark | None] = {}
        self.task: asyncio.Task[None] | None = None

    def enter(self, socket: Guarded) -> None:
        self.marks[socket] = None
        if self.task is None or self.task.done():
            self.task = asyncio.ensure_future(self._watch())

    def leave(self, socket: Guarded) -> None:
        self.marks.pop(socket, None)
        if not self.marks and self.task is not None:
            self.task.cancel()
            self.task = None

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(SECONDS)
            try:
                await self._look()
            except DatabaseError as error:
                log.warning("widget visits cannot be read: %s", type(error).__name__)

    async def _look(self) -> None:
        sockets = dict(self.marks)
        found = await database_sync_to_async(marks)({socket.visit_id for socket in sockets})
        for socket, before in sockets.items():
            mark = found.get(socket.visit_id)
            if socket in self.marks:
                self.marks[socket] = mark
            if mark is None or mark != before or socket.is_moving:
                await socket.look_again()


def marks(visit_ids: Collection[str]) -> dict[str, Mark]:
    """What each open visit rests on, comparable; notes that their browsers are there."""
    now = clock.now()
    rows = Visit.objects.filter(public_id__in=visit_ids, ended_at__isnull=True, channel__is_enabled=True)
    at_home = rows.exclude(channel__config__kiosk=True)  # a socket at a kiosk says nothing about who stands there
    at_home.filter(last_seen_at__lt=now - visits.TOUCH_EVERY).update(last_seen_at=now)
    found = [
        visit for visit in rows.select_related("key", "person", "channel", "visitor") if not visits.is_over(visit, now)
    ]
    return {str(visit.public_id): _mark(visit, now) for visit in found}


def _mark(visit: Visit, now: datetime) -> Mark:
    return (
        visit.person_id,
        visit.proven_until,
        tuple(visit.proven),
        tuple(visits.joined(visit)),
        visits.is_signed_in(visit, now),
    )


_vigils: dict[asyncio.AbstractEventLoop, Vigil] = {}


def here() -> Vigil:
    """The vigil of the running event loop."""
    return _vigils.setdefault(asyncio.get_running_loop(), Vigil())
