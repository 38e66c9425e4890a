"""What does a macro do, step by step, and how is it run? Each step is one verb of the desk, whole or not at all.

A step that is refused ends the run: what was done before stays done, what comes after is left, and both are said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common import clock
from common.problems import Problem
from conversations.content import Text
from conversations.models import Conversation
from handover import desk, noting, ready, tagging
from handover.models import Agent, Macro, Queue, Tag

MOST = 8  # steps
LONGEST = 4000  # characters of a text
TAKES: Mapping[str, tuple[str, ...]] = {  # what each can do, and what it has to know for that
    "reply": ("text",),
    "note": ("text",),
    "tag": ("tag",),
    "transfer": ("queue", "text"),
    "park": ("hours",),
    "close": (),
}
TARGETS = {"tag": "tag", "transfer": "queue", "park": "hours"}


@dataclass(frozen=True, slots=True)
class Step:
    """One doing, ready to be shown and done; `missing` are places about which nothing is known."""

    do: str
    title: str
    text: str = ""
    target: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a step: `done`, `refused` (with the reason) or `left`."""

    step: Step
    state: str
    refusal: Problem | None = None


class Unknown(Problem):
    code, title, status = "unknown_step", "This macro names something that is not there any more.", 409


@dataclass(frozen=True, slots=True)
class _Act:
    """Whose doing it is, where, and its own id: the same again changes nothing."""

    conversation_id: int
    agent: Agent
    client_id: str
    seen_seq: int | None
    seen_epoch: int | None


def steps(*, macro: Macro, conversation: Conversation, agent: Agent) -> list[Step]:
    """What would happen, in words, with every place filled in; nothing happens yet."""
    scope = ready.scope(conversation, agent)
    titles = {f"tag:{key}": title for key, title in Tag.objects.values_list("key", "title")}
    titles |= {f"transfer:{key}": title for key, title in Queue.objects.values_list("key", "title")}
    return [_step(action, scope, titles) for action in read(macro.actions)[:MOST]]


def run(
    *,
    macro: Macro,
    conversation: Conversation,
    agent: Agent,
    client_id: UUID,
    seen_seq: int | None = None,
    seen_epoch: int | None = None,
) -> list[Outcome]:
    """Does the steps in order. The same `client_id` again does nothing twice that would be seen twice, and up to the
    step by which it has passed the conversation on it is answered as before, whoever sees it now.

    What was parked since the epoch that the agent saw (`seen_epoch`) is not parked anew.
    """
    outcomes: list[Outcome] = []
    for place, step in enumerate(steps(macro=macro, conversation=conversation, agent=agent)):
        if outcomes and outcomes[-1].state != "done":
            outcomes.append(Outcome(step, "left"))
            continue
        act = _Act(conversation.pk, agent, _step_id(client_id, place), seen_seq, seen_epoch)
        outcome = _do(step, act)
        if outcome.refusal is not None and place <= passed_on(macro, conversation.public_id, agent, client_id):
            outcome = Outcome(step, "done")  # by the run before, or one at the same time: it came further than this
        outcomes.append(outcome)
    return outcomes


def passed_on(macro: Macro, conversation: UUID, agent: Agent, client_id: UUID) -> int:
    """The last step by which this run of the agent's has passed the conversation on; -1 if none has. One query."""
    places = [place for place, one in enumerate(read(macro.actions)[:MOST]) if one.get("do") == "transfer"]
    ids = {_step_id(client_id, place): place for place in places}
    return max((ids[one] for one in noting.written(conversation, agent, ids)), default=-1)


def _step_id(client_id: UUID, place: int) -> str:
    return str(uuid5(client_id, str(place)))


def read(actions: object) -> list[Mapping[str, Any]]:
    """The steps as they are kept; each that nobody can read is an empty one, which is refused when it is run."""
    kept = actions if isinstance(actions, list) else [None]
    return [one if isinstance(one, dict) else {} for one in kept]


def matching(rows: QuerySet[Macro], typed: str) -> QuerySet[Macro]:
    """Those whose title has every typed word; its first five count."""
    for word in typed.split()[:5]:
        rows = rows.filter(title__icontains=word)
    return rows


def flaw(actions: Sequence[object]) -> str:
    """Why these steps cannot be kept, '' if they can."""
    if not actions:
        return _("A macro does at least one thing.")
    if len(actions) > MOST:
        return _("A macro does at most %(most)s things.") % {"most": MOST}
    return next(filter(None, (_flaw(action) for action in actions)), "")


def _flaw(action: object) -> str:
    if not isinstance(action, Mapping):
        return _("A step of a macro names what it does, such as close.")
    do = action.get("do")
    if not isinstance(do, str) or do not in TAKES:
        return _("“%(do)s” is nothing that a macro can do.") % {"do": str(do)[:40]}
    if more := sorted(set(action) - {"do", *TAKES[do]}):
        return _("“%(do)s” does not take “%(name)s”.") % {"do": do, "name": str(more[0])[:40]}
    if do == "tag" and not Tag.objects.filter(key=str(action.get("tag")), is_archived=False).exists():
        return _("There is no such topic.")
    if do == "transfer" and not Queue.objects.filter(key=str(action.get("queue")), is_archived=False).exists():
        return _("There is no such queue.")
    hours = action.get("hours")
    if do == "park" and not (type(hours) is int and 1 <= hours <= 168):  # `True` is a number, too
        return _("Park for 1 to 168 hours.")
    return _flaw_of_words(action.get("text")) if "text" in TAKES[do] else ""


def _flaw_of_words(text: Any) -> str:
    if not isinstance(text, str) or not text.strip():
        return _("A reply, a note and a transfer have words.")
    return _("At most 4,000 characters.") if len(text) > LONGEST else ready.flaw(text)


def _step(action: Mapping[str, Any], scope: Any, titles: Mapping[str, str]) -> Step:
    do = str(action.get("do", ""))
    filled = ready.fill(str(action.get("text") or ""), scope)
    target = str(action.get(TARGETS.get(do, "")) or "")
    named = titles.get(f"{do}:{target}", target)
    words: dict[str, str] = {
        "reply": _("Reply to the customer"),
        "note": _("Private note"),
        "tag": _("Tag “%(name)s”") % {"name": named},
        "transfer": _("Transfer to %(name)s") % {"name": named},
        "park": _("Park for %(hours)s hours") % {"hours": target},
        "close": _("Close"),
    }
    return Step(do, words.get(do, do) or _("A step that cannot be read"), filled.text, target, filled.missing)


def _do(step: Step, act: _Act) -> Outcome:
    try:
        doer = _DOERS.get(step.do)
        if doer is None or step.missing == ready.BROKEN:
            raise Unknown()
        doer(step, act)
    except Problem as problem:
        return Outcome(step, "refused", problem)
    return Outcome(step, "done")


def _reply(step: Step, act: _Act) -> None:
    desk.reply(
        conversation_id=act.conversation_id,
        agent=act.agent,
        content=Text(step.text),
        client_id=act.client_id,
        seen_seq=act.seen_seq,
    )


def _note(step: Step, act: _Act) -> None:
    desk.note(conversation_id=act.conversation_id, agent=act.agent, text=step.text, client_id=act.client_id)


def _close(step: Step, act: _Act) -> None:
    desk.close(conversation_id=act.conversation_id, agent=act.agent, seen_seq=act.seen_seq)


def _tag(step: Step, act: _Act) -> None:
    tagging.add(conversation_id=act.conversation_id, agent=act.agent, key=step.target)


def _transfer(step: Step, act: _Act) -> None:
    queue = Queue.objects.filter(key=step.target, is_archived=False).first()
    if queue is None:
        raise Unknown()
    desk.transfer(
        conversation_id=act.conversation_id, agent=act.agent, note=step.text, queue=queue, client_id=act.client_id
    )


def _park(step: Step, act: _Act) -> None:
    """A minute less than was asked for, so that a week is within the week that is allowed."""
    if not step.target.isdecimal():
        raise Unknown()
    until = clock.now() + timedelta(hours=int(step.target), minutes=-1)
    desk.park(
        conversation_id=act.conversation_id,
        agent=act.agent,
        until=until,
        seen_seq=act.seen_seq,
        seen_epoch=act.seen_epoch,
    )


_DOERS: dict[str, Callable[[Step, _Act], None]] = {
    "reply": _reply,
    "note": _note,
    "tag": _tag,
    "transfer": _transfer,
    "park": _park,
    "close": _close,
}
