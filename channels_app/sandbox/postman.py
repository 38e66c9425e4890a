"""Who carries the pretended provider's webhooks to our door? One thread, a bounded queue; it tries again like Meta."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import httpx

log = logging.getLogger(__name__)

ROOM = 2000  # letters that may wait; what comes on top is dropped and said in the log
RETRIES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # seconds; a real provider goes on for days
TIMEOUT = 10.0


def _like_meta(tries: int, retry_after: str) -> float | None:
    return RETRIES[tries] if tries < len(RETRIES) else None


@dataclass(frozen=True, slots=True)
class Letter:
    """One signed webhook; `note` is told the outcome of each try: (status or 0, answer, milliseconds).

    `again`: (tries that failed before this one, the answer's Retry-After) -> seconds until the next, None for never.
    """

    url: str
    body: bytes
    headers: Mapping[str, str]
    note: Callable[[int, str, int], None] = lambda status, answer, took: None
    tries: int = 0
    again: Callable[[int, str], float | None] = _like_meta


@dataclass(order=True, slots=True)
class _Waiting:
    due: float
    turn: int
    letter: Letter = field(compare=False)


class Postman:
    """Posts letters when they are due, in the order of their due times."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._changed = threading.Condition()
        self._turns = itertools.count()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def post(self, letter: Letter, after: float = 0.0) -> bool:
        """Takes a letter to be posted after so many seconds; False when the queue is full or closed."""
        with self._changed:
            if self._is_closed:
                return False
            if len(self._waiting) >= ROOM:
                log.warning("sandbox postman is full; a webhook is dropped")
                return False
            heapq.heappush(self._waiting, _Waiting(time.monotonic() + after, next(self._turns), letter))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="sandbox-postman", daemon=True)
                self._thread.start()
            self._changed.notify()
        return True

    def close(self) -> None:
        """Drops what waits and takes nothing more; returns when the letter under way has been answered and noted."""
        with self._changed:
            self._is_closed = True
            self._waiting.clear()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(2 * TIMEOUT)

    def _work(self) -> None:
        with httpx.Client(timeout=TIMEOUT, trust_env=False) as client:
            while letter := self._next():
                self._deliver(client, letter)

    def _next(self) -> Letter | None:
        with self._changed:
            while not self._is_closed:
                wait = self._waiting[0].due - time.monotonic() if self._waiting else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._waiting).letter
                self._changed.wait(wait)
        return None

    def _deliver(self, client: httpx.Client, letter: Letter) -> None:
        started, retry_after = time.monotonic(), ""
        try:
            answer = client.post(letter.url, content=letter.body, headers=dict(letter.headers))
            status, words = answer.status_code, answer.text[:2000]
            retry_after = answer.headers.get("retry-after", "")
        except httpx.HTTPError as error:
            status, words = 0, type(error).__name__
        letter.note(status, words, round((time.monotonic() - started) * 1000))
        if not 200 <= status < 300 and (wait := letter.again(letter.tries, retry_after)) is not None:
            self.post(replace(letter, tries=letter.tries + 1), wait)


_carry: Callable[[Letter, float], bool] = Postman().post


def post(letter: Letter, after: float = 0.0) -> bool:
    """Takes a letter to be posted after so many seconds; False when the queue is full."""
    return _carry(letter, after)


def carried_by(carry: Callable[[Letter, float], bool]) -> Callable[[Letter, float], bool]:
    """From now on letters go to `carry`; gives back who carried them before."""
    global _carry
    before, _carry = _carry, carry
    return before
