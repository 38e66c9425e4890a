"""What happens to the runs of older versions when one is published? A rehearsal, and the change itself, run by run.

keep      nothing: each finishes the version that it began
migrate   it goes on in the new version where its step is the same (`inflight_rules`), else it is kept
restart   the journey in front begins anew and says so; what was set aside is over; beside a human, where nothing can be
          said now, or at work in the background, it is kept
stop      it ends, with one sentence where the bot may speak

Each run is changed in a transaction of its own under the person's locks, together with the cursor: a worker that dies
is followed by another at the very next run, and no run is changed twice.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import transaction
from django.db.models import F, Max, QuerySet

from common import clock
from common.problems import Problem
from conversations import outbox, reach, threads
from conversations.content import Text
from conversations.journeys import inflight_rules, progress, publishing, stack
from conversations.journeys.definition import Definition
from conversations.journeys.effects import EndRun
from conversations.journeys.progress import Wish
from conversations.journeys.scene import Scene
from conversations.models import Conversation, Journey, JourneyRun, JourneyVersion, RunChange
from customers import tombstones

Mode = Literal["keep", "migrate", "restart", "stop"]
MODES: tuple[Mode, ...] = ("keep", "migrate", "restart", "stop")
SENTENCE = "We have changed how this works. Please write again, and we begin anew."
BATCH = 200  # runs between two looks at the clock
KEPT_BESIDE_HUMAN = "a human is talking to the customer"
KEPT_OUT_OF_REACH = "nothing can be said to the customer before they write again"
KEPT_AT_WORK = "a job of it goes on in the background"
KEPT_PART = "it is part of another journey's run"
Status = JourneyRun.Status
Carry = Callable[[Scene, JourneyRun, list[Wish]], None]
Count = Counter[str]

_carry: list[Carry] = []


class Refused(Problem):
    """The renaming names steps that are not there; nothing was published."""

    code = "in_flight_refused"
    title = "What shall happen to the runs cannot be done like this."
    status = 422


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen now: how many runs by outcome, and why those stay that stay, the most frequent first."""

    open_runs: int = 0
    changed: int = 0
    kept: int = 0
    reasons: list[tuple[str, int]] = field(default_factory=list)


def carried_by(carry: Carry) -> None:
    """Lets the app above carry out what a run wants that begins anew; called in `AppConfig.ready`."""
    _carry[:] = [carry]


def open_runs(journey: Journey, *, but: int | None = None) -> QuerySet[JourneyRun]:
    """The runs of published versions that have not ended, without those of the version `but`."""
    found = JourneyRun.objects.filter(version__journey=journey, version__number__gt=0, status__in=JourneyRun.OPEN)
    return found.exclude(version_id=but)


def rehearse(*, journey: Journey, new: Definition, mode: Mode, rename: Mapping[str, str], but: int | None) -> Plan:
    """What publishing would do to the runs that are open now; changes nothing."""
    refuse_unfit(journey, new, rename)
    counts: Count = Counter()
    runs = open_runs(journey, but=but).select_related("conversation", "session__identity").order_by("pk")
    for run in runs.iterator(chunk_size=BATCH) if mode != "keep" else ():
        counts[_verdict(run, new, mode, rename)] += 1
    return plan(counts, kept=open_runs(journey, but=but).count() if mode == "keep" else 0)


def plan(counts: Mapping[str, int], kept: int = 0) -> Plan:
    """Counts by reason, as they are shown; the empty reason counts the runs that change."""
    changed = counts.get("", 0)
    reasons = sorted(((why, count) for why, count in counts.items() if why), key=lambda pair: (-pair[1], pair[0]))
    stay = kept + sum(count for _, count in reasons)
    return Plan(changed + stay, changed, stay, reasons)


def refuse_unfit(journey: Journey, new: Definition, rename: Mapping[str, str]) -> None:
    """`Refused` if the renaming names a step that no version had, or one that the new version has not."""
    for old, target in rename.items():
        if target not in new.steps:
            raise Refused(f"the new version has no step {target}")
        if not JourneyVersion.objects.filter(journey=journey, definition__steps__contains=[{"id": old}]).exists():
            raise Refused(f"no version had a step {old}")


def ask(*, version: JourneyVersion, mode: Mode, rename: Mapping[str, str], sentence: str, by: Any) -> RunChange | None:
    """Notes what shall happen to the runs that are open now; `work` does it. None when they are kept."""
    if mode == "keep":
        return None
    runs = open_runs(version.journey, but=version.pk)
    return RunChange.objects.create(
        journey=version.journey,
        version=version,
        mode=mode,
        rename=dict(rename),
        sentence=sentence or SENTENCE,
        last=runs.aggregate(last=Max("pk"))["last"] or 0,
        asked_by=by,
        asked_at=clock.now(),
    )


def sweep(seconds: float = 60.0) -> None:
    """Goes on with every change that is not finished, the oldest first."""
    until = time.monotonic() + seconds
    for change_id in RunChange.objects.filter(finished_at__isnull=True).order_by("pk").values_list("pk", flat=True):
        while time.monotonic() < until and not work(change_id):
            pass


def work(change_id: int, batch: int = BATCH) -> bool:
    """Changes the next runs, one at a time; True once there are no more."""
    change = RunChange.objects.select_related("version", "journey").get(pk=change_id)
    waiting = open_runs(change.journey, but=change.version_id).filter(pk__gt=change.cursor, pk__lte=change.last)
    found = list(waiting.order_by("pk").values_list("pk", "customer_id")[:batch])
    for run_id, customer_id in found:
        try:
            _change(change, run_id, customer_id)
        except tombstones.Erased:
            RunChange.objects.filter(pk=change_id, cursor__lt=run_id).update(cursor=run_id)
    if len(found) < batch:
        RunChange.objects.filter(pk=change_id, finished_at__isnull=True).update(finished_at=clock.now())
        return True
    return False


# --- one run ------------------------------------------------------------------------------------------------------


@transaction.atomic
def _change(change: RunChange, run_id: int, customer_id: int) -> None:
    counts = _claimed(change, run_id)
    if counts is None:
        return
    root = threads.lock_root(customer_id=customer_id)
    run = JourneyRun.objects.select_related("session").get(pk=run_id)
    run.conversation = threads.lock(conversation_id=run.conversation_id)
    if run.status in JourneyRun.OPEN and run.version_id != change.version_id:
        scene = Scene(run.conversation, run.session, root)
        run = next((known for known in scene.runs if known.pk == run_id), run)
        run.conversation = scene.conversation
        verdict = _verdict(run, publishing.definition(change.version_id), change.mode, change.rename)
        if not verdict:
            _CHANGES[change.mode](scene, run, change)
        counts[verdict] = counts.get(verdict, 0) + 1
    RunChange.objects.filter(pk=change.pk).update(cursor=run_id, counts=counts)


def _claimed(change: RunChange, run_id: int) -> dict[str, int] | None:
    """The counts so far under the change's lock; None if another worker was here before."""
    row = RunChange.objects.select_for_update(no_key=True).get(pk=change.pk)
    return dict(row.counts) if row.cursor < run_id else None


def _verdict(run: JourneyRun, new: Definition, mode: str, rename: Mapping[str, str]) -> str:
    """Empty if the run changes, else why it stays as it is."""
    if mode == "migrate":
        old = publishing.definition(run.version_id)
        return inflight_rules.fate(run.step_id, run.vars, old, new, rename).reason
    if mode == "restart":
        if run.parent_id is not None or run.purpose == "intake":
            return KEPT_PART
        if not _is_ours(run.conversation):
            return KEPT_BESIDE_HUMAN
        if run.lane == "background":
            return KEPT_AT_WORK
        if _has_the_word(run) and reach.is_mute(run.session, clock.now()):
            return KEPT_OUT_OF_REACH
    return ""


def _migrate(scene: Scene, run: JourneyRun, change: RunChange) -> None:
    run.step_id = change.rename.get(run.step_id, run.step_id)
    run.version_id = change.version_id
    run.tries = _renamed(run.tries, change.rename)
    run.save(update_fields=["version", "step_id", "tries"])


def _restart(scene: Scene, run: JourneyRun, change: RunChange) -> None:
    is_in_front = _is_in_front(scene, run)
    stack.end(scene=scene, run=run, status=Status.CANCELLED, reason="restarted")
    if is_in_front and (started := progress.start(scene=scene, journey=change.journey.key)):
        _carried(scene, *started)


def _stop(scene: Scene, run: JourneyRun, change: RunChange) -> None:
    if _is_in_front(scene, run):
        scene.say(Text(change.sentence), run=run, step_id=run.step_id)
    stack.end(scene=scene, run=run, status=Status.CANCELLED, reason="stopped")
    if run.parent_id is not None:
        _carried(scene, run, [EndRun("cancelled", "stopped")])


_CHANGES: dict[str, Callable[[Scene, JourneyRun, RunChange], None]] = {
    "migrate": _migrate,
    "restart": _restart,
    "stop": _stop,
}


def _carried(scene: Scene, run: JourneyRun, wishes: list[Wish]) -> None:
    for carry in _carry:
        carry(scene, run, wishes)


def _is_in_front(scene: Scene, run: JourneyRun) -> bool:
    """Does it have the word, and may the bot speak there now?"""
    return _has_the_word(run) and _is_ours(scene.conversation) and not reach.is_mute(run.session, scene.now)


def _has_the_word(run: JourneyRun) -> bool:
    return run.lane == "foreground" and run.status in (Status.ACTIVE, Status.WAITING)


def _is_ours(conversation: Conversation) -> bool:
    """May the bot speak: no human has it, and no staff write from the provider's app?"""
    return conversation.owner_kind == Conversation.Owner.BOT and not outbox.is_hushed(conversation)


def _renamed(tries: Mapping[str, Any], rename: Mapping[str, str]) -> dict[str, Any]:
    """What the run has tried, under the steps' new ids."""
    if not tries or not rename:
        return dict(tries or {})
    named = {name: [rename.get(step, step) for step in tries.get(name, ())] for name in ("answered", "once")}
    entered = {rename.get(step, step): count for step, count in tries.get("entered", {}).items()}
    return {**tries, **named, "entered": entered}


def counted(change: RunChange) -> Plan:
    """What a change has come to so far."""
    return plan(change.counts)


def latest(journey: Journey) -> Iterator[RunChange]:
    """The newest changes of a journey's runs, for its page."""
    yield from journey.run_changes.select_related("version", "asked_by").order_by(F("pk").desc())[:5]
