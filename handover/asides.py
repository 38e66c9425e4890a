"""What becomes of a question in the middle of something else? An answer, and the same step again; or nothing."""

from __future__ import annotations

from conversations import knowledge
from conversations.answers import talk
from conversations.journeys import commands, progress, publishing, stack, triggers
from conversations.journeys.definition import Step
from conversations.journeys.moves import MAIN_MENU
from conversations.journeys.scene import Scene
from conversations.journeys.state import Expire, Given, Heard, Hidden, Invalid, Offer, Resume, Triggered
from conversations.models import JourneyRun
from handover import courtesies, following, questions

SLIP_WORDS = 2


def aside(scene: Scene, run: JourneyRun, given: Given, said: Heard) -> bool:
    """A question in the middle of something: it is answered, and what was asked is asked again.

    Only where the answer is sure and the step takes no free words; at the main menu, and where the run may not show,
    as if nothing were open.
    """
    if isinstance(given, Hidden):
        return questions.answered_surely(scene, said)
    if progress.version_of(run).key == MAIN_MENU:
        return isinstance(given, Invalid | Resume | Offer | Expire) and at_main_menu(scene, run, said)
    if not isinstance(given, Invalid) or not may_digress(run) or not questions.is_question(said):
        return False
    if _is_slip(run, said):
        return False
    found = knowledge.ask(scene=scene, text=said.text)
    if found.decision != "sure":
        return False
    questions.tell_beside(scene, knowledge.get(found.best), run)
    return True


def may_digress(run: JourneyRun) -> bool:
    """May this step be left for an answer? It belongs to no pre-chat, may be interrupted, and takes no free words."""
    version = progress.version_of(run)
    step = version.steps.get(run.step_id)
    return run.purpose == "journey" and version.policy.interruptible and step is not None and _is_checked(step)


def at_main_menu(scene: Scene, run: JourneyRun, said: Heard, *, may_ask: bool = True) -> bool:
    """The main menu stays open beneath a sure answer; what is offered instead of it takes its place."""
    if commands.recognise(said) or triggers.match(said, publishing.table(), whole=True) or said.payload:
        return False
    if courtesies.answered(scene, said):
        return True
    phrase = triggers.phrase(said, publishing.table())
    if phrase is not None:  # as where nothing is open, but for single words: of these the menu has its own
        if not questions.answered_surely(scene, said):
            following.move(scene=scene, run=run, given=Triggered(phrase.journey, phrase.breaking))
        return True
    if not (questions.answered(scene, said, may_ask=may_ask) or questions.missed(scene, said)):
        return False
    if talk.standing(scene) is not None and run.ended_at is None:
        stack.end(scene=scene, run=run, status=JourneyRun.Status.CANCELLED, reason="left")
    return True


def _is_slip(run: JourneyRun, said: Heard) -> bool:
    """A word or two are first of all a wrong answer: they are an article's title only when they are said again."""
    return not run.tries.get("refused") and "?" not in said.text and len(said.text.split()) <= SLIP_WORDS


def _is_checked(step: Step) -> bool:
    expect = step.data.get("expect") or {}
    is_free_text = expect.get("kind", "text") == "text" and "pattern" not in expect
    return step.type == "menu" or (step.type == "ask" and not is_free_text)
