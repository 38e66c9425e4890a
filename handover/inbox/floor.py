"""Which sockets of agents are open in this event loop, and what runs while any is?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from django.db import close_old_connections

from handover import limits

log = logging.getLogger(__name__)

T = TypeVar("T")
THREADS = 4
AGAIN = 1.0  # seconds until a watch that stumbled begins again
LOG_IN_AGAIN, FORBIDDEN = 4401, 4403  # close codes

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="inbox")


class Screen(Protocol):
    """One open socket: whose it is, what it watches, and how it is told."""

    agent_id: int
    session_key: str
    password: str  # the hash at login: another one ends the session
    watched: dict[int, str]  # conversation id -> public id
    shown: dict[int, str]

    def tell(self, frame: str) -> None:
        """Queues a frame without waiting."""

    def drop(self, conversation_id: int) -> None:
        """Ends what this agent may no longer see."""

    def shut(self, code: int) -> None:
        """Closes the socket."""


Watch = Callable[["Floor"], Coroutine[Any, Any, None]]


class Floor:
    """The open screens; its watches start with the first one and end with the last."""

    def __init__(self) -> None:
        self.screens: set[Screen] = set()
        self._running: list[asyncio.Task[None]] = []

    def enter(self, screen: Screen) -> None:
        self.screens.add(screen)
        if not self._running:
            self._running = [asyncio.ensure_future(self._kept(watch)) for watch in _watches]

    def is_full(self, agent_id: int) -> bool:
        """Has this agent as many screens open here as one may have?"""
        theirs = sum(screen.agent_id == agent_id for screen in self.screens)
        return theirs >= limits.number("SCREENS_MOST")

    def leave(self, screen: Screen) -> None:
        self.screens.discard(screen)
        if not self.screens:
            for task in self._running:
                task.cancel()
            self._running = []
            _floors.pop(asyncio.get_running_loop(), None)

    async def _kept(self, watch: Watch) -> None:
        """A watch that stumbles is said in the log and begins again: every screen depends on it."""
        while True:
            task = asyncio.ensure_future(watch(self))
            try:
                await asyncio.wait([task])
            finally:
                task.cancel()
            if not task.cancelled() and task.exception():
                log.error("an inbox watch has ended", exc_info=task.exception())
            await asyncio.sleep(AGAIN)


_watches: list[Watch] = []
_floors: dict[asyncio.AbstractEventLoop, Floor] = {}


def watch(function: Watch) -> None:
    """Adds something that runs while screens are open; called once, on import."""
    _watches.append(function)


def here() -> Floor:
    """The floor of the running event loop."""
    return _floors.setdefault(asyncio.get_running_loop(), Floor())


async def in_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Runs what asks the database beside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _run, function, arguments)


def _run(function: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    close_old_connections()
    try:
        return function(*arguments)
    finally:
        close_old_connections()
