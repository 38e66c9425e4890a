"""May an open socket still see what it watches? Asked every few seconds, whether or not something announced it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection

from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.utils import timezone

from handover import sight
from handover.inbox import floor
from handover.inbox.floor import Floor
from handover.models import Agent

log = logging.getLogger(__name__)

EVERY = 3.0  # seconds; a withdrawn right ends within 5
LOG_IN_AGAIN, FORBIDDEN = floor.LOG_IN_AGAIN, floor.FORBIDDEN


async def keep_watch(here: Floor) -> None:
    """Closes the sockets of ended sessions and deactivated agents, and ends subscriptions that lost their right."""
    while True:
        await asyncio.sleep(EVERY)
        try:
            await check(here)
        except DatabaseError as error:  # nothing new is shown while the database is away
            log.warning("rights of open screens could not be checked: %s", type(error).__name__)


async def check(here: Floor) -> None:
    """One round."""
    screens = list(here.screens)
    keys = {screen.session_key for screen in screens}
    agent_ids = {screen.agent_id for screen in screens}
    # What a screen begins to watch while this is asked was authorised just then, and is looked at in the next round.
    asked = {screen: set(screen.watched) for screen in screens}
    watched = set().union(*asked.values())
    sessions, passwords, visible = await floor.in_thread(_read, keys, agent_ids, watched)
    for screen in screens:
        if screen.agent_id not in passwords:
            screen.shut(FORBIDDEN)
        elif screen.session_key not in sessions or passwords[screen.agent_id] != screen.password:
            screen.shut(LOG_IN_AGAIN)
        else:
            for conversation in asked[screen] - visible.get(screen.agent_id, set()):
                screen.drop(conversation)


def _read(
    keys: Collection[str], agent_ids: Collection[int], watched: Collection[int]
) -> tuple[set[str], dict[int, str], dict[int, set[int]]]:
    # Web sessions live in real time: the sandbox's clock logs nobody out.
    live = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    agents = Agent.objects.filter(pk__in=agent_ids, is_active=True, user__is_active=True)
    seen = sight.of(agent_ids, watched) if watched else {}
    return set(live.values_list("session_key", flat=True)), dict(agents.values_list("pk", "user__password")), seen


floor.watch(keep_watch)
