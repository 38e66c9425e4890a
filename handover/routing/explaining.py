"""Why does a conversation go where it goes? The plan in words: a sentence for the agent, every step for who leads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.models import Conversation
from handover import languages
from handover.models import Agent, Queue, Reservation
from handover.routing.targets import Plan, Target

Owner = Conversation.Owner
OFFERED = "offered"  # as a cause: taken because it was offered
RULES = {
    2: gettext_lazy("Parked here; the agent who parked it is there."),
    3: gettext_lazy("It was parked, and the agent who parked it has been away for long."),
    5: gettext_lazy("Closed a short while ago, and the customer wrote again: the same people come first."),
    6: gettext_lazy("{target} was chosen by name."),
    7: gettext_lazy("A VIP: who knows them comes first, then the queue for VIPs, and they count as waiting longer."),
    8: gettext_lazy("{agent} helped this customer last and was there."),
    9: gettext_lazy("Who helped this customer last has no room now, and comes first when there is some."),
    10: gettext_lazy("Who helped this customer last is not there; their queue is asked."),
    11: gettext_lazy("The queue that helped this customer last is asked."),
    12: gettext_lazy("The queue that helped this customer last is closed or empty; the next one is asked."),
    13: gettext_lazy("Chosen for what the customer needs: {needs}."),
    14: gettext_lazy("Nothing more is known: the usual queue of this channel."),
    15: gettext_lazy("Nobody was there: the customer left a message."),
}
# The same where who should come first has just declined.
WITHOUT = RULES | {5: gettext_lazy("Closed a short while ago, and the customer wrote again."), 10: ""}
DECLINED = gettext_lazy("{agent} declined it or let it pass shortly before, and was not asked again.")
# Who is preferred looks after the customer's account, and need not have helped them ever.
BY_OWNER = {
    8: gettext_lazy("{agent} is this customer's account owner and was there."),
    9: gettext_lazy("This customer's account owner has no room now, and comes first when there is some."),
    10: gettext_lazy("This customer's account owner cannot be asked now; the queue that helped them last is."),
}
# To the agent whom the rule has named.
TO_THEM = {
    6: gettext_lazy("You were chosen by name."),
    8: gettext_lazy("You helped this customer last."),
}
MINE = {
    "accept": gettext_lazy("You took it."),
    OFFERED: gettext_lazy("It was offered to you, and you accepted."),
    "reply": gettext_lazy("You answered."),
    "takeover": gettext_lazy("You took it from the bot."),
    "assign": gettext_lazy("It was given to you: you were next in {queue}."),
    "preferred": gettext_lazy("It was given to you."),  # why you were asked by name, the rule says
    "reopen": gettext_lazy("The customer wrote again after you had closed it."),
    "transfer": gettext_lazy("A colleague passed it to you."),
    "escalate": gettext_lazy("It was escalated to you."),
    "force_assign": gettext_lazy("A supervisor gave it to you."),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step in words; `state` is past, present or ahead."""

    words: str
    lasts: str
    state: str


@dataclass(frozen=True, slots=True)
class Why:
    """What is shown: a heading, one or two sentences, and the steps for those who lead."""

    title: str
    words: str
    steps: tuple[Step, ...] = ()


def why(conversation: Conversation, agent: Agent, *, leads: bool) -> Why | None:
    """None where nothing was routed, and nobody but the bot has had it."""
    plan = Plan.from_json(conversation.routing_plan)
    is_mine = conversation.owner_kind == Owner.AGENT and conversation.owner_id == agent.pk
    is_waiting = conversation.owner_kind == Owner.QUEUE
    if conversation.state == Conversation.State.CLOSED or not (is_mine or is_waiting or (leads and plan.targets)):
        return None
    names = _Names.of(plan, conversation.queue_id)
    said = [_came(conversation, names)] if is_mine else []
    said.append(_rule(plan, conversation, names, agent))
    said.append(_skill(plan, conversation) if is_waiting else "")
    words = " ".join(word for word in said if word)
    if not words:
        return None
    title = _("Why is this mine?") if is_mine else _("Where does this go?")
    return Why(title, words, _steps(plan, conversation, names) if leads else ())


def sentence(conversation: Conversation, agent: Agent) -> str:
    """Why this is offered to the agent, in one sentence."""
    plan = Plan.from_json(conversation.routing_plan)
    return _rule(plan, conversation, _Names.of(plan, conversation.queue_id), agent)


@dataclass(frozen=True, slots=True)
class _Names:
    agents: Mapping[int, str]
    queues: Mapping[int, str]

    @classmethod
    def of(cls, plan: Plan, *queue_ids: int | None) -> _Names:
        agents = {target.pk for target in plan.targets if not target.is_queue}
        agents |= {plan.declined} if plan.declined else set()
        queues = {target.pk for target in plan.targets if target.is_queue} | {pk for pk in queue_ids if pk}
        return cls(_titles(Agent, "name", agents), _titles(Queue, "title", queues))

    def target(self, target: Target) -> str:
        if target.is_queue:
            return self.queues.get(target.pk, _("a former queue"))
        return self.agents.get(target.pk, _("a former agent"))


def _titles(model: type[Agent] | type[Queue], field: str, pks: Collection[int]) -> dict[int, str]:
    return dict(model.objects.filter(pk__in=pks).values_list("pk", field)) if pks else {}


def _came(conversation: Conversation, names: _Names) -> str:
    """By which change of owner it came to the agent."""
    epoch = conversation.owner_epoch
    offer = Reservation.objects.filter(conversation=conversation.pk, agent=conversation.owner_id, epoch=epoch - 1)
    was_offered = Exists(offer.filter(status=Reservation.Status.ACCEPTED))
    moved = conversation.events.filter(kind="owner_changed", epoch=epoch).annotate(was_offered=was_offered).first()
    cause = str(moved.data.get("cause")) if moved else ""
    words = MINE.get(OFFERED if cause == "accept" and moved and moved.was_offered else cause)
    return str(words).format(queue=names.queues.get(conversation.queue_id or 0, _("its queue"))) if words else ""


def _rule(plan: Plan, conversation: Conversation, names: _Names, viewer: Agent) -> str:
    if plan.rule in TO_THEM and plan.agent_id == viewer.pk:
        return _("You are this customer's account owner.") if plan.by_owner else str(TO_THEM[plan.rule])
    if plan.rule not in RULES:
        return ""
    words = WITHOUT if plan.declined is not None else RULES | BY_OWNER if plan.by_owner else RULES
    needs = [_called(word) for word in (conversation.skill, conversation.referrer) if word]
    known = names.agents.get(plan.agent_id or 0, _("Somebody"))
    named = names.target(plan.targets[0]) if plan.targets else known
    said = str(words[plan.rule]).format(agent=known, target=named, needs=", ".join(needs) or _("a person"))
    return " ".join(filter(None, (said, _no(plan, names))))


def _no(plan: Plan, names: _Names) -> str:
    """Who is passed over because they declined."""
    if plan.declined is None:
        return ""
    return str(DECLINED).format(agent=names.agents.get(plan.declined, _("a former agent")))


def _skill(plan: Plan, conversation: Conversation) -> str:
    """Who it can be given to, where a skill was asked for."""
    if plan.demanded(conversation.skill):
        return _("Only somebody with the skill {skill} is given it.").format(skill=_called(conversation.skill))
    if conversation.skill:
        return _("Nobody in the chosen queue has the skill {skill}: anybody there is given it.").format(
            skill=_called(conversation.skill)
        )
    return ""


def _called(key: str) -> str:
    """A key in words."""
    return key.replace("_", " ").replace("-", " ")


def _steps(plan: Plan, conversation: Conversation, names: _Names) -> tuple[Step, ...]:
    at = conversation.plan_step if conversation.owner_kind == Owner.QUEUE else len(plan.targets)
    return tuple(
        Step(
            _said(target, names),
            _lasts(target.lasts),
            "past" if number < at else "present" if number == at else "ahead",
        )
        for number, target in enumerate(plan.targets)
    )


def _said(target: Target, names: _Names) -> str:
    words = names.target(target)
    if target.waits:
        return _("{agent}, once there is room").format(agent=words)
    return f"{words}: {', '.join(map(_wish, target.needs))}" if target.needs else words


def _wish(need: str) -> str:
    """What an agent is looked for by, such as `language:de`."""
    kind, _colon, word = need.partition(":")
    if kind == "language":
        return _("who speaks {language}").format(language=languages.named(word))
    return _("who has {needs}").format(needs=_called(word))


def _lasts(lasts: timedelta | None) -> str:
    if lasts is None:
        return _("until somebody takes it")
    seconds = int(lasts.total_seconds())
    return (
        _("{minutes} min").format(minutes=seconds // 60)
        if seconds % 60 == 0
        else _("{seconds} s").format(seconds=seconds)
    )
