"""Which of a person's open runs does a message go to? Row 5 of section 7: the one in front, or a menu behind it.

Numbers answer what is in front; a menu in the background is answered by its letter or its label, and where the
question in front takes free text, by the letter with `#` before it. A tap always carries its run. One refinement: a
command that is a label of the menu shown last (*Cancel*, *Agent*) is that option, wherever the menu stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conversations.journeys import commands, matching, options, resume, validators
from conversations.journeys.definition import Definition
from conversations.journeys.interpret import interpret, is_answer
from conversations.journeys.state import Chosen, Context, Given, Heard, RunState
from conversations.journeys.walk import Walk

MARK = "#"


@dataclass(frozen=True, slots=True)
class Open:
    """An open run and the journey it keeps."""

    version: Definition
    run: RunState


def meant(front: Open | None, behind: Sequence[Open], heard: Heard, context: Context) -> tuple[Open, Given] | None:
    """The run in the background that a message answers, and what it means there; None leaves it to the front.

    `front` is the run whose question is open here, `behind` are those in the background, the newest first. A menu
    that was not shown here takes no words, and no run takes a button of another.
    """
    if heard.payload:
        run_id = heard.payload.partition(":")[0]
        tapped = next((one for one in behind if one.run.id == run_id), None)
        return None if tapped is None else (tapped, interpret(tapped.version, tapped.run, heard, context))
    if not heard.text.strip().startswith(MARK) and front is not None:
        if is_answer(front.version, front.run, heard, context):
            return None
        if commands.recognise(heard) is not None:
            behind = [one for one in behind if _is_newer(one, front)]
    said = heard.text.strip().removeprefix(MARK)
    for one in behind:
        option = _option(one, said, heard, context)
        if option:
            return one, Chosen(option, heard.text)
    return None


def is_hushed(front: Open | None, context: Context) -> bool:
    """Does the open question in front take a letter for its answer? Then the letters behind it need a `#`."""
    if front is None or front.run.wait is None or front.run.wait.kind != "input":
        return False
    step = front.version.steps.get(front.run.step_id)
    if step is None or step.type != "ask" or front.run.touched_at is None:
        return False
    asked = options.asked(Walk(front.version, front.run, front.run.touched_at, context), step)
    return any(isinstance(validators.check(letter, asked), validators.Valid) for letter in "RCA")


def taken(behind: Iterable[RunState]) -> tuple[str, ...]:
    """The letters that stand for something already."""
    return tuple(letter for run in behind if run.wait is not None for letter in run.wait.letters)


def _is_newer(one: Open, front: Open) -> bool:
    """Was it moved after the front, so that what it asks stands below what the front asks?"""
    since, before = one.run.touched_at, front.run.touched_at
    return since is not None and (before is None or since > before)


def _option(one: Open, said: str, heard: Heard, context: Context) -> str | None:
    """The option of a menu in the background whose letter or label this is, where that menu was shown."""
    wait = one.run.wait
    if wait is None or wait.kind != "input" or not wait.letters:
        return None
    if resume.verdict(one.version, one.run, heard.at, context) != "answer":
        return None
    letter = said.strip().upper().rstrip(").")
    if letter in wait.letters and letter:
        return wait.options[wait.letters.index(letter)]
    walk = Walk(one.version, one.run, heard.at, context)
    rows = options.rows(walk, walk.step)
    return None if matching.numeral(said) else matching.exact(rows, said)
