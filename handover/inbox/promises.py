"""By when was the customer promised something, as a badge of a line or of a thread?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from handover.models import SlaClock
from handover.timing import sla

TITLES = {
    SlaClock.Kind.FIRST: _("First answer"),
    SlaClock.Kind.NEXT: _("Next answer"),
    SlaClock.Kind.RESOLUTION: _("Resolution"),
}


@dataclass(frozen=True, slots=True)
class Promise:
    """The nearest promise that runs; `state` is kept, near (the warning was given) or late."""

    title: str
    due_at: datetime
    state: str


def of(conversation_ids: Collection[int]) -> dict[int, Promise]:
    """Of those whose time runs; one query. A promise that stands still says nothing."""
    found = {}
    for pk, one in sla.of(conversation_ids).items():
        if one.due_at is not None:
            state = "late" if one.breached_at else "near" if one.warned_at else "kept"
            found[pk] = Promise(str(TITLES[SlaClock.Kind(one.kind)]), one.due_at, state)
    return found
