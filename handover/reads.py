"""How many conversations does somebody on the staff read in an hour? Unusually many are told, far too many refused.

TooManyReads   429 too_many_reads   `retry_after`: seconds until the hour is over
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from functools import cache

import redis
from django.conf import settings

from common import clock
from common.problems import Problem
from customers import audit
from handover import limits

log = logging.getLogger(__name__)

HOUR = 3600
AWAY_SECONDS = 5.0  # after a failure Redis is not asked for so long; nobody is refused meanwhile

_away_until = 0.0


class TooManyReads(Problem):
    code, status = "too_many_reads", 429
    title = "You have opened unusually many conversations. Go on in an hour, or ask an administrator."


def note(*, user_id: int, conversations: Collection[int]) -> None:
    """These conversations were shown to this user. The same one counts once an hour, on all screens together.

    The first time that it is more than `READS_TOLD` is in the audit log, with the number, and in ours as an error;
    beyond `READS_MOST` it is `TooManyReads`. 0 switches either off.
    """
    told, most = limits.number("READS_TOLD"), limits.number("READS_MOST")
    if not conversations or not (told or most):
        return
    now = int(clock.now().timestamp())
    name = f"{settings.HUB_CHANNEL}:reads:{user_id}:{now // HOUR}"
    number, is_first = _count(name, conversations, told)
    if is_first:
        audit.record(actor=f"user:{user_id}", action="conversations.many", rows=number)
        log.error("user %s has read %s conversations within an hour", user_id, number)
    if most and number > most:
        raise TooManyReads(retry_after=HOUR - now % HOUR)


def _count(name: str, conversations: Collection[int], told: int) -> tuple[int, bool]:
    """How many different ones by now, within a percent, and whether they are more than `told` for the first time."""
    global _away_until
    if time.monotonic() < _away_until:
        return 0, False
    try:
        with _client().pipeline(transaction=False) as steps:
            steps.pfadd(name, *conversations)
            steps.pfcount(name)
            steps.expire(name, 2 * HOUR)
            number = int(steps.execute()[1])
        is_many = bool(told) and number > told
        return number, is_many and bool(_client().set(f"{name}:told", 1, nx=True, ex=2 * HOUR))
    except redis.RedisError:
        _away_until = time.monotonic() + AWAY_SECONDS
        return 0, False


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.2, socket_connect_timeout=0.2)
