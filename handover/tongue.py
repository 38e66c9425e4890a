"""Does a message tell which language to speak? Its name as the whole message, or words of one language only."""

from __future__ import annotations

from conversations import speaking
from conversations.content import Text
from conversations.journeys import interpret, matching, options, progress, resume, tongues
from conversations.journeys.scene import Scene
from conversations.journeys.sentences import sentence
from conversations.journeys.state import Again, Heard
from conversations.journeys.walk import Walk
from conversations.models import JourneyRun
from handover import following, keeping

STEP = "language"


def hear(scene: Scene, run: JourneyRun | None, said: Heard) -> bool:
    """True if the customer asked for a language: it is confirmed, and what was open is asked again.

    A guess is made only where the words are nobody's answer: a name or an address may sound like any language.
    """
    if said.payload or not said.text:
        return False
    wished = tongues.named(said.text)
    if wished and not (run and _is_answer(scene, run, said)):
        speaking.choose(scene, wished)
        scene.say(Text(sentence("language", wished)), step_id=STEP)
        _ask_again(scene, run)
        return True
    step = progress.version_of(run).steps.get(run.step_id) if run else None
    if (step is None or step.type != "ask") and (seems := speaking.guessed(said.text)):
        speaking.suppose(scene, seems)
    return False


def _is_answer(scene: Scene, run: JourneyRun, said: Heard) -> bool:
    """Does the open step list this word, ask for a language, or take a bare name as it takes any other word?"""
    version = progress.version_of(run)
    step = version.steps.get(run.step_id)
    if step is None or step.type not in ("ask", "menu"):
        return False
    if "language" in (step.var, str(version.vars.get(step.var, {}).get("save_to", "")).removeprefix("customer.")):
        return True
    state, context = progress.state_of(run), scene.context(run.version_id)
    if matching.exact(options.rows(Walk(version, state, said.at, context), step), said.text) is not None:
        return True
    return step.type == "ask" and tongues.is_bare(said.text) and interpret.is_answer(version, state, said, context)


def _ask_again(scene: Scene, run: JourneyRun | None) -> None:
    if run is None:
        following.main_menu(scene)
        return
    context = scene.context(run.version_id)
    verdict = resume.verdict(progress.version_of(run), progress.state_of(run), scene.now, context)
    given = Again() if verdict == "answer" else keeping.way_back(scene, run)
    if given is not None:
        following.move(scene=scene, run=run, given=given)
