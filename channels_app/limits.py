"""How much may one browser, or one address, ask of this process? Token buckets in memory, bounded."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable


class Limit:
    """`burst` at once, then `per_second`; remembers the `most` latest names, so a flood of names costs no memory."""

    def __init__(
        self, *, burst: float, per_second: float, most: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.burst, self.per_second, self.most, self.clock = burst, per_second, most, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, name: str) -> float:
        """Takes one; 0.0 if there was one to take, else the seconds until there is."""
        now = self.clock()
        with self._lock:
            left, since = self._buckets.pop(name, (self.burst, now))
            left = min(self.burst, left + (now - since) * self.per_second)
            taken = left >= 1
            self._buckets[name] = (left - 1 if taken else left, now)
            while len(self._buckets) > self.most:
                self._buckets.popitem(last=False)
        return 0.0 if taken else (1 - left) / self.per_second

    def forget(self) -> None:
        """Everybody begins anew."""
        with self._lock:
            self._buckets.clear()


class Count:
    """How many are open at once under one name."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._open: dict[str, int] = {}

    def enter(self, name: str) -> bool:
        """Counts one more; False, and not counted, when there are `most` already."""
        if self._open.get(name, 0) >= self.most:
            return False
        self._open[name] = self._open.get(name, 0) + 1
        return True

    def leave(self, name: str) -> None:
        """Counts one less."""
        left = self._open.get(name, 0) - 1
        if left > 0:
            self._open[name] = left
        else:
            self._open.pop(name, None)


MESSAGES = Limit(burst=20, per_second=1)  # per visit: what a person can type, and an outbox that is flushed
VISITS = Limit(burst=300, per_second=5)  # per address: visits and logins; a whole office may share one address
OPENINGS = Limit(burst=60, per_second=0.5)  # per address: journeys that begin because a chat is opened
UPLOADS = Limit(burst=12, per_second=0.2)  # per visit
UPLOADS_OF_ADDRESS = Limit(burst=60, per_second=1)
LEADS = Limit(burst=5, per_second=0.1)  # per visit: links to other channels; the hour's limit is kept with the codes
TYPING = Limit(burst=3, per_second=0.5)  # per visit
SOCKETS_OF_ADDRESS = Count(500)
SOCKETS_OF_VISIT = Count(10)
