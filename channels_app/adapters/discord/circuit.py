"""May Discord be called now? Its own limits kept from the headers, and a stop before it bans our address.

10,000 answers of 401, 403 or 429 within ten minutes ban the address of every bot behind it.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

import httpx

from channels_app.adapters.base import DeliveryError
from channels_app.adapters.discord import errors

WINDOW = 600.0  # seconds over which Discord counts
REFUSALS_MAX = 1_000  # a tenth of what bans us: other bots may share the address
TOKEN_REST = 60.0  # seconds without asking, after a token was refused
KEPT = 4_096  # buckets that are remembered
INVALID = frozenset({401, 403, 429})


class Circuit:
    """What one token may do; shared by the threads that send."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self.refused: deque[float] = deque()
        self.refused_token_until = 0.0
        self.full_until: OrderedDict[str, float] = OrderedDict()
        self.lock = threading.Lock()

    def ask(self, bucket: str) -> None:
        """Returns if this bucket may be asked now, else raises what its refusal would be."""
        with self.lock:
            now = self.now()
            if now < self.refused_token_until:
                raise DeliveryError("channel_down", provider_code="401", provider_text="Discord refused the token")
            while self.refused and self.refused[0] <= now - WINDOW:
                self.refused.popleft()
            if len(self.refused) >= REFUSALS_MAX:
                wait = self.refused[0] + WINDOW - now
                raise DeliveryError("provider_down", retry_after=wait, provider_text="too many refusals: we pause")
            until = max(self.full_until.get(bucket, 0.0), self.full_until.get("", 0.0))
            if now < until:
                raise DeliveryError("rate_limited", retry_after=until - now, provider_text="Discord's limit is used up")

    def heard(self, bucket: str, answer: httpx.Response) -> None:
        """Notes what an answer says about the next call."""
        with self.lock:
            now = self.now()
            scope = answer.headers.get("x-ratelimit-scope", "")
            if answer.status_code in INVALID and scope != "shared":
                self.refused.append(now)
            if answer.status_code == 401:
                self.refused_token_until = now + TOKEN_REST
            if answer.status_code == 429 and answer.headers.get("x-ratelimit-global"):
                self._fill("", now + (errors.wait(answer) or 1.0))
            elif answer.headers.get("x-ratelimit-remaining") == "0":
                self._fill(bucket, now + _reset_after(answer))

    def forgive(self) -> None:
        """A check proved the token: it may be used again."""
        with self.lock:
            self.refused_token_until = 0.0

    def _fill(self, bucket: str, until: float) -> None:
        self.full_until[bucket] = until
        self.full_until.move_to_end(bucket)
        while len(self.full_until) > KEPT:
            self.full_until.popitem(last=False)


def _reset_after(answer: httpx.Response) -> float:
    try:
        return min(max(float(answer.headers.get("x-ratelimit-reset-after", "0")), 0.0), errors.DAY)
    except ValueError:
        return 0.0
