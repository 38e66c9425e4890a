"""Which signed-in browsers hear that something about their person is different? That it is, and no more."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Collection
from typing import Any, Protocol

from channels.db import database_sync_to_async
from django.db import DatabaseError

from conversations import hub
from customers.models import Customer, Identity

log = logging.getLogger(__name__)
EVERY = 0.5  # seconds in which changes are gathered
FRAME = json.dumps({"type": "person"})


class Signed(Protocol):
    """A socket whose browser a site's login vouches for."""

    def tell(self, frame: str) -> None:
        """Takes a frame without waiting."""


class PersonNews:
    """The sockets of one event loop, each with the address it stands for; it listens while there are any."""

    def __init__(self) -> None:
        self.sockets: dict[Signed, int] = {}
        self.changed: set[int] = set()
        self.task: asyncio.Task[None] | None = None

    def enter(self, socket: Signed, identity_id: int) -> None:
        """From now on this socket hears of the person behind the address."""
        self.sockets[socket] = identity_id
        hub.here().listen("person", self.heard)

    def leave(self, socket: Signed) -> None:
        """It hears no more."""
        self.sockets.pop(socket, None)
        if not self.sockets:
            hub.here().unlisten("person", self.heard)

    async def heard(self, data: dict[str, Any]) -> None:
        """The hub's `person` topic: ids of customers."""
        self.changed.update(data["ids"])
        if self.task is None or self.task.done():
            self.task = asyncio.ensure_future(self._tell())

    async def _tell(self) -> None:
        while self.changed:
            due, self.changed = self.changed, set()
            try:
                meant = await database_sync_to_async(_addresses_of)(due, set(self.sockets.values()))
            except DatabaseError as error:
                log.warning("changed customers are not told of: %s", type(error).__name__)
                return
            for socket, identity_id in list(self.sockets.items()):
                if identity_id in meant:
                    socket.tell(FRAME)
            await asyncio.sleep(EVERY)


def _addresses_of(customers: Collection[int], among: Collection[int]) -> set[int]:
    """Which of these addresses belong to the same people."""
    roots = Customer.objects.filter(pk__in=customers).values("root_id")
    found = Identity.objects.filter(pk__in=among, customer__root_id__in=roots)
    return set(found.values_list("pk", flat=True))


_news: dict[asyncio.AbstractEventLoop, PersonNews] = {}


def here() -> PersonNews:
    """The news of the running event loop."""
    return _news.setdefault(asyncio.get_running_loop(), PersonNews())
