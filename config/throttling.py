"""How often may somebody ask the API? One count for all processes, raised and read in a single step."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import redis
from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, ScopedRateThrottle, SimpleRateThrottle, UserRateThrottle

from common.crypto import blind

AWAY_SECONDS = 5.0  # after a failure Redis is not asked for so long; each process counts for itself meanwhile


class Shared(SimpleRateThrottle):
    """Counts in Redis per window of the rate, under a digest: no address stands in a key."""

    away_until = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        if isinstance(self, ScopedRateThrottle):
            self.scope = view.throttle_scope
            self.rate = self.get_rate()
            self.num_requests, self.duration = self.parse_rate(self.rate)
        key = self.get_cache_key(request, view)
        if key is None or self.num_requests is None or self.duration is None:
            return True
        if time.monotonic() >= Shared.away_until:
            try:
                return self._count(key) <= self.num_requests
            except (redis.RedisError, OSError):
                Shared.away_until = time.monotonic() + AWAY_SECONDS
        return super().allow_request(request, view)

    def wait(self) -> float | None:
        """Seconds until the window ends."""
        duration = self.duration or 1
        return duration - time.time() % duration

    def _count(self, key: str) -> int:
        duration = self.duration or 1
        name = f"{settings.HUB_CHANNEL}:throttle:{blind('throttle', value=f'{key}:{time.time() // duration}')}"
        with client().pipeline(transaction=True) as steps:
            steps.incr(name)
            steps.expire(name, duration + 1)
            return int(steps.execute()[0])


class Anonymous(Shared, AnonRateThrottle):
    """Callers without a login, by address."""


class Users(Shared, UserRateThrottle):
    """Logged-in callers, by account."""


class Scoped(Shared, ScopedRateThrottle):
    """One view's own rate, by address."""


@cache
def client() -> redis.Redis:
    """One pool of connections a process."""
    return redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS)
