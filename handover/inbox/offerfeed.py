"""Whose corner of offers has changed? Told within a moment to every screen of the agents concerned.

A silent agent is told of to those who lead their queues, and whoever passed something on that nobody took hears of it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import DatabaseError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from common import clock
from conversations import hub
from handover.inbox import floor, naming, offers, owners
from handover.inbox.floor import Floor
from handover.models import Agent, Membership, Reservation

log = logging.getLogger(__name__)

TICK = 0.1  # seconds in which changes are gathered
RECENT = timedelta(seconds=20)  # an offer that ended since then may still be on a screen


class OfferFeed:
    """The conversations whose offers may have changed."""

    def __init__(self, here: Floor) -> None:
        self.here = here
        self.changed: set[int] = set()
        self.is_awake = asyncio.Event()

    async def heard(self, data: dict[str, Any]) -> None:
        """The hub's `desk` topic: every offer, and every end of one, is an event of its conversation."""
        self.changed.update(data["ids"])
        self.is_awake.set()

    async def silent(self, data: dict[str, Any]) -> None:
        """The topic `silent_agent`: two offers missed in a row."""
        told = await floor.in_thread(_silent, data["agent"], data["queues"])
        for screen in list(self.here.screens):
            if (words := told.get(screen.agent_id)) is not None:
                screen.tell(json.dumps({"v": 1, "type": "told", "data": {"words": words}}))

    async def not_taken(self, data: dict[str, Any]) -> None:
        """The topic `not_taken`: a colleague declined what was passed on to them, or let it pass."""
        told = await floor.in_thread(_not_taken, data["offer"])
        for screen in list(self.here.screens):
            if told is not None and screen.agent_id == told[0]:
                screen.tell(told[1])

    async def run(self) -> None:
        while True:
            await self.is_awake.wait()
            self.is_awake.clear()
            await asyncio.sleep(TICK)
            due, self.changed = self.changed, set()
            try:
                frames = await floor.in_thread(_read, due, {screen.agent_id for screen in self.here.screens})
            except DatabaseError as error:
                log.warning("changed offers wait: %s", type(error).__name__)
                self.changed |= due
                continue
            for screen in list(self.here.screens):
                if screen.agent_id in frames:
                    screen.tell(frames[screen.agent_id])


async def follow(here: Floor) -> None:
    """Feeds the screens of a floor until the last one leaves."""
    feed = OfferFeed(here)
    hub.here().listen("desk", feed.heard)
    hub.here().listen("silent_agent", feed.silent)
    hub.here().listen("not_taken", feed.not_taken)
    try:
        await feed.run()
    finally:
        hub.here().unlisten("desk", feed.heard)
        hub.here().unlisten("silent_agent", feed.silent)
        hub.here().unlisten("not_taken", feed.not_taken)


def _read(due: Collection[int], agent_ids: Collection[int]) -> dict[int, str]:
    """The corners of those whose offers are among these, each in its agent's language."""
    rows = Reservation.objects.filter(conversation_id__in=due)
    fresh = Q(status=Reservation.Status.PENDING) | Q(answered_at__gt=clock.now() - RECENT)
    wanted = set(agent_ids).intersection(rows.filter(fresh).values_list("agent_id", flat=True))
    return {agent.pk: _frame(agent) for agent in Agent.objects.filter(pk__in=wanted)} if wanted else {}


def _frame(agent: Agent) -> str:
    with override(agent.language):
        html = offers.html(agent)
    return json.dumps({"v": 1, "type": "offers", "data": {}, "html": html})


def _silent(agent_id: int, queue_ids: Collection[int]) -> dict[int, str]:
    """What those are told who lead the agent's queues."""
    name = Agent.objects.values_list("name", flat=True).get(pk=agent_id)
    leads = Membership.objects.filter(queue_id__in=queue_ids, role="supervisor").exclude(agent_id=agent_id)
    told = {}
    for leader_id, language in leads.values_list("agent_id", "agent__language").distinct():
        with override(language):
            told[leader_id] = _("{agent} has let two offers pass and gets no more until they are back.").format(
                agent=name
            )
    return told


def _not_taken(offer_id: int) -> tuple[int, str] | None:
    """Who had passed it on, and the frame that tells them where it is now; None if they are gone."""
    found = Reservation.objects.select_related("agent", "from_agent", "conversation__customer")
    row = found.filter(pk=offer_id, from_agent__isnull=False).first()
    if row is None or row.from_agent is None:
        return None
    root_id, conversation = row.conversation.customer.root_id, row.conversation
    with override(row.from_agent.language):
        name, owner = naming.names({root_id})[root_id], owners.of([conversation])[conversation.pk]
        words = _("{agent} did not take {name}.").format(agent=row.agent.name, name=name)
        if owner.kind == "queue":
            waits = _("{agent} did not take {name}: it waits in {queue} again.")
            words = waits.format(agent=row.agent.name, name=name, queue=owner.label)
    data = {"words": words, "rings": "returned", "name": name, "conversation": str(conversation.public_id)}
    return row.from_agent.pk, json.dumps({"v": 1, "type": "told", "data": data})


floor.watch(follow)
