"""How far have agents read? What screens say is collected and written together, once a second."""

from __future__ import annotations

import asyncio
import json
import logging
from uuid import UUID

from django.db import DatabaseError

from handover import seeing
from handover.inbox import floor
from handover.inbox.floor import Floor, Screen

log = logging.getLogger(__name__)

EVERY = 1.0  # seconds between two statements


class Book:
    """What was seen and is not written yet."""

    def __init__(self, here: Floor) -> None:
        self.here = here
        self.looks: dict[tuple[int, int], int] = {}
        self.is_awake = asyncio.Event()

    def note(self, screen: Screen, conversation_id: int, seq: int) -> None:
        """An agent has the events up to `seq` before them; their other screens here are told."""
        key = (screen.agent_id, conversation_id)
        self.looks[key] = max(seq, self.looks.get(key, 0))
        frame = frame_of(screen.watched[conversation_id], seq)
        for other in self.here.screens:
            if other.agent_id == screen.agent_id and other is not screen:
                other.tell(frame)
        self.is_awake.set()

    async def run(self) -> None:
        while True:
            await self.is_awake.wait()
            await asyncio.sleep(EVERY)
            self.is_awake.clear()
            await self.flush()

    async def flush(self) -> None:
        looks, self.looks = self.looks, {}
        try:
            await floor.in_thread(seeing.write, looks)
        except DatabaseError as error:
            log.warning("what was seen waits: %s", type(error).__name__)
            self.looks = looks | self.looks
            self.is_awake.set()


_books: dict[Floor, Book] = {}


async def follow(here: Floor) -> None:
    """Keeps the book of a floor until its last screen leaves; what is in it then is still written."""
    book = _books.setdefault(here, Book(here))
    try:
        await book.run()
    finally:
        _books.pop(here, None)
        await asyncio.shield(book.flush())


def note(screen: Screen, public_id: UUID, seq: int) -> None:
    """Only of what the screen watches, hence may see."""
    known = next((pk for pk, name in screen.watched.items() if name == str(public_id)), None)
    if known is not None:
        _books.setdefault(floor.here(), Book(floor.here())).note(screen, known, seq)


def frame_of(public_id: str, seq: int) -> str:
    return json.dumps({"v": 1, "type": "seen", "data": {"id": public_id, "seq": seq}})


floor.watch(follow)
