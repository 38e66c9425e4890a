"""What can be done to many conversations at once, and by which verb is each taken back?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from conversations import ownership
from conversations.models import Conversation
from handover import desk, leading, refusals, seeing, tagging
from handover.models import Agent, Queue, SeenMark

Owner, State = Conversation.Owner, Conversation.State
Options = dict[str, Any]
Before = dict[str, Any]  # what it was, in plain values; `epoch` is the one that the doing left behind


@dataclass(frozen=True, slots=True)
class Verb:
    """`do` returns what it was before, None if nothing was to be done; both raise Problems."""

    do: Callable[[Agent, Conversation, Options], Before | None]
    undo: Callable[[Agent, Conversation, Before], None]


def _assign(agent: Agent, row: Conversation, options: Options) -> Before | None:
    """To me (no options), to a queue, or to a colleague: on their desk by whoever leads there, else offered."""
    before = _owner(row)
    if not options:
        desk.claim(conversation_id=row.pk, agent=agent)
        return _after(before, row)
    queue = Queue.objects.filter(pk=options.get("queue") or 0, is_archived=False).first()
    to = Agent.objects.select_related("user").filter(pk=options.get("agent") or 0).first()
    if queue is None and to is None:
        raise refusals.TargetGone()
    note = options.get("note") or _("Passed on together with others.")
    if to is not None and to.pk == agent.pk:
        return _assign(agent, row, {})
    try:
        if to is not None:
            leading.force_assign(conversation_id=row.pk, agent=agent, to=to)
            return _after(before, row)
    except refusals.NotLeading:
        pass
    desk.transfer(conversation_id=row.pk, agent=agent, note=note, queue=queue, to=to)
    return _after(before, row)


def _give_back(agent: Agent, row: Conversation, before: Before) -> None:
    _refuse_moved(row, before)
    if before["owner"] == Owner.BOT:
        desk.release(conversation_id=row.pk, agent=agent)
        return
    if before["owner"] == Owner.AGENT and before["owner_id"] == agent.pk:
        desk.claim(conversation_id=row.pk, agent=agent)
        return
    note = _("Given back: it was passed on by mistake.")
    if before["owner"] == Owner.QUEUE:
        queue = Queue.objects.filter(pk=before["owner_id"]).first()
        desk.transfer(conversation_id=row.pk, agent=agent, note=note, queue=queue)
        return
    to = Agent.objects.select_related("user").filter(pk=before["owner_id"]).first()
    if to is None:
        raise refusals.TargetGone()
    leading.force_assign(conversation_id=row.pk, agent=agent, to=to)


def _park(agent: Agent, row: Conversation, options: Options) -> Before | None:
    until = datetime.fromisoformat(options["until"]) if options.get("until") else None
    before = _owner(row)
    desk.park(conversation_id=row.pk, agent=agent, reason=options.get("reason", ""), until=until)
    return _after(before, row)


def _unpark(agent: Agent, row: Conversation, before: Before) -> None:
    _refuse_moved(row, before)
    desk.unpark(conversation_id=row.pk, agent=agent)


def _close(agent: Agent, row: Conversation, options: Options) -> Before | None:
    before = _owner(row)
    desk.close(conversation_id=row.pk, agent=agent, reason=options.get("reason", "resolved"))
    return _after(before, row)


def _reopen(agent: Agent, row: Conversation, before: Before) -> None:
    _refuse_moved(row, before)
    desk.reopen(conversation_id=row.pk, agent=agent)


def _tag(agent: Agent, row: Conversation, options: Options) -> Before | None:
    known = tagging.keys_of(row)
    if options["tag"] in known:
        return None
    tagging.put(conversation_id=row.pk, agent=agent, keys=[*known, options["tag"]])
    return {"tag": options["tag"]}


def _untag(agent: Agent, row: Conversation, before: Before) -> None:
    """What others have added meanwhile stays."""
    keys = [key for key in tagging.keys_of(row) if key != before["tag"]]
    tagging.put(conversation_id=row.pk, agent=agent, keys=keys)


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


def _owner(row: Conversation) -> Before:
    return {"owner": row.owner_kind, "owner_id": row.owner_id, "state": row.state, "epoch": row.owner_epoch}


def _after(before: Before, row: Conversation) -> Before | None:
    """With the epoch that it has now; one that did not move has nothing to take back."""
    row.refresh_from_db(fields=["owner_epoch"])
    return None if row.owner_epoch == before["epoch"] else {**before, "epoch": row.owner_epoch}


def _refuse_moved(row: Conversation, before: Before) -> None:
    """Somebody has done something with it since: it is theirs to take back."""
    if row.owner_epoch != before["epoch"]:
        raise ownership.OwnerMoved()


VERBS = {
    "assign": Verb(_assign, _give_back),
    "park": Verb(_park, _unpark),
    "close": Verb(_close, _reopen),
    "tag": Verb(_tag, _untag),
    "read": Verb(_read, _remark),
    "unread": Verb(_unread, _remark),
}
