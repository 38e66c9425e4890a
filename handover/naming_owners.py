"""Which names do programs know owners by? An agent by their login, a queue or a connection by its key."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, CharField, OuterRef, QuerySet, Subquery, Value, When

from conversations.models import Connection, Conversation, ConversationEvent
from handover.models import Agent, Queue

Kind = Conversation.Owner
# What else an event says, if it does: enumerations, keys and numbers, never words of a customer or ids of the database.
PLAIN = (
    "added", "because", "by", "cause", "disposition", "event", "journey", "kind", "minutes", "missed", "outcome",
    "priority", "promise", "reason", "removed", "scope", "score", "seconds", "skill", "state", "step", "then",
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
    engines: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, agents: Collection[int], queues: Collection[int], engines: Collection[int] = ()) -> Names:
        """At most one statement for each kind."""
        logins = Agent.objects.filter(pk__in=agents).values_list("pk", "user__username") if agents else ()
        keys = Queue.objects.filter(pk__in=queues).values_list("pk", "key") if queues else ()
        systems = Connection.objects.filter(pk__in=engines).values_list("pk", "key") if engines else ()
        return cls(dict(logins), dict(keys), dict(systems))

    @classmethod
    def in_events(cls, events: Iterable[ConversationEvent]) -> Names:
        rows = list(events)
        ends = [end for one in rows for end in _ends(one).values()]

        def named(kind: Kind, *others: int | None) -> set[int]:
            found = {end["id"] for end in ends if end["kind"] == kind} | set(others)
            return {pk for pk in found if pk}

        acting = [one.actor_id for one in rows if one.actor_kind == "agent"]
        return cls.of(
            named(Kind.AGENT, *acting, *(_id(one, "agent") for one in rows)),
            named(Kind.QUEUE, *(_id(one, "queue") for one in rows)),
            named(Kind.EXTERNAL),
        )

    def actor(self, event: ConversationEvent) -> str:
        return self.agents.get(event.actor_id or 0, "") if event.actor_kind == "agent" else ""

    def data(self, event: ConversationEvent) -> dict[str, Any]:
        """What the event says, with names for ids."""
        said: dict[str, Any] = {key: event.data[key] for key in PLAIN if key in event.data}
        if isinstance(queue := event.data.get("queue"), str):
            said["queue"] = queue  # noted by its key
        for name, known in (("agent", self.agents), ("queue", self.queues)):
            if (pk := _id(event, name)) is not None:
                said[name] = known.get(pk, "")
        return said | {name: self._end(end) for name, end in _ends(event).items()}

    def _end(self, end: Mapping[str, Any]) -> dict[str, str]:
        known = {Kind.AGENT: self.agents, Kind.QUEUE: self.queues, Kind.EXTERNAL: self.engines}
        return {"kind": end["kind"], "owner": known.get(end["kind"], {}).get(end["id"], "")}


def _ends(event: ConversationEvent) -> dict[str, Mapping[str, Any]]:
    """Who had it and who has it, of a change of owner."""
    return {name: event.data[name] for name in ("from", "to") if event.kind == "owner_changed" and name in event.data}


def _id(event: ConversationEvent, name: str) -> int | None:
    """The agent or queue that the event names by the database's id."""
    pk = event.data.get(name)
    return pk if isinstance(pk, int) else None
