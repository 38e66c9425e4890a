"""How is one thing done to many conversations, and taken back? Each by its own verb, in its own transaction.

Up to `AT_ONCE` while the agent waits; more by a worker within seconds. What is refused is told for each, and the rest
is done.

Problem
+-- BadBulk    400 invalid_bulk   no such verb, nothing chosen, too many, or an option is missing
+-- TooLate    409 too_late       more than 30 seconds ago, or taken back already
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from common import clock
from common.problems import Problem
from conversations.models import Conversation
from handover import refusals, sight
from handover.bulk_verbs import VERBS
from handover.models import Agent, BulkAction

AT_ONCE = 100
MOST = 5000
UNDO_FOR = timedelta(seconds=30)
LEASE = timedelta(minutes=1)
STRETCH = 25  # conversations between two notes of how far it is
Status = BulkAction.Status


class BadBulk(Problem):
    code, title, status = "invalid_bulk", "This cannot be done to many at once.", 400


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


def undo(*, action: BulkAction, agent: Agent) -> dict[str, str]:
    """Takes back what was done, by the inverse verbs; returns what could not be, with why. For 30 seconds."""
    with transaction.atomic():
        locked = BulkAction.objects.select_for_update().get(pk=action.pk)
        if locked.status != Status.DONE or not may_undo(locked):
            raise TooLate()
        locked.status = Status.UNDONE
        locked.save(update_fields=["status"])
    done = {public_id: before for public_id, before in locked.before.items() if before is not None}
    rows, refused = _visible(agent, done), {}
    for public_id, before in done.items():
        try:
            with transaction.atomic():
                VERBS[locked.verb].undo(agent, _there(rows.get(public_id)), before)
        except Problem as problem:
            refused[public_id] = problem.code
    return refused


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
    left = [one for one in action.wanted if one not in action.before and one not in action.refused]
    for stretch in (left[at : at + STRETCH] for at in range(0, len(left), STRETCH)):
        rows = _visible(action.agent, stretch)
        for public_id in stretch:
            _one(action, public_id, rows.get(public_id))
        action.done_at = clock.now()
        action.save(update_fields=["before", "refused", "done_at"])
    action.status, action.done_at = Status.DONE, clock.now()
    action.save(update_fields=["status", "done_at"])
    return 1


def _one(action: BulkAction, public_id: str, row: Conversation | None) -> None:
    """A refusal of one undoes nothing of the others. Of one with nothing to do there is nothing to take back."""
    try:
        with transaction.atomic():
            action.before[public_id] = VERBS[action.verb].do(action.agent, _there(row), action.options)
    except Problem as problem:
        action.refused[public_id] = problem.code


def _there(row: Conversation | None) -> Conversation:
    if row is None:
        raise refusals.NotThere()
    return row


def _visible(agent: Agent, ids: Collection[str]) -> dict[str, Conversation]:
    rows = sight.visible_to(agent).filter(public_id__in=ids)
    return {str(row.public_id): row for row in rows}
