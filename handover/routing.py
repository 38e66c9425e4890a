"""To whom, in which order? Facts are read once, `plan` is pure, `assign` counts under the agent's lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from common import clock
from conversations.models import Conversation
from customers.models import Customer
from handover import capacity, hours, limits, owning, presence
from handover.models import Affinity, Queue, Skill

Owner = Conversation.Owner


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """A queue as a target: only an open and staffed one can take anything."""

    pk: int
    is_open: bool
    is_staffed: bool

    @property
    def is_eligible(self) -> bool:
        return self.is_open and self.is_staffed


@dataclass(frozen=True, slots=True)
class Preferred:
    """The agent who helped this customer last."""

    pk: int
    handled_at: datetime
    is_online: bool
    is_member: bool
    has_room: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What a plan depends on; queues in the order of preference, `wanted` by name, skill, or the default."""

    wanted: QueueFacts | None
    default: QueueFacts | None = None
    fallbacks: tuple[QueueFacts, ...] = ()
    last_queue: QueueFacts | None = None
    preferred: Preferred | None = None
    has_skill: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """One step of a plan: `agent:17` or `queue:3`, for how long (None: until somebody takes it)."""

    name: str
    lasts: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is asked in which order; `rule` is the number of the rule that decided (section 4 of the handover page)."""

    rule: int
    targets: tuple[Target, ...] = ()

    @property
    def agent_id(self) -> int | None:
        first = self.targets[0].name if self.targets else ""
        return int(first.removeprefix("agent:")) if first.startswith("agent:") else None

    @property
    def queue_id(self) -> int | None:
        named = (target.name for target in self.targets if target.name.startswith("queue:"))
        first = next(named, "")
        return int(first.removeprefix("queue:")) if first else None

    def to_json(self) -> dict[str, object]:
        steps = [{"target": t.name, "for": t.lasts and int(t.lasts.total_seconds())} for t in self.targets]
        return {"rule": self.rule, "steps": steps}


def plan(facts: Facts, now: datetime) -> Plan:
    """The first matching rule; targets that cannot take anything are passed over, and none left is rule 15."""
    known = facts.preferred
    is_fresh = known is not None and now - known.handled_at <= limits.lasts("STALE_AFTER")
    agents: list[Target] = []
    rule = 13 if facts.has_skill else 14
    if known is not None and is_fresh:
        rule = 10
        if known.is_online and known.is_member:
            rule = 8 if known.has_room else 9
        if rule == 8:
            agents = [Target(f"agent:{known.pk}", limits.lasts("PREFERRED_FOR"))]
        elif facts.last_queue is None or not facts.last_queue.is_eligible:
            rule = 12
    queues = _queues(facts, is_fresh)
    if not queues:
        return Plan(15)
    return Plan(rule, (*agents, *queues))


def _queues(facts: Facts, is_fresh: bool) -> list[Target]:
    """Eligible queues, each once; all but the last for a limited time."""
    wished = [facts.wanted, facts.last_queue if is_fresh else None, *facts.fallbacks, facts.default]
    found = list(dict.fromkeys(queue.pk for queue in wished if queue is not None and queue.is_eligible))
    return [Target(f"queue:{pk}", limits.lasts("LAST_QUEUE_FOR") if pk != found[-1] else None) for pk in found]


def queue_for(*, name: str = "", skill: str = "") -> Queue | None:
    """The queue that is named, else the first with this skill, else the default one."""
    if name and (named := Queue.objects.filter(key=name).first()):
        return named
    if skill and (skilled := Queue.objects.filter(skills__key=skill).order_by("-is_default", "pk").first()):
        return skilled
    return Queue.objects.filter(is_default=True).first()


def facts_for(*, conversation: Conversation, root: Customer, queue: Queue | None, skill: str) -> Facts:
    """Reads once what a plan for this conversation depends on."""
    now = clock.now()
    default = Queue.objects.filter(is_default=True).first()
    affinity = _affinity(root, skill)
    preferred, last_queue = None, None
    if affinity is not None:
        preferred = _preferred(affinity, queue or default, conversation, now)
        last_queue = _queue_facts(affinity.queue)
    return Facts(
        wanted=_queue_facts(queue),
        default=_queue_facts(default),
        fallbacks=tuple(filter(None, map(_queue_facts, _fallbacks(queue)))),
        last_queue=last_queue,
        preferred=preferred,
        has_skill=bool(skill),
    )


def assign(*, conversation: Conversation, agent_id: int, cause: str = "assign") -> bool:
    """Gives a queued conversation to an agent if there is still room; needs the conversation's row lock.

    Counts under the agent's row lock, so that automatic assignment never exceeds a capacity. False: no room, or gone.
    """
    agent = capacity.lock(agent_id)
    if not presence.is_online(agent) or not capacity.has_room(agent, capacity.weight_of(conversation)):
        return False
    owning.move(
        conversation=conversation,
        seen_epoch=conversation.owner_epoch,
        to=Owner.AGENT,
        owner_id=agent.pk,
        allowed_owners=(Owner.QUEUE,),
        cause=cause,
        actor_kind="system",
    )
    return True


def _affinity(root: Customer, skill: str) -> Affinity | None:
    """The newest one of the person's cluster: of this skill, or of any when none is asked for."""
    found = Affinity.objects.filter(customer__root_id=root.pk).select_related("agent", "queue")
    if skill:
        found = found.filter(Q(scope=skill) | Q(scope=""))
    return found.order_by("-handled_at").first()


def _preferred(affinity: Affinity, queue: Queue | None, conversation: Conversation, now: datetime) -> Preferred | None:
    agent = affinity.agent
    if agent is None:
        return None
    return Preferred(
        pk=agent.pk,
        handled_at=affinity.handled_at,
        is_online=presence.is_online(agent, now),
        is_member=queue is not None and agent.memberships.filter(queue=queue).exists(),
        has_room=capacity.has_room(agent, capacity.weight_of(conversation)),
    )


def _fallbacks(queue: Queue | None) -> list[Queue]:
    """At most three, each once: a circle of fall-backs ends where it began."""
    found: list[Queue] = []
    while queue is not None and queue.fallback is not None and len(found) < limits.number("FALLBACK_DEPTH"):
        queue = queue.fallback
        if queue in found:
            break
        found.append(queue)
    return found


def _queue_facts(queue: Queue | None) -> QueueFacts | None:
    return QueueFacts(queue.pk, hours.is_open(queue, clock.now()), presence.is_staffed(queue)) if queue else None


def queue_keys() -> frozenset[str]:
    """Every queue that a journey may name."""
    return frozenset(Queue.objects.values_list("key", flat=True))


def skill_keys() -> frozenset[str]:
    """Every skill that a journey may name."""
    return frozenset(Skill.objects.values_list("key", flat=True))


def queues_with_intake() -> frozenset[str]:
    """The queues that have pre-chat questions of their own."""
    return frozenset(Queue.objects.exclude(intake="").values_list("key", flat=True))
