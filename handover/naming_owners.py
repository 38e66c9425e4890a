"""Which names do programs know owners by? An agent by their login, a queue or a connection by its key."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, OuterRef, QuerySet, Subquery, Value, When

from conversations.models import Connection, Conversation, ConversationEvent
from handover.models import Agent, Queue

Kind = Conversation.Owner
# What else an event says, if it does: enumerations, keys and numbers, never words of a customer or ids of the database.
PLAIN = (
    "added", "because", "cause", "disposition", "event", "journey", "kind", "minutes", "missed", "outcome", "promise",
    "reason", "removed", "score", "seconds", "skill", "state", "step",
)  # fmt: skip


def named(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """With `owner` ('' for the bot) and `queue`, the one it came through; no further statement."""
    agent = Agent.objects.filter(pk=OuterRef("owner_id")).values("user__username")
    queue = Queue.objects.filter(pk=OuterRef("owner_id")).values("key")
    engine = Connection.objects.filter(pk=OuterRef("owner_id")).values("key")
    owner = Case(
        When(owner_kind=Kind.AGENT, then=Subquery(agent)),
        When(owner_kind=Kind.QUEUE, then=Subquery(queue)),
        When(owner_kind=Kind.EXTERNAL, then=Subquery(engine)),
        default=Value(""),
        output_field=CharField(),
    )
    through = Queue.objects.filter(pk=OuterRef("queue_id")).values("key")
    return rows.annotate(owner=owner, queue=Subquery(through))


@dataclass(frozen=True, slots=True)
class Names:
    """Logins and keys by id, for what a page of events or a plan speaks of."""

    agents: Mapping[int, str]
    queues: Mapping[int, str]

    @classmethod
    def of(cls, agents: Collection[int], queues: Collection[int]) -> Names:
        """At most two statements."""
        logins = Agent.objects.filter(pk__in=agents).values_list("pk", "user__username") if agents else ()
        keys = Queue.objects.filter(pk__in=queues).values_list("pk", "key") if queues else ()
        return cls(dict(logins), dict(keys))

    @classmethod
    def in_events(cls, events: Iterable[ConversationEvent]) -> Names:
        rows = list(events)
        ends = [end for one in rows for end in _ends(one).values()]
        acting = {one.actor_id for one in rows if one.actor_kind == "agent"} | {_agent(one) for one in rows}
        agents = acting | {end["id"] for end in ends if end["kind"] == Kind.AGENT}
        return cls.of({pk for pk in agents if pk}, {end["id"] for end in ends if end["kind"] == Kind.QUEUE})

    def actor(self, event: ConversationEvent) -> str:
        return self.agents.get(event.actor_id or 0, "") if event.actor_kind == "agent" else ""

    def data(self, event: ConversationEvent) -> dict[str, Any]:
        """What the event says, with names for ids."""
        said: dict[str, Any] = {key: event.data[key] for key in PLAIN if key in event.data}
        if (pk := _agent(event)) is not None:
            said["agent"] = self.agents.get(pk, "")
        return said | {name: self._end(end) for name, end in _ends(event).items()}

    def _end(self, end: Mapping[str, Any]) -> dict[str, str]:
        names = {Kind.AGENT: self.agents, Kind.QUEUE: self.queues}.get(end["kind"], {})
        return {"kind": end["kind"], "owner": names.get(end["id"], "")}


def _ends(event: ConversationEvent) -> dict[str, Mapping[str, Any]]:
    """Who had it and who has it, of a change of owner."""
    return {name: event.data[name] for name in ("from", "to") if event.kind == "owner_changed" and name in event.data}


def _agent(event: ConversationEvent) -> int | None:
    pk = event.data.get("agent")
    return pk if isinstance(pk, int) else None
