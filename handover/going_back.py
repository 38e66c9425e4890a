"""Where does the bot go on when an agent gives a conversation back? Where it stopped, at a step of the journey, or with
the menu.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import get_language

from conversations import events
from conversations.journeys import progress, stack
from conversations.journeys.moves import MAIN_MENU
from conversations.journeys.scene import Scene
from conversations.journeys.state import Put
from conversations.models import JourneyRun
from handover import following, intake, keeping, refusals
from handover.models import Agent

To = Literal["stopped", "step", "menu"]
TO: Sequence[To] = ("stopped", "step", "menu")
KIND = "sent_back"  # of the event that says what was chosen
SILENT = ("set", "branch")  # steps at which nothing is said or done
LOOPS = ("handover",)  # it would be back at once


@dataclass(frozen=True, slots=True)
class Places:
    """The journey that stopped, with its key; `steps` are those where it may go on (id, label), in the author's order.

    `stopped` is where it goes on by itself; '' if it ends.
    """

    journey: str = ""
    title: str = ""
    stopped: str = ""
    steps: tuple[tuple[str, str], ...] = ()


def places(scene: Scene) -> Places:
    """Where this conversation's journey may go on, in the agent's language; nothing if none is open."""
    run = _run(scene)
    if run is None:
        return Places()
    version, language = progress.version_of(run), get_language() or ""
    told = [step for step in version.steps.values() if step.type not in (*SILENT, *LOOPS)]
    stood = version.steps.get(run.step_id)
    if stood is not None and stood.type == "handover":
        stood = version.steps.get(stood.data.get("on", {}).get("closed", ""))
    return Places(
        journey=version.key,
        title=version.called(language),
        stopped=version.label(stood.id, language) if stood is not None and stood.type != "end" else "",
        steps=tuple((step.id, version.label(step.id, language)) for step in told),
    )


def refuse_unknown(scene: Scene, to: To, step: str) -> None:
    """`NoSuchStep` unless the step is one of `places`."""
    if to != "step":
        return
    found = places(scene)
    known = [step_id for step_id, _ in found.steps]
    if step not in known:
        raise refusals.NoSuchStep(journey=found.journey, steps=known)


def go_on(scene: Scene, agent: Agent, to: To, step: str) -> None:
    """The bot goes on there; it owns the conversation by now. What was chosen is an event."""
    run = _run(scene)
    if to == "stopped":
        following.hand_back(scene=scene, is_over=False)
        return
    data = {"to": to, "step": step, "journey": stack.key_of(run) if run else ""}
    events.append(conversation=scene.conversation, kind=KIND, actor_kind="agent", actor_id=agent.pk, data=data)
    if to == "step" and run is not None:
        stack.unask(scene=scene)
        keeping.take(run)
        following.move(scene=scene, run=run, given=Put(step))
        return
    if (waiting := intake.waiting_run(scene)) is not None:  # nobody comes back to it
        for one in stack.chain(waiting, scene):
            stack.end(scene=scene, run=one, status=JourneyRun.Status.CANCELLED, reason=KIND)
    stack.unask(scene=scene)
    following.main_menu(scene)


def _run(scene: Scene) -> JourneyRun | None:
    """The one that waits for the agent, else the one in front; a main menu has no steps to choose from."""
    run = intake.waiting_run(scene) or stack.in_front(scene)
    return run if run is not None and stack.key_of(run) != MAIN_MENU else None
