"""May an open socket still see what it watches and lists? Asked every few seconds, whether or not it was announced."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import NamedTuple
from weakref import WeakKeyDictionary

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone

from handover import sight
from handover.inbox import floor, rowfeed
from handover.inbox.floor import Floor, Screen
from handover.models import Agent

log = logging.getLogger(__name__)

EVERY = 3.0  # seconds; a withdrawn right ends within 5
LOG_IN_AGAIN, FORBIDDEN = floor.LOG_IN_AGAIN, floor.FORBIDDEN


class Right(NamedTuple):
    """What an agent's sight depends on, and the hash that a session was begun with."""

    password: str
    sees_all: bool
    memberships: frozenset[str]


_known: WeakKeyDictionary[Screen, Right] = WeakKeyDictionary()  # as it was when the screen's list was last looked at


async def keep_watch(here: Floor) -> None:
    """Closes the sockets of ended sessions and deactivated agents, and ends subscriptions that lost their right."""
    while True:
        await asyncio.sleep(EVERY)
        try:
            await check(here)
        except DatabaseError as error:  # nothing new is shown while the database is away
            log.warning("rights of open screens could not be checked: %s", type(error).__name__)


async def check(here: Floor) -> None:
    """One round. The rows of a list are looked at when the agent's memberships have changed: a row that moves is told
    of anyway."""
    screens = list(here.screens)
    keys = {screen.session_key for screen in screens}
    agent_ids = {screen.agent_id for screen in screens}
    # What a screen begins to watch while this is asked was authorised just then, and is looked at in the next round.
    asked = {screen: set(screen.watched) for screen in screens}
    sessions, rights, visible = await floor.in_thread(_read, keys, agent_ids, set().union(*asked.values()))
    for screen in screens:
        right = rights.get(screen.agent_id)
        if right is None:
            screen.shut(FORBIDDEN)
        elif screen.session_key not in sessions or right.password != screen.password:
            screen.shut(LOG_IN_AGAIN)
        else:
            for conversation in asked[screen] - visible.get(screen.agent_id, set()):
                screen.drop(conversation)
            if _known.setdefault(screen, right) != right:
                await _look_over(screen)
                _known[screen] = right


async def _look_over(screen: Screen) -> None:
    """The agent's memberships are others than before: rows that are no longer theirs leave the list."""
    listed = set(screen.shown)
    seen = await floor.in_thread(sight.of, {screen.agent_id}, listed)
    for conversation in listed - seen.get(screen.agent_id, set()):
        rowfeed.forget(screen, conversation)


def _read(
    keys: Collection[str], agent_ids: Collection[int], watched: Collection[int]
) -> tuple[set[str], dict[int, Right], dict[int, set[int]]]:
    # Web sessions live in real time: the sandbox's clock logs nobody out.
    live = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    agents = Agent.objects.filter(pk__in=agent_ids, is_active=True, user__is_active=True)
    known = agents.values_list("pk", "user__password", "user__is_superuser").annotate(
        queues=ArrayAgg("memberships__queue_id", filter=Q(memberships__isnull=False), default=[]),
        roles=ArrayAgg("memberships__role", filter=Q(memberships__isnull=False), default=[]),
    )
    rights = {
        pk: Right(password, sees_all, frozenset(f"{queue} {role}" for queue, role in zip(queues, roles, strict=True)))
        for pk, password, sees_all, queues, roles in known
    }
    return set(live.values_list("session_key", flat=True)), rights, sight.of(agent_ids, watched) if watched else {}


floor.watch(keep_watch)
