"""Whom does another system choose? Asked outside every transaction, for two seconds at most; silence is no answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from typing import Any

from conversations.journeys import calls
from conversations.journeys.effects import Request
from conversations.models import Connection, Conversation
from handover.models import Agent, Queue
from handover.routing.matching import Candidate, Waiting

log = logging.getLogger(__name__)

SECONDS = 2
REST = 30.0  # seconds without a question after one that nobody answered
PATH = "/routing/assign"

_resting: dict[int, float] = {}


def choose(queue: Queue, waiting: Waiting, able: Collection[Candidate]) -> Candidate | None:
    """The agent that the queue's connection names by login, if they can take it; None if it says nothing of use."""
    connection = queue.connection
    if connection is None or not able or time.monotonic() < _resting.get(connection.pk, 0.0):
        return None
    names = dict(Agent.objects.filter(pk__in=[each.pk for each in able]).values_list("pk", "user__username"))
    outcome = _ask(connection, queue, waiting, able, names)
    if outcome.is_failure or outcome.error:
        _resting[connection.pk] = time.monotonic() + REST
        return None
    chosen = outcome.data.get("agent") if isinstance(outcome.data, dict) else None
    return next((each for each in able if names.get(each.pk) == chosen), None)


def _ask(
    connection: Connection, queue: Queue, waiting: Waiting, able: Collection[Candidate], names: dict[int, str]
) -> calls.Outcome:
    conversation = Conversation.objects.get(pk=waiting.pk)
    body: dict[str, Any] = {
        "conversation": str(conversation.public_id),
        "queue": queue.key,
        "skill": waiting.skill,
        "referrer": conversation.referrer,
        "priority": conversation.priority,
        "queued_at": conversation.queued_at and conversation.queued_at.isoformat(),
        "agents": [{"agent": names[each.pk], "load": each.load, "capacity": each.capacity} for each in able],
    }
    connection.seconds = min(connection.seconds, SECONDS)
    key = f"routing-{conversation.public_id}-{waiting.epoch}-{waiting.step}"
    return calls.make(connection, Request(connection.key, "POST", PATH, body=body), key=key)
