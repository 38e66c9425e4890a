"""Which conversations may an agent see? One rule, as a query for a page and in batches for open sockets."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Case, F, Func, JSONField, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Concat

from conversations.held import ERASED
from conversations.models import Conversation
from handover.models import Agent, Membership

Owner = Conversation.Owner
Facts = tuple[int, str, int | None, int | None, list[str] | None]  # id, owner kind, owner id, queue id, asked before
# While people have it, whoever the plan has asked on the way may see it: "the pool only grows".
MOVED_ON = Q(owner_kind__in=(Owner.QUEUE, Owner.AGENT), state=Conversation.State.OPEN, plan_step__gt=0)


class _Asked(Func):
    """The targets of a plan, as `queue:3` and `agent:17`, up to the step that it has come to."""

    template = "jsonb_path_query_array(%(expressions)s))"
    arg_joiner = ", '$.steps[0 to $at].target', jsonb_build_object('at', "
    output_field = JSONField()


class _IsAmong(Func):
    """Does a list of words, as JSON, have one of an array?"""

    template, arg_joiner, output_field = "(%(expressions)s)", " ?| ", BooleanField()


class _IsOneOf(Func):
    """Is a column one of an array? As a condition on a subquery it would be reckoned anew for each row of a join."""

    template, arg_joiner, output_field = "(%(expressions)s))", " = ANY(", BooleanField()


ASKED = _Asked(F("routing_plan"), F("plan_step"))


def visible_to(agent: Agent, *, with_erased: bool = False) -> QuerySet[Conversation]:
    """Their own; what is or was in their queues, or asked them or these on its way; what no agent has and never was in
    one. Superusers see all, supervisors also what an agent of their queues took straight from the bot. `with_erased`:
    also the blank ones."""
    rows = Conversation.objects.all() if with_erased else Conversation.objects.exclude(close_reason=ERASED)
    if not agent.is_active:
        return rows.none()
    if agent.user.is_superuser:
        return rows
    queues = Membership.objects.filter(agent=agent).values("queue_id")
    team = Membership.objects.filter(queue_id__in=queues.filter(role="supervisor")).values("agent_id")
    theirs = Q(owner_kind=Owner.AGENT, owner_id=agent.pk) | Q(_is_in("owner_id", queues), owner_kind=Owner.QUEUE)
    unqueued = Q(owner_kind__in=(Owner.BOT, Owner.EXTERNAL)) | Q(_is_in("owner_id", team), owner_kind=Owner.AGENT)
    asked = was_asked(queues, agent)
    return rows.filter(theirs | Q(_is_in("queue_id", queues)) | asked | Q(unqueued, queue_id__isnull=True))


def _is_in(column: str, ids: QuerySet[Any, Any]) -> Q:
    return Q(_IsOneOf(F(column), ArraySubquery(ids)))


def was_asked(queues: QuerySet[Any, Any], agent: Agent | None = None) -> Q:
    """Did the plan ask one of these queues (a query of their ids), or the agent, before it went on to where it is?"""
    (column,) = queues.query.values_select
    name = Concat(Value("queue:"), Cast(column, TextField()), output_field=TextField())
    names = queues.annotate(target=name).values("target")
    wanted: Any = ArraySubquery(names)
    if agent is not None:
        wanted = Func(wanted, Value(f"agent:{agent.pk}"), function="array_append", output_field=wanted.output_field)
    return MOVED_ON & Q(_IsAmong(ASKED, wanted))


def memberships(agent: Agent) -> list[Membership]:
    """The agent's, with their queues; one query, or none after `hold`."""
    held: list[Membership] | None = getattr(agent, "memberships_held", None)
    return list(agent.memberships.select_related("queue")) if held is None else held


def hold(agent: Agent) -> None:
    """Reads them once for as long as this object lives: that of a page, never that of a socket."""
    setattr(agent, "memberships_held", memberships(agent))  # noqa: B010  # no field of the model


def may_see(agent: Agent, conversation: Conversation) -> bool:
    """The same question for one conversation."""
    return visible_to(agent).filter(pk=conversation.pk).exists()


def of(agent_ids: Collection[int], conversation_ids: Collection[int]) -> dict[int, set[int]]:
    """Visible conversation ids by agent; who sees none of them may be missing. At most four queries, for any number.

    It begins with the conversations: a message concerns a team, not everybody whose socket is open. A test holds it to
    the answer of `visible_to`.
    """
    named = Conversation.objects.filter(pk__in=conversation_ids).exclude(close_reason=ERASED)
    asked_before = Case(When(MOVED_ON, then=ASKED))
    rows: list[Facts] = list(named.values_list("pk", "owner_kind", "owner_id", "queue_id", asked_before))
    around = _Around.of(rows)
    present, asked = around.present(), set(agent_ids)
    found: dict[int, set[int]] = {pk: set() for pk in present if pk in asked}
    everybody, see_all = found.keys(), {pk for pk in found if present[pk]}
    for row in rows:
        near = around.near(row)
        for pk in everybody if near is None else found.keys() & (near | see_all):
            found[pk].add(row[0])
    return found


@dataclass
class _Around:
    """Who may see some conversations by what they do; `open_to_all` if one of them is everybody's."""

    members: dict[int, set[int]] = field(default_factory=dict)  # of queues
    leads: dict[int, set[int]] = field(default_factory=dict)  # of an agent who took it straight from the bot
    asked: set[int] = field(default_factory=set)  # agents whom a plan named
    open_to_all: bool = False

    @classmethod
    def of(cls, rows: Collection[Facts]) -> _Around:
        made = cls(open_to_all=any(_is_everybodys(row) for row in rows))
        queues = {row[3] or 0 for row in rows} | {row[2] or 0 for row in rows if row[1] == Owner.QUEUE}
        queues |= {pk for row in rows for pk in _of_kind("queue", row)}
        made.asked = {pk for row in rows for pk in _of_kind("agent", row)}
        for queue_id, pk in Membership.objects.filter(queue_id__in=queues).values_list("queue_id", "agent_id"):
            made.members.setdefault(queue_id, set()).add(pk)
        made.leads = {row[2] or 0: {row[2] or 0} for row in rows if row[1] == Owner.AGENT}
        if takers := {row[2] or 0 for row in rows if row[1] == Owner.AGENT and row[3] is None}:
            led = Membership.objects.filter(agent_id__in=takers, queue__memberships__role="supervisor")
            for pk, lead in led.values_list("agent_id", "queue__memberships__agent_id"):
                made.leads[pk].add(lead)
        return made

    def near(self, row: Facts) -> set[int] | None:
        """Agents who see this one; None: all do."""
        _, owner_kind, owner_id, queue_id, _ = row
        if _is_everybodys(row):
            return None
        teams = (self.members.get(pk, set()) for pk in (queue_id or 0, *_of_kind("queue", row)))
        found = set[int]().union(*teams, _of_kind("agent", row))
        if owner_kind == Owner.QUEUE:
            return found | self.members.get(owner_id or 0, set())
        if owner_kind == Owner.AGENT and owner_id is not None:
            return found | (self.leads[owner_id] if queue_id is None else {owner_id})
        return found

    def present(self) -> dict[int, bool]:
        """Those of them who work here now, and whether they see everything."""
        agents = Agent.objects.filter(is_active=True, user__is_active=True)
        if not self.open_to_all:
            named = self.asked.union(*self.members.values(), *self.leads.values())
            agents = agents.filter(Q(user__is_superuser=True) | Q(pk__in=named))
        return dict(agents.values_list("pk", "user__is_superuser"))


def _is_everybodys(row: Facts) -> bool:
    return row[1] in (Owner.BOT, Owner.EXTERNAL) and row[3] is None


def _of_kind(kind: str, row: Facts) -> set[int]:
    """The queues, or agents, that its plan asked on the way; a step that cannot be read has asked nobody."""
    parted = (name.partition(":") for name in row[4] or () if isinstance(name, str))
    return {int(pk) for named, _, pk in parted if named == kind and pk.isdecimal()}
