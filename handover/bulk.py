"""How is one thing done to many conversations, and taken back? Each by its own verb, in its own transaction.

Up to `AT_ONCE` while the agent waits; more by a worker within seconds. What is refused is told for each, and the rest
is done.

Problem
+-- BadBulk    400 invalid_bulk   no such verb, nothing chosen, too many, or an option is missing
+-- TooLate    409 too_late       more than 30 seconds ago, or taken back already
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from common import clock
from common.problems import Problem
from conversations.models import Conversation
from handover import refusals, sight
from handover.bulk_verbs import VERBS
from handover.models import Agent, BulkAction
from handover.standing_before import Before

AT_ONCE = 100
MOST = 5000
UNDO_FOR = timedelta(seconds=30)
LEASE = timedelta(minutes=1)
STRETCH = 25  # conversations between two looks at what the agent may see
# Only what is new travels, however much is noted already; one that is noted by now was done by another worker.
NOTE = """
UPDATE handover_bulkaction
SET before = before || %(before)s::jsonb, refused = refused || %(refused)s::jsonb, done_at = %(now)s
WHERE id = %(action)s AND status = 'pending' AND NOT (before || refused) ?| %(names)s
"""
NOTE_BACK = """
UPDATE handover_bulkaction
SET options = jsonb_set(options, '{undo}', (options -> 'undo') || %(back)s::jsonb), done_at = %(now)s
WHERE id = %(action)s AND status = 'pending' AND NOT (options -> 'undo') ?| %(names)s
"""
UNDO = "undo"  # among the options, once it is taken back: public id -> '' or the code of a refusal
Status = BulkAction.Status


class BadBulk(Problem):
    code, title, status = "invalid_bulk", "This cannot be done to many at once.", 400


class _DoneMeanwhile(Exception):
    """Another worker has done this one."""


class TooLate(Problem):
    code, title, status = "too_late", "It is too late to take this back.", 409


def start(*, agent: Agent, verb: str, options: Mapping[str, Any], ids: Collection[UUID]) -> BulkAction:
    """Notes what is wanted; does it at once where there are few. Those that the agent may not see are refused each."""
    wanted = list(dict.fromkeys(str(one) for one in ids))
    if verb not in VERBS or not wanted or len(wanted) > MOST or (verb == "tag" and not options.get("tag")):
        raise BadBulk()
    action = BulkAction.objects.create(
        agent=agent, verb=verb, options=dict(options), wanted=wanted, created_at=clock.now()
    )
    if len(wanted) <= AT_ONCE:
        _carry_out(action.pk)
        action.refresh_from_db()
    return action


def undo(*, action: BulkAction, agent: Agent) -> BulkAction:
    """Takes back what was done, by the inverse verbs, for 30 seconds; at once where it is little, else by a worker.

    `kept` says what could not be taken back.
    """
    with transaction.atomic():
        locked = BulkAction.objects.select_for_update().get(pk=action.pk, agent=agent)
        if locked.status != Status.DONE or not may_undo(locked):
            raise TooLate()
        locked.status, locked.done_at = Status.PENDING, None
        locked.options = {**locked.options, UNDO: {}}
        locked.save(update_fields=["status", "done_at", "options"])
    if len(_to_undo(locked)) <= AT_ONCE:
        _carry_out(locked.pk)
        locked.refresh_from_db()
    return locked


def is_taken_back(action: BulkAction) -> bool:
    """Has its agent thought better of it, whether or not all is put back by now?"""
    return UNDO in action.options


def kept(action: BulkAction) -> dict[str, str]:
    """What could not be taken back, with why."""
    return {public_id: code for public_id, code in action.options.get(UNDO, {}).items() if code}


def put_back(action: BulkAction) -> int:
    """How many are again what they were."""
    return sum(not code for code in action.options.get(UNDO, {}).values())


def may_undo(action: BulkAction) -> bool:
    """Is there still time?"""
    has_done = any(before is not None for before in action.before.values())
    return action.done_at is not None and clock.now() < action.done_at + UNDO_FOR and has_done


def sweep() -> int:
    """Does what waits; returns how many actions. One that a worker died over is taken on after a minute."""
    found = 0
    while (pk := _next()) is not None:
        found += _carry_out(pk)
    return found


def _next() -> int | None:
    waiting = BulkAction.objects.filter(status=Status.PENDING).filter(_is_free())
    return waiting.order_by("created_at").values_list("pk", flat=True).first()


def _is_free() -> Q:
    """While it waits, `done_at` says when somebody last went on with it."""
    return Q(done_at__isnull=True) | Q(done_at__lt=clock.now() - LEASE)


def _carry_out(pk: int) -> int:
    """Claims the action and does it: each conversation for itself, so that no lock is held for long."""
    if not BulkAction.objects.filter(_is_free(), pk=pk, status=Status.PENDING).update(done_at=clock.now()):
        return 0
    action = BulkAction.objects.select_related("agent__user").get(pk=pk)
    is_back = is_taken_back(action)
    left = _to_undo(action) if is_back else _to_do(action)
    for stretch in (left[at : at + STRETCH] for at in range(0, len(left), STRETCH)):
        rows = _named(stretch) if is_back else _visible(action.agent, stretch)
        for public_id in stretch:
            (_one_back if is_back else _one)(action, public_id, rows.get(public_id))
    status = Status.UNDONE if is_back else Status.DONE
    BulkAction.objects.filter(pk=pk, status=Status.PENDING).update(status=status, done_at=clock.now())
    return 1


def _to_do(action: BulkAction) -> list[str]:
    return [one for one in action.wanted if one not in action.before and one not in action.refused]


def _to_undo(action: BulkAction) -> list[str]:
    """Where nothing was to be done, nothing is to be taken back."""
    return [one for one, before in action.before.items() if before is not None and one not in action.options[UNDO]]


def _one(action: BulkAction, public_id: str, row: Conversation | None) -> None:
    """A refusal of one undoes nothing of the others. Of one with nothing to do there is nothing to take back.

    What is done is noted in the same transaction: a worker who dies leaves nothing done that the next one does again.
    """
    try:
        with transaction.atomic():
            before = VERBS[action.verb].do(action.agent, _there(row), action.options)
            _note(action, before={public_id: before})
    except _DoneMeanwhile:
        return
    except Problem as problem:
        with suppress(_DoneMeanwhile):
            _note(action, refused={public_id: problem.code})


def _one_back(action: BulkAction, public_id: str, row: Conversation | None) -> None:
    """The same for taking back."""
    code = ""
    try:
        with transaction.atomic():
            VERBS[action.verb].undo(action.agent, _there(row), action.before[public_id])
            _run(NOTE_BACK, action, [public_id], back={public_id: ""})
    except _DoneMeanwhile:
        return
    except Problem as problem:
        code = problem.code
    if code:
        with suppress(_DoneMeanwhile):
            _run(NOTE_BACK, action, [public_id], back={public_id: code})


def _note(action: BulkAction, *, before: dict[str, Any] | None = None, refused: dict[str, Any] | None = None) -> None:
    """How far it is, and that somebody goes on with it."""
    _run(NOTE, action, list(before or refused or {}), before=before or {}, refused=refused or {})


def _run(statement: str, action: BulkAction, names: list[str], **values: Before) -> None:
    told = {name: json.dumps(value) for name, value in values.items()}
    with connection.cursor() as cursor:
        cursor.execute(statement, {**told, "names": names, "action": action.pk, "now": clock.now()})
        if not cursor.rowcount:
            raise _DoneMeanwhile


def _there(row: Conversation | None) -> Conversation:
    if row is None:
        raise refusals.NotThere()
    return row


def _named(ids: Collection[str]) -> dict[str, Conversation]:
    """Who did it may take it back: what they gave away, they may not see any more. The verbs ask what else is due."""
    return {str(row.public_id): row for row in Conversation.objects.filter(public_id__in=ids)}


def _visible(agent: Agent, ids: Collection[str]) -> dict[str, Conversation]:
    rows = sight.visible_to(agent).filter(public_id__in=ids)
    return {str(row.public_id): row for row in rows}
