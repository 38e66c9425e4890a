"""What follows from one input to a run? Other journeys, a human, and what comes after an end or after a human."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conversations.journeys import progress, publishing, stack
from conversations.journeys.effects import Await, EndRun, Fork, HandOver, Prove, StartRun
from conversations.journeys.moves import MAIN_MENU
from conversations.journeys.progress import Wish
from conversations.journeys.scene import Scene
from conversations.journeys.state import Given, HandoverResult, Resume
from conversations.models import JourneyRun
from handover import abandoning, children, intake, keeping, notices, pausing, proofs

LEAVE_MESSAGE = "leave_message"


def move(*, scene: Scene, run: JourneyRun, given: Given) -> None:
    """One input to one run, and everything that follows from it."""
    carry(scene, run, progress.step(scene=scene, run=run, given=given, extra=intake.context(scene, run)))
    if run.purpose == "intake":
        abandoning.watch(run, scene)
    if isinstance(given, Resume):
        pausing.wind_again(run, scene.now)


def carry(scene: Scene, run: JourneyRun, wishes: list[Wish]) -> None:
    """What a run wants that lies above it: a human, another journey, a pause; and what comes after its end."""
    if not scene.goes_on():
        children.cut(scene, run)
        return
    ended = next((wish for wish in wishes if isinstance(wish, EndRun)), None)
    is_followed = False
    for wish in wishes:
        if isinstance(wish, HandOver):
            hand_over(scene, run, wish)
        elif isinstance(wish, Prove):
            if run is not None:
                proofs.ask(scene=scene, run=run)
        elif isinstance(wish, Await):
            if (rang := pausing.begin(run, wish, scene.now)) is not None:
                move(scene=scene, run=run, given=rang)
        elif isinstance(wish, Fork):
            if (begun := progress.fork(scene=scene, run=run, asked=wish)) is not None:
                carry(scene, *begun)
        elif isinstance(wish, StartRun):
            is_followed = _begin_beneath(scene, run, wish) if wish.mode == "child" else _follow(scene, run, wish, ended)
    if ended is not None and not is_followed:
        _after(scene, run, ended)


def hand_back(*, scene: Scene, is_over: bool) -> None:
    """A human has finished: a run that waited for it takes its `on.closed` edge.

    Without one the bot asks its open question again, or shows the menu; `is_over`: it is silent, the matter is closed.
    """
    waiting = intake.waiting_run(scene)
    if waiting is not None:
        came_out(scene, waiting, "closed")
        return
    stack.unask(scene=scene)
    if is_over:
        return
    run = stack.in_front(scene)
    if run is not None:
        kept = None if scene.is_cut else keeping.take(run)
        move(scene=scene, run=run, given=kept or Resume())
    else:
        main_menu(scene)


def start(scene: Scene, journey: str, values: Mapping[str, Any] | None = None, *, is_anew: bool = False) -> bool:
    """Begins a journey, or (unless `is_anew`) goes on with it where it was left; False if it is not live.

    One that is not for a public place is not begun in one: its customer is invited to write in private.
    """
    if (version_id := publishing.live().get(journey)) is not None and not scene.admits(version_id):
        scene.invite()
        return True
    left = next((run for run in scene.runs if _is_left(run, scene) and stack.key_of(run) == journey), None)
    if left is not None and not is_anew and (given := keeping.way_back(scene, left)):
        move(scene=scene, run=left, given=given)
        return True
    started = progress.start(scene=scene, journey=journey, values=values)
    if started is None:
        return False
    carry(scene, *started)
    return True


def _begin_beneath(scene: Scene, run: JourneyRun, wish: StartRun) -> bool:
    started = children.begin(scene, run, wish)
    if started is None:
        move(scene=scene, run=run, given=children.refused(run))
    else:
        carry(scene, *started)
    return True


def _follow(scene: Scene, run: JourneyRun, wish: StartRun, ended: EndRun | None) -> bool:
    """Another journey after this one, or in front of it; one beneath another that has come to its end well is
    followed by that one."""
    if run.purpose == "intake":
        if wish.journey == stack.key_of(run):
            carry(scene, *intake.again(scene=scene, run=run))
            return True
    elif ended is not None:
        if ended.reason == "restarted":
            return _began_again(scene, run)
        if ended.outcome == "completed" and children.above(scene, run) is not None:
            return False
        top = children.end_above(scene, run, ended)
        if wish.journey == stack.key_of(run):  # `on_expire: restart`
            return _began_again(scene, top)
    if wish.journey == MAIN_MENU:
        main_menu(scene)
        return True
    if start(scene, wish.journey):
        return True
    if ended is None or stack.in_front(scene) is not None:
        return False
    main_menu(scene)  # what was to follow is not live (any more): nobody is left without a word
    return True


def _began_again(scene: Scene, run: JourneyRun) -> bool:
    started = children.begin_again(scene, run)
    if started is not None:
        carry(scene, *started)
    return started is not None


def main_menu(scene: Scene) -> None:
    """What the bot offers when nothing else fits."""
    if not start(scene, MAIN_MENU):
        scene.say(notices.words(scene, "help"))


def _after(scene: Scene, run: JourneyRun, ended: EndRun) -> None:
    """The run is over: its intake's handover goes on, or what it was pushed upon comes back.

    What ends in the background leaves the front as it is.
    """
    if run.lane == "background":
        return
    if run.purpose == "intake":
        parent = next((other for other in scene.runs if other.pk == run.parent_id), None)
        came_out(scene, parent, intake.ended(scene=scene, run=run, ended=ended))
    elif (above := children.above(scene, run)) is not None:
        move(scene=scene, run=above, given=children.result(above, ended))
    elif run.lane == "foreground":
        _return(scene)


def _return(scene: Scene) -> None:
    """What was suspended for the journey that has just ended says where it was, and asks again."""
    run = stack.in_front(scene)
    if run is not None and _is_left(run, scene) and (given := keeping.way_back(scene, run)):
        move(scene=scene, run=run, given=given)


def _is_left(run: JourneyRun, scene: Scene) -> bool:
    is_suspended = run.status == JourneyRun.Status.SUSPENDED
    return is_suspended and stack.is_free(run, scene) and stack.is_seen(run, scene)


def hand_over(scene: Scene, parent: JourneyRun | None, asked: HandOver) -> None:
    """A run, or the customer's own word, asks for a human; where others read along nobody is asked who they are."""
    if not intake.may_ask(scene, asked):
        scene.invite()
        came_out(scene, parent, "closed")
        return
    opening = intake.begin(scene=scene, parent=parent, asked=asked)
    if opening.run is not None:
        carry(scene, opening.run, opening.wishes)
    else:
        parent = next((run for run in scene.runs if parent and run.pk == parent.pk), None)
        came_out(scene, parent, opening.outcome)


def came_out(scene: Scene, parent: JourneyRun | None, outcome: intake.Outcome) -> None:
    """How a handover came out, told to the run that asked for it, or to the customer when none did."""
    if outcome == "asking" or outcome == "queued":
        return
    if parent is not None and parent.wait and parent.wait["kind"] == "handover":
        move(scene=scene, run=parent, given=HandoverResult(outcome, token=parent.wait["token"]))
    elif outcome == "offline":
        if not start(scene, LEAVE_MESSAGE):
            scene.say(notices.words(scene, "offline"))
    elif outcome == "failed":
        scene.say(notices.words(scene, "failed"))
        main_menu(scene)
