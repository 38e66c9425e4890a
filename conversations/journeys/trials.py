"""How is a draft played before it is published? One person of the sandbox says a code, and only they get the draft.

Nobody else reaches it: a trial is no live version, its code is random and works once, only where the sandbox's
pretended providers carry the words, and a day later it is gone.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import transaction

from common import clock
from conversations import threads
from conversations.journeys import definition, publishing, stack
from conversations.journeys.effects import Call, StartTask
from conversations.journeys.scene import Scene
from conversations.models import Connection, Journey, JourneyRun, JourneyTrial, JourneyVersion
from customers import tombstones

Outward = Call | StartTask
PREFIX = "try:"
LINK = "try-"  # the same in a link to a page
LASTS = timedelta(hours=24)

_places: list[Callable[[str], bool]] = []
_systems: list[Callable[[str], bool]] = []


def played_on(is_pretended: Callable[[str], bool]) -> None:
    """Which channels (by key) have a pretended provider; without an answer no draft is ever played."""
    _places[:] = [is_pretended]


def answered_by(is_pretended: Callable[[str], bool]) -> None:
    """Which systems (by base URL) are pretended; without an answer a draft reaches none."""
    _systems[:] = [is_pretended]


def tame(run: JourneyRun, wanted: Outward) -> Outward:
    """What a run wants of another system, as it is. A draft that is tried out reaches pretended ones only: anything
    else goes to no connection, and is answered as by one that is switched off (`disabled`).
    """
    if not _is_trial(run.version_id):
        return wanted
    key = wanted.request.connection
    base_url = Connection.objects.filter(key=key).values_list("base_url", flat=True).first() or ""
    if any(is_pretended(base_url) for is_pretended in _systems):
        return wanted
    nowhere = replace(wanted.request, connection="")
    if isinstance(wanted, StartTask):
        return replace(wanted, request=nowhere, cancel=None)
    return replace(wanted, request=nowhere)


def begin(*, journey: Journey, by: Any) -> JourneyTrial:
    """Makes the saved draft playable for whoever says its code first; `publishing.Refused` if it has errors."""
    data, sha256 = publishing.canonical(text=journey.draft, only=journey.key)
    with transaction.atomic():
        version = JourneyVersion.objects.create(
            journey=journey,
            number=JourneyVersion.TRIAL,
            definition=data,
            source=journey.draft,
            sha256=sha256,
            schema_version=definition.SCHEMA_VERSION,
            published_by=by,
            published_at=clock.now(),
            notes="tried out",
        )
        return JourneyTrial.objects.create(version=version, code=secrets.token_urlsafe(16), until=clock.now() + LASTS)


def words(trial: JourneyTrial) -> str:
    """What the person says to begin."""
    return PREFIX + trial.code


def word(trial: JourneyTrial) -> str:
    """What a link to a page with the chat carries instead."""
    return LINK + trial.code


def claim(*, said: str, channel: str) -> JourneyVersion | None:
    """The draft that these words begin, for whoever says them first; None for anybody else and anywhere else."""
    if (
        not settings.SANDBOX
        or not said.startswith((PREFIX, LINK))
        or not any(is_pretended(channel) for is_pretended in _places)
    ):
        return None
    fresh = JourneyTrial.objects.filter(code=said[len(PREFIX) :].strip(), started_at=None, until__gt=clock.now())
    trial = fresh.select_related("version__journey").first()
    if trial is None or not fresh.filter(pk=trial.pk).update(started_at=clock.now()):
        return None
    return trial.version


def playing(*, runs: Iterable[JourneyRun], journey: str) -> int | None:
    """The draft that a person plays, of their runs in this turn, so that "start over" begins the draft again."""
    if not settings.SANDBOX:
        return None
    mine = (run.version_id for run in runs if publishing.definition(run.version_id).key == journey)
    return next((version_id for version_id in mine if _is_trial(version_id)), None)


@lru_cache(maxsize=512)
def _is_trial(version_id: int) -> bool:
    return JourneyVersion.objects.filter(pk=version_id, number=JourneyVersion.TRIAL).exists()


def sweep() -> int:
    """Ends what is over: open runs of old drafts are ended, and versions that no run needs are deleted."""
    over = JourneyVersion.objects.filter(number=JourneyVersion.TRIAL, trial__until__lte=clock.now())
    open_runs = JourneyRun.objects.filter(version__in=over, status__in=JourneyRun.OPEN).order_by("pk")
    for run_id, customer_id in open_runs.values_list("pk", "customer_id")[:1000]:
        _end(run_id, customer_id)
    unused = over.exclude(pk__in=JourneyRun.objects.values("version_id"))
    return unused.delete()[0]


@transaction.atomic
def _end(run_id: int, customer_id: int) -> None:
    try:
        root = threads.lock_root(customer_id=customer_id)
    except tombstones.Erased:
        return
    run = JourneyRun.objects.select_related("session").get(pk=run_id)
    run.conversation = threads.lock(conversation_id=run.conversation_id)
    if run.status in JourneyRun.OPEN:
        scene = Scene(run.conversation, run.session, root)
        stack.end(scene=scene, run=run, status=JourneyRun.Status.EXPIRED, reason="trial_over")
