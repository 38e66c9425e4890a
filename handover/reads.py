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
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import override

from common import clock
from common.problems import Problem
from conversations import realtime
from customers import audit
from customers.models import AuditEntry
from handover import limits
from handover.board import leads

log = logging.getLogger(__name__)

HOUR = 3600
LIMIT = "READS_TOLD"  # stands in the audit log as what was passed, so that the board finds it by index
AWAY_SECONDS = 5.0  # after a failure Redis is not asked for so long; nobody is refused meanwhile

_away_until = 0.0


class TooManyReads(Problem):
    code, status = "too_many_reads", 429
    title = "You have opened unusually many conversations. Go on in an hour, or ask an administrator."


def note(*, user_id: int, conversations: Collection[int]) -> None:
    """These conversations were shown to this user. The same one counts once an hour, on all screens together.

    The first time that it is more than `READS_TOLD` is in the audit log, with the number, and in ours as an error; who
    leads this user is told on their screens, and board and back office say so for a day. Beyond `READS_MOST` it is
    `TooManyReads`. 0 switches either off.
    """
    told, most = limits.number("READS_TOLD"), limits.number("READS_MOST")
    if not conversations or not (told or most):
        return
    now = int(clock.now().timestamp())
    name = f"{settings.HUB_CHANNEL}:reads:{user_id}:{now // HOUR}"
    number, is_first = _count(name, conversations, told)
    if is_first:
        audit.record(actor=f"user:{user_id}", action="conversations.many", object_id=LIMIT, rows=number)
        log.error("user %s has read %s conversations within an hour", user_id, number)
        _tell(user_id, number)
    if most and number > most:
        raise TooManyReads(retry_after=HOUR - now % HOUR)


def badge(request: HttpRequest) -> str:
    """How often it was told within a day, beside the audit log in the back office; nothing for never."""
    told = AuditEntry.objects.filter(object_id=LIMIT, at__gt=clock.now() - leads.CALLED_FOR)
    return str(told.count() or "")


def _tell(user_id: int, number: int) -> None:
    """A word on the open screens of everybody who leads them; who looks later finds it on the board."""
    name = leads.name_of(user_id)
    for agent_id, language in leads.over(user_id):
        with override(language):
            words = _("{name} has opened {number} conversations within an hour.").format(name=name, number=number)
        realtime.tell(f"agent:{agent_id}", {"type": "told", "data": {"words": words}})


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
