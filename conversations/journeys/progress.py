"""Where does a person's journey stand? Moves a run by the engine, and keeps where it stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from common import rows
from common.ids import uuid7
from conversations.content import Text
from conversations.journeys import carrying, engine, lanes, publishing, stack, trials
from conversations.journeys.definition import Definition
from conversations.journeys.effects import Fork
from conversations.journeys.scene import Scene
from conversations.journeys.sentences import sentence
from conversations.journeys.state import ENDED, Context, Given, Hidden, Resume, RunState, Tries, Wait
from conversations.models import JourneyRun

Status = JourneyRun.Status
Wish = carrying.Wish  # what only the caller can carry out
MOST_BESIDE = 3  # runs of a person that go on in the background
CHANGING = (
    "status", "step_id", "seq", "lane", "wait", "vars", "tries", "steps_total", "touched_at",
    "conversation", "session", "last_channel", "ended_at", "end_reason",
)  # fmt: skip


def version_of(run: JourneyRun) -> Definition:
    """The definition that the run keeps, whatever was published since."""
    return publishing.definition(run.version_id)


def state_of(run: JourneyRun) -> RunState:
    """The run as the engine sees it; its id is what taps carry."""
    return RunState(
        id=run.public_id.hex,
        step_id=run.step_id,
        seq=run.seq,
        status=run.status,  # type: ignore[arg-type]  # the column's choices are the engine's statuses
        wait=Wait.from_json(run.wait),
        vars=run.vars,
        tries=Tries.from_json(run.tries),
        steps_total=run.steps_total,
        touched_at=run.touched_at,
        lane=run.lane,  # type: ignore[arg-type]  # as above
        given=run.given or {},
    )


def start(
    *,
    scene: Scene,
    journey: str,
    values: Mapping[str, Any] | None = None,
    parent: JourneyRun | None = None,
    purpose: str = "journey",
    extra: Mapping[str, Any] | None = None,
    version_id: int | None = None,
) -> tuple[JourneyRun, list[Wish]] | None:
    """Begins the live version of a journey here, in front of whatever was open; None if there is none, or not here.

    Who tries out a draft begins that (`trials`), or the version that the caller names.
    """
    version_id = version_id or trials.playing(runs=scene.runs, journey=journey) or publishing.live().get(journey)
    if version_id is None or not scene.admits(version_id):
        return None
    public_id = uuid7()
    context = scene.context(version_id, extra)
    turn = engine.start(publishing.definition(version_id), scene.now, context, run_id=public_id.hex, values=values)
    stack.set_aside(scene=scene, above=parent)
    run = JourneyRun(public_id=public_id, version_id=version_id, parent=parent, purpose=purpose, started_at=scene.now)
    # A split gives each piece whole chains: what is beneath goes where the run above it goes.
    run.customer_id, run.given = (parent or scene.session).customer_id, dict(values) if values else None
    _take_over(run, turn.run, scene)
    rows.insert(run)
    scene.runs.insert(0, run)
    stack.append(scene, "journey_started", run)
    return run, carrying.carry_out(run, turn, scene)


def fork(*, scene: Scene, run: JourneyRun, asked: Fork) -> tuple[JourneyRun, list[Wish]] | None:
    """Begins a run of the same version beside this one; None, and a sentence, where too many go on already."""
    if len(scene.background) >= MOST_BESIDE:
        scene.say(Text(sentence("too_many_jobs", scene.context(run.version_id).language)))
        scene.alert("too_many_jobs", run=run.pk, step=asked.step_id)
        return None
    beside = JourneyRun(public_id=uuid7(), version_id=run.version_id, lane="background", started_at=scene.now)
    beside.customer_id = run.customer_id
    state = RunState(id=beside.public_id.hex, step_id=asked.step_id, vars=dict(asked.values))
    context = _beside(scene, beside, scene.context(run.version_id))
    turn = engine.begin(version_of(run), state, asked.step_id, scene.now, context)
    is_in_front = turn.run.lane == "foreground"  # it could not begin, and its failure leads to a human
    if is_in_front and turn.run.status not in ENDED:
        stack.set_aside(scene=scene)
    _take_over(beside, turn.run, scene)
    rows.insert(beside)
    (scene.runs if is_in_front else scene.background).insert(0, beside)
    stack.append(scene, "journey_forked", beside)
    return beside, carrying.carry_out(beside, turn, scene)


def begin_again(*, scene: Scene, run: JourneyRun, step_id: str) -> list[Wish]:
    """Puts a run back to a step, beside the conversation; what it waited for is void."""
    context = _beside(scene, run, scene.context(run.version_id))
    turn = engine.begin(version_of(run), state_of(run), step_id, scene.now, context)
    if run in scene.runs:
        scene.runs.remove(run)
        scene.background.insert(0, run)
    _take_over(run, turn.run, scene)
    rows.update(run, *CHANGING)
    stack.append(scene, "journey_step", run)
    return carrying.carry_out(run, turn, scene)


def _beside(scene: Scene, run: JourneyRun, context: Context) -> Context:
    """For a run in the background: which letters are taken, and whether what is in front takes a letter."""
    if run.lane == "foreground":
        return context
    front = stack.in_front(scene)
    opened = lanes.Open(version_of(front), state_of(front)) if front is not None else None
    others = [state_of(other) for other in scene.background if other is not run and other.status not in ENDED]
    return replace(context, taken=lanes.taken(others), hushed=lanes.is_hushed(opened, context))


def step(*, scene: Scene, run: JourneyRun, given: Given, extra: Mapping[str, Any] | None = None) -> list[Wish]:
    """Puts one input to the run and keeps what follows; returns what the caller has to carry out, in order."""
    version = version_of(run)
    context = _beside(scene, run, scene.context(run.version_id, extra))
    turn = engine.step(version, state_of(run), given, scene.now, context)
    if isinstance(given, Hidden):
        return carrying.carry_out(None, turn, scene)
    if turn.run.status in ("active", "waiting") and turn.run.lane == "foreground":
        stack.set_aside(scene=scene, but=run)
    if turn.run.lane != run.lane:
        stack.come_forward(scene=scene, run=run)
    before = run.seq
    _take_over(run, turn.run, scene)
    stack.put_away(run, scene)
    rows.update(run, *CHANGING)
    if run.seq != before and run.status not in ENDED:
        stack.append(scene, "journey_step", run)
    return carrying.carry_out(run, turn, scene)


def resume(*, scene: Scene, run: JourneyRun) -> list[Wish]:
    """The same step once more, here, after its resume sentence; moves the run's session."""
    return step(scene=scene, run=run, given=Resume())


def _take_over(run: JourneyRun, state: RunState, scene: Scene) -> None:
    run.step_id, run.seq, run.status, run.lane = state.step_id, state.seq, state.status, state.lane
    run.wait = state.wait.to_json() if state.wait else None
    run.vars, run.tries, run.steps_total = dict(state.vars), state.tries.to_json(), state.steps_total
    run.touched_at = state.touched_at or scene.now
    run.conversation, run.session, run.last_channel = scene.conversation, scene.session, scene.session.channel
    if state.status in ENDED:
        run.ended_at = scene.now
