"""What does a system event say in one line? Words for what happened between the messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from conversations.journeys import publishing
from conversations.models import ConversationEvent
from handover import blocking
from handover.inbox import desk_lines
from handover.inbox.owners import Owner

CAUSES = {
    "handover": "after the pre-chat questions",
    "takeover": "from the bot",
    "accept": "from the queue",
    "reply": "by replying",
    "assign": "assigned",
    "preferred": "assigned: comes first for this customer",
    "reopen": "written before it was closed",
    "rating": "a bad rating, and why",
    "left_queue": "the customer left the queue",
    "ticket_live": "the customer asked again, and somebody is there now",
    "ticket_lent": "the customer went back to the menu; their message comes back",
    "ticket_returned": "the customer has left the menu",
    "ticket_withdrawn": "the customer withdrew their message",
    "release": "given back to the bot",
    "transfer": "transferred",
    "requeue": "back to the queue",
    "plan_step": "the next one of its plan",
    "close": "closed",
    "blocked": "the customer is blocked",
    "unanswered": "the agent did not answer in time",
    "agent_inactive": "the customer waited too long for the next word",
    "agent_gone": "the agent is gone",
    "customer_inactive": "the customer has fallen silent",
    "queue_ticket": "nobody was free: it waits as a message",
    "queue_quiet": "the customer fell silent in the queue",
    "exhausted": "nobody was free",
    "expired": "nobody wrote for 24 hours",
    "joined": "the customer came back to the matter before it",
    "united": "it goes on in another conversation of the same person",
}
OUTCOMES = {
    "": "",
    "completed": "finished",
    "handed_over": "handed over",
    "cancelled": "cancelled",
    "expired": "expired",
}
PLAIN = {
    "opened": "Conversation opened",
    "task_report": "A job elsewhere reported",
    "sla_warned": "A promise is about to be broken",
    "sla_breached": "A promise is broken: the customer waited too long",
    "rating_commented": "Customer added a word to their rating",
    "agent_reminded": "The customer still waits for an answer",
    "supervisor_called": "Those who lead the queue were called",
    "priority_raised": "Counts as waiting longer",
    "plan_exhausted": "Nobody was found in the queues of the plan",
    "handover_requested": "Customer asked for a person",
    "handover_failed": "Handover failed, the bot went on",
    "handover_offline": "Nobody was online, the bot went on",
    "proof": "Customer proved who they are",
    "article_answered": "An article answered",
    "articles_offered": "Articles were offered",
    "article_rated": "Customer said whether the answer helped",
    "question_missed": "No article answers this question",
    "opted_out": "Customer asked us to stop writing: nothing is sent here unasked",
    "opted_in_again": "Customer asked us to go on: answers and news, no marketing",
}
# Which promise: an event that does not say is told by PLAIN.
NEAR = {
    "first": "The first answer is due soon: within %(minutes)s min was promised",
    "next": "The next answer is due soon: within %(minutes)s min was promised",
    "resolution": "The solution is due soon: within %(minutes)s min was promised",
}
BROKEN = {
    "first": "The first answer is late: within %(minutes)s min was promised",
    "next": "The next answer is late: within %(minutes)s min was promised",
    "resolution": "The solution is late: within %(minutes)s min was promised",
}
PROMISES = {"sla_warned": NEAR, "sla_breached": BROKEN}
# What the opened line adds, and how it is called.
DETAILS = {
    "cause": "Why",
    "reason": "Reason",
    "outcome": "Outcome",
    "queue": "Queue",
    "skill": "Skill",
    "assurance": "Proof",
    "source": "Told by",
}
JOURNEY = frozenset({"journey_started", "journey_forked", "journey_step", "journey_ended"})


def sentence(event: ConversationEvent, owner: Owner | None, actor: str) -> str:
    """The line itself; `owner` is who speaks after an `owner_changed`, `actor` the name of the agent who acted."""
    data: Mapping[str, Any] = event.data
    if event.kind == "owner_changed":
        return desk_lines.moved(data, owner, actor) or _moved(data, owner, actor)
    if event.kind in ROUTED:
        return ROUTED[event.kind](data, actor or _("an agent"))
    if event.kind == "rated":
        return _("Customer rated this %(score)s of 5") % {"score": data.get("score")}
    if said := PROMISES.get(event.kind, {}).get(str(data.get("promise"))):
        return _(said) % {"minutes": data.get("minutes")}
    if event.kind in JOURNEY:
        return _journey(event.kind, data)
    return desk_lines.sentence(event.kind, data) or _(PLAIN.get(event.kind, _spoken(event.kind).capitalize()))


ENDED = {
    "time": "nobody took it in time",
    "timed_out": "the offer passed unanswered",
    "declined": "the offer was declined",
    "not_there": "the agent cannot take it now",
    "closed": "the queue has closed",
    "unstaffed": "nobody is there any more",
}
ROUTED: Mapping[str, Callable[[Mapping[str, Any], str], str]] = {
    "offered": lambda data, actor: _("Offered to %(name)s") % {"name": actor},
    "offer_missed": lambda data, actor: (
        (_("%(name)s declined it") if data.get("reason") == "declined" else _("%(name)s let it pass")) % {"name": actor}
    ),
    "customer_blocked": lambda data, actor: (
        _("%(name)s blocked this customer: %(why)s")
        % {"name": actor, "why": blocking.REASONS.get(str(data.get("reason")), _("Something else"))}
    ),
    "customer_unblocked": lambda data, actor: _("%(name)s unblocked this customer") % {"name": actor},
    "sent_back": lambda data, actor: (
        (
            _("%(name)s let it go on with the menu")
            if data.get("to") == "menu"
            else _("%(name)s let it go on at “%(step)s”")
        )
        % {"name": actor, "step": _spoken(data.get("step") or "?").capitalize()}
    ),
    "plan_advanced": lambda data, actor: (
        _("Goes on: %(why)s") % {"why": _(ENDED.get(str(data.get("because")), "the next step of its plan"))}
    ),
}


def details(event: ConversationEvent) -> list[tuple[str, str]]:
    """What the opened line adds: enumerations of the event, never what a customer wrote."""
    data = {**event.data, "source": event.source}
    return [(_(title), _detail(name, data[name])) for name, title in DETAILS.items() if _is_word(data.get(name))]


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _detail(name: str, value: str) -> str:
    known = {"cause": CAUSES, "outcome": OUTCOMES}.get(name, {}).get(value)
    return _(known) if known else _spoken(value)


def _moved(data: Mapping[str, Any], owner: Owner | None, actor: str) -> str:
    cause = _(CAUSES.get(str(data.get("cause")), _spoken(data.get("cause") or " "))).strip()
    if data.get("state") == "closed":
        why = cause if data.get("cause") in ("expired", "joined", "united") else ""
        return _("Closed by %(name)s") % {"name": actor} if actor else ": ".join(filter(None, (_("Closed"), why)))
    if owner is None or owner.kind == "bot":
        said = _("%(name)s gave the conversation to the bot") if actor else _("The bot speaks again (%(cause)s)")
        return said % {"name": actor, "cause": cause}
    if owner.kind == "queue":
        return _("Waiting in %(name)s (%(cause)s)") % {"name": owner.label, "cause": cause}
    said = _("%(name)s took over (%(cause)s)") if owner.kind == "agent" else _("Owned by %(name)s")
    return said % {"name": owner.label, "cause": cause}


def _journey(kind: str, data: Mapping[str, Any]) -> str:
    journey = _title(str(data.get("journey") or _("a journey")))
    told = OUTCOMES.get(str(data.get("outcome") or ""), _spoken(data.get("outcome") or ""))
    outcome = f": {_(told)}" if told else ""
    if kind == "journey_started":
        return _("Journey “%(title)s” started") % {"title": journey}
    if kind == "journey_forked":
        return _("Journey “%(title)s” goes on in the background") % {"title": journey}
    if kind == "journey_ended":
        return _("Journey “%(title)s” ended") % {"title": journey} + outcome
    return _("Step “%(title)s”") % {"title": _spoken(data.get("step") or "?")} + outcome


def _title(key: str) -> str:
    """As the live version calls itself in the agent's language; of a journey that is not live, its key in words."""
    version = publishing.live().get(key)
    return publishing.definition(version).called(get_language() or "") if version is not None else _spoken(key)


def _spoken(word: Any) -> str:
    return str(word).replace("_", " ")
