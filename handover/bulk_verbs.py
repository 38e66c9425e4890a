"""What can be done to many conversations at once, and by which verb is each taken back?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from conversations.models import Conversation
from handover import desk, leading, putting_back, refusals, seeing, standing_before, tagging
from handover.models import Agent, Queue, SeenMark
from handover.standing_before import Before

Options = dict[str, Any]
Do = Callable[[Agent, Conversation, Options], Before | None]


@dataclass(frozen=True, slots=True)
class Verb:
    """`do` returns what it was before, None if nothing was to be done; both raise Problems and need a transaction."""

    do: Do
    undo: Callable[[Agent, Conversation, Before], None]


def _moves(act: Callable[[Agent, Conversation, Options], None]) -> Do:
    """What it was before is what it was when nobody else could touch it any more."""

    def do(agent: Agent, row: Conversation, options: Options) -> Before | None:
        held = putting_back.hold(row.pk, agent)
        before = standing_before.of(held)
        act(agent, held, options)
        return putting_back.done(held, before)

    return do


def _put_back(agent: Agent, row: Conversation, before: Before) -> None:
    putting_back.put_back(conversation_id=row.pk, agent=agent, before=before)


def _assign(agent: Agent, row: Conversation, options: Options) -> None:
    """To me (no options), to a queue, or to a colleague: on their desk by whoever leads there, else offered."""
    if not options:
        desk.claim(conversation_id=row.pk, agent=agent)
        return
    queue = Queue.objects.filter(pk=options.get("queue") or 0, is_archived=False).first()
    to = Agent.objects.select_related("user").filter(pk=options.get("agent") or 0).first()
    if queue is None and to is None:
        raise refusals.TargetGone()
    note = options.get("note") or _("Passed on together with others.")
    if to is not None and to.pk == agent.pk:
        _assign(agent, row, {})
        return
    try:
        if to is not None:
            leading.force_assign(conversation_id=row.pk, agent=agent, to=to)
            if options.get("note"):
                desk.note(conversation_id=row.pk, agent=agent, text=note)
            return
    except refusals.NotLeading:
        pass
    desk.transfer(conversation_id=row.pk, agent=agent, note=note, queue=queue, to=to)


def _park(agent: Agent, row: Conversation, options: Options) -> None:
    until = datetime.fromisoformat(options["until"]) if options.get("until") else None
    reason = options.get("reason", "")
    desk.park(conversation_id=row.pk, agent=agent, reason=reason, until=until, seen_seq=_seen(row, options))


def _close(agent: Agent, row: Conversation, options: Options) -> None:
    reason = options.get("reason", "resolved")
    desk.close(conversation_id=row.pk, agent=agent, reason=reason, seen_seq=_seen(row, options))


def _tag(agent: Agent, row: Conversation, options: Options) -> Before | None:
    is_new = tagging.add(conversation_id=row.pk, agent=agent, key=options["tag"])
    return {"tag": options["tag"]} if is_new else None


def _untag(agent: Agent, row: Conversation, before: Before) -> None:
    """What others have added meanwhile stays."""
    tagging.remove(conversation_id=row.pk, agent=agent, key=before["tag"])


def _read(agent: Agent, row: Conversation, options: Options) -> Before | None:
    return _mark(agent, row, row.head_seq)


def _unread(agent: Agent, row: Conversation, options: Options) -> Before | None:
    last = seeing.unread_before([row.pk]).get(row.pk)
    return None if last is None else _mark(agent, row, last)


def _mark(agent: Agent, row: Conversation, seq: int) -> Before:
    known = SeenMark.objects.filter(agent=agent, conversation=row).values_list("seq", flat=True).first()
    seeing.put(agent, {row.pk: seq})
    return {"seq": known or 0}


def _remark(agent: Agent, row: Conversation, before: Before) -> None:
    seeing.put(agent, {row.pk: before["seq"]})


def _seen(row: Conversation, options: Options) -> int | None:
    """How far the agent had read it when they chose it; None if nobody says."""
    seen: int | None = options.get("seen", {}).get(str(row.public_id))
    return seen


VERBS = {
    "assign": Verb(_moves(_assign), _put_back),
    "park": Verb(_moves(_park), _put_back),
    "close": Verb(_moves(_close), _put_back),
    "tag": Verb(_tag, _untag),
    "read": Verb(_read, _remark),
    "unread": Verb(_unread, _remark),
}
