"""What does a plan depend on? Everything is read once: a handful of queries, however many queues there are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from common import clock
from conversations.models import Conversation
from customers.models import Customer, Observation
from handover import capacity, presence
from handover.models import Agent, Queue
from handover.routing import houses, places
from handover.routing.facts import Facts, Preferred, QueueFacts, Standing
from handover.routing.houses import House

ASKED = ("vip", "priority", "account_owner", "language", "blocked")  # attributes that routing heeds


# Written out, as every handover waits for them: what the ORM takes to make a statement is longer than these run.
# Rule 4: who helped in something else does not count, but for those whom an outside CRM names for everything.
# OFFSET 0 keeps the look-up by index, whatever was thought of the size of the table when the plan was made.
REMEMBERED = """
SELECT a.*, f.queue_id AS last_queue, f.handled_at AS last_at
FROM customers_customer c
CROSS JOIN LATERAL (SELECT * FROM handover_affinity f WHERE f.customer_id = c.id OFFSET 0) f
LEFT JOIN handover_agent a ON a.id = f.agent_id
WHERE c.root_id = %(root)s AND (%(skill)s = '' OR f.scope = %(skill)s OR (f.scope = '' AND f.source <> ''))
ORDER BY f.handled_at DESC LIMIT 1
"""
KNOWN = """
SELECT o.id, o.value, a.key AS held FROM customers_attribute a JOIN customers_observation o ON o.id = a.observation_id
WHERE a.root_id = %(root)s AND a.key = ANY(%(keys)s) AND NOT o.is_clear
"""


@dataclass(frozen=True, slots=True)
class Remembered:
    """Who helped last, in which queue, and when."""

    agent: Agent | None
    queue_id: int | None
    handled_at: datetime


def facts_for(
    *,
    conversation: Conversation,
    root: Customer,
    queue: Queue | None,
    skill: str,
    agent: str | Agent = "",
    is_explicit: bool = False,
    will_wait: bool = False,
    standing: Standing | None = None,
    heeds_owner: bool = True,
) -> Facts:
    """Reads once what a plan for this conversation depends on; `agent` (object or login) is one who is named. Without
    `heeds_owner` only who helped last is preferred: rule 5."""
    remembered, known = _affinity(root, skill), known_of(root.pk)
    there = houses.around(clock.now(), wanted=queue, last_id=remembered.queue_id if remembered else None, skill=skill)
    wanted = there.queues.get(queue.pk, queue) if queue else None
    default = there.default()
    last = there.queues.get(remembered.queue_id or 0) if remembered else None
    one = _One(conversation, there, wanted or default)
    named = agent if isinstance(agent, Agent) else places.named_agent(agent)
    wishes, staffed = _wishes(known, there, wanted)
    return Facts(
        wanted=there.facts(wanted),
        default=there.facts(default),
        fallbacks=_behind(there, wanted),
        last_queue=there.facts(last),
        last_fallbacks=_behind(there, last),
        preferred=_preferred(known if heeds_owner else {}, remembered, one),
        handled_at=remembered.handled_at if remembered else None,
        has_skill=bool(skill or conversation.referrer),
        standing=standing,
        is_explicit=is_explicit or named is not None,
        target=one.named(named) if named else None,
        is_vip=is_vip(known),
        vip_queue=there.vip(),
        will_wait=will_wait,
        wishes=wishes,
        staffed_wishes=staffed,
    )


def can_serve(queue: Queue, *, skill: str) -> bool:
    """Is the queue, one of its fall-backs or the default one open, with somebody there who has the skill?"""
    there = houses.around(clock.now(), wanted=queue, skill=skill)
    asked = [there.queues.get(queue.pk), *there.fallbacks(there.queues.get(queue.pk)), there.default()]
    return any(facts.is_eligible for one in asked if (facts := there.facts(one)) is not None)


def known_of(root_id: int) -> dict[str, Any]:
    """What routing heeds of the customer's attributes."""
    held = Observation.objects.raw(KNOWN, {"root": root_id, "keys": list(ASKED)})
    return {getattr(row, "held"): row.value for row in held}  # noqa: B009  # a column of the statement


def is_blocked(root_id: int) -> bool:
    """Is this a person whom we keep from people, so that the bot goes on and no queue fills with them? One query."""
    return is_yes(known_of(root_id).get("blocked"))


def is_yes(value: object) -> bool:
    """As a person or another system writes it."""
    return str(value).lower() in ("true", "yes", "1")


def is_vip(known: Mapping[str, Any]) -> bool:
    """A customer who comes first: `vip` is true, or `priority` says so."""
    return any(str(known.get(key, "")).lower() in ("true", "yes", "1", "high", "vip") for key in ("vip", "priority"))


@dataclass(frozen=True, slots=True)
class _One:
    """The conversation, as far as an agent's eligibility goes; `queue` is the one whose work it is."""

    conversation: Conversation
    house: House
    queue: Queue | None

    def of(self, agent: Agent, handled_at: datetime) -> Preferred:
        is_online = presence.is_online(agent, self.house.now)
        is_ready = is_online and not agent.is_draining and agent.not_responding_at is None
        may_cross = is_ready and self.queue is not None and self.queue.allow_cross_queue and self._has_skill(agent)
        room, has_declined = capacity.room_and_refusal(self.conversation, agent) if is_ready else (None, False)
        return Preferred(
            pk=agent.pk,
            handled_at=handled_at,
            is_online=is_ready,
            is_member=may_cross or (self.queue is not None and self._is_in(agent, self.queue.pk)),
            has_room=room is not None,
            is_active=agent.is_active,
            has_declined=has_declined,
        )

    def named(self, agent: Agent) -> Preferred:
        """Rule 6: somebody has chosen this agent, who need be no member of the queue behind them; only the skill is
        asked for."""
        return replace(self.of(agent, self.house.now), is_member=self._has_skill(agent))

    def _has_skill(self, agent: Agent) -> bool:
        skill, there = self.house.skill, self.house.staff.values()
        return not skill or any(agent.pk in team for team in there) or agent.skills.filter(key=skill).exists()

    def _is_in(self, agent: Agent, queue_id: int) -> bool:
        return agent.pk in self.house.staff.get(queue_id, ())


def _preferred(known: Mapping[str, Any], remembered: Remembered | None, one: _One) -> Preferred | None:
    """Who looks after the account, else who helped last: the first of them who can take it now, so that an owner who is
    away or full keeps nobody out; if neither can, the first who is only full, so that there is somebody to wait for."""
    owner = places.named_agent(known.get("account_owner"))
    asked = replace(one.of(owner, one.house.now), looks_after=True) if owner is not None else None
    if (asked is not None and asked.is_eligible) or remembered is None or remembered.agent is None:
        return asked if asked is not None and asked.is_there else None
    last = one.of(remembered.agent, remembered.handled_at)
    return asked if asked is not None and asked.is_full and not last.is_eligible else last


def _behind(there: House, queue: Queue | None) -> tuple[QueueFacts, ...]:
    """The fall-backs of a queue, in their order."""
    return tuple(filter(None, map(there.facts, there.fallbacks(queue))))


def _affinity(root: Customer, skill: str) -> Remembered | None:
    """The newest one of the person's cluster: in this skill, or in any when none is asked for."""
    for row in Agent.objects.raw(REMEMBERED, {"root": root.pk, "skill": skill}):
        last_queue, last_at = getattr(row, "last_queue"), getattr(row, "last_at")  # noqa: B009
        return Remembered(row if row.pk is not None else None, last_queue, last_at)
    return None


def _wishes(known: Mapping[str, Any], there: House, wanted: Queue | None) -> tuple[tuple[str, ...], int]:
    """An agent who speaks the customer's language: wished for a while, if one is there and not all are."""
    language = str(known.get("language") or "").lower()[:2]
    if not language or wanted is None:
        return (), 0
    spoken = _languages(there.staff.get(wanted.pk, ()))
    if all(not each or language in each for each in spoken):
        return (), 0
    return (f"language:{language}",), int(any(not each or language in each for each in spoken))


def _languages(agent_ids: Collection[int]) -> list[list[str]]:
    return list(Agent.objects.filter(pk__in=agent_ids).values_list("languages", flat=True))
