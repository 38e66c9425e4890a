"""How does a draft become what customers get? Its version, and what becomes of the runs that have begun, as one act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from conversations.journeys import definition, drafts, inflight, publishing
from conversations.journeys.inflight import Mode, Plan
from conversations.models import Journey, JourneyVersion, RunChange
from customers import audit


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the author decided about the runs of older versions; `rename` maps old step ids to new ones."""

    mode: Mode = "keep"
    rename: Mapping[str, str] | None = None
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Released:
    """What is live now, and what is being done to the runs; None when they are kept."""

    version: JourneyVersion
    change: RunChange | None


def rehearse(*, journey: Journey, wanted: Wanted) -> Plan:
    """What publishing the saved draft like this would do to the runs; `publishing.Refused` if the draft has errors."""
    data, digest = publishing.canonical(text=journey.draft, only=journey.key)
    new = definition.compile(data)
    live = journey.versions.filter(number__gt=0).order_by("-number").first()
    same = live.pk if live is not None and live.sha256 == digest else None
    return inflight.rehearse(journey=journey, new=new, mode=wanted.mode, rename=wanted.rename or {}, but=same)


def release(*, journey_id: int, seen: int, by: Any, notes: str, wanted: Wanted) -> Released:
    """Publishes the saved draft and notes what shall happen to the runs.

    `drafts.Changed` if it is not the draft that was `seen`, `publishing.Refused` if it has errors.
    """
    with transaction.atomic():
        journey = Journey.objects.select_for_update(no_key=True).get(pk=journey_id)
        if journey.draft_revision != seen:
            raise drafts.Changed(revision=journey.draft_revision)
        version = publishing.publish(text=journey.draft, by=by, notes=notes[:200], only=journey.key)
        rename = wanted.rename or {}
        inflight.refuse_unfit(version.journey, publishing.definition(version.pk), rename)
        change = inflight.ask(version=version, mode=wanted.mode, rename=rename, sentence=wanted.sentence, by=by)
        actor = f"user:{by.pk}" if by is not None else "system"
        what = f"version {version.number}, runs: {wanted.mode}"
        audit.record(actor=actor, action="journey.published", object_id=journey.key, reason=what)
    return Released(version, change)
