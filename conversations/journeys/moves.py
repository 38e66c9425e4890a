"""What follows from a word that is not an answer: a command, a correction, an offer taken, a resume?"""

from __future__ import annotations

from dataclasses import replace

from conversations.content import Text
from conversations.journeys import options, steps
from conversations.journeys.definition import Definition, Step
from conversations.journeys.effects import Say, StartRun
from conversations.journeys.matching import Row, exact, fuzzy
from conversations.journeys.state import (
    Aside,
    Command,
    Expire,
    Hidden,
    Offer,
    Page,
    Put,
    Resume,
    RunState,
    Triggered,
    Turn,
    Waiting,
)
from conversations.journeys.walk import PASSED, Walk

MAIN_MENU = "main_menu"


def prompt(walk: Walk, *, resumed: bool, page: int = 1) -> None:
    """Render the open question here (again), after its `resume` sentence when it is resumed; its place is noted."""
    wait = walk.wait
    if wait is None or wait.kind != "input":
        return
    if resumed:
        walk.say(walk.text(walk.step, "resume") or walk.sentence("offer", title=title(walk)))
    seen = wait.rendered_on if walk.context.place in wait.rendered_on else (*wait.rendered_on, walk.context.place)
    walk.wait = replace(wait, rendered_on=seen, aside="", aside_on="", page=page)
    walk.say(options.question(walk, walk.step, page=page))


def title(walk: Walk) -> str:
    """The journey's title in the language of the turn."""
    return walk.version.called(walk.language)


def again(walk: Walk, lead: str = "") -> Turn:
    """Say why, and the current prompt; nothing is counted."""
    walk.say(lead)
    prompt(walk, resumed=False)
    return walk.turn()


def enter_again(walk: Walk) -> Turn:
    """The step that waited for a proof, from its beginning: it is taken, or proof is asked for here."""
    walk.move()
    return steps.follow(walk, walk.step_id)


def resume(walk: Walk, given: Resume) -> Turn:
    if _waits_for_proof(walk):
        return enter_again(walk)
    if walk.wait is None or walk.wait.kind != "input":
        return status(walk, Waiting())
    walk.status = "waiting"
    walk.record("resumed", walk.context.place.partition("/")[0])
    prompt(walk, resumed=True)
    return walk.turn()


def offer(walk: Walk, given: Offer) -> Turn:
    """Continue, start over or something else; the age of the run is left as it is until one is chosen."""
    if _waits_for_proof(walk):
        return enter_again(walk)
    if walk.wait is None or walk.wait.kind != "input":
        return status(walk, Waiting())
    walk.touched = False
    walk.status = "waiting"
    walk.wait = replace(walk.wait, aside="offer", aside_on=walk.context.place)
    words = walk.text(walk.step, "resume") or walk.sentence("offer", title=title(walk))
    walk.say(options.choice(walk, words, options.aside_rows(walk, "offer"), mark="_"))
    walk.record("offered", walk.context.place.partition("/")[0])
    return walk.turn()


def expire(walk: Walk, given: Expire) -> Turn:
    if walk.lane == "background":  # what is in front goes on
        walk.record("expired", given.reason)
        return walk.finish("expired", given.reason)
    if walk.version.key != MAIN_MENU:  # nobody wants to hear that a menu has grown old
        walk.say(walk.sentence("expired"))
    key = walk.version.key if walk.version.policy.on_expire == "restart" else walk.version.policy.on_expire
    walk.record("expired", given.reason)
    turn = walk.finish("expired", given.reason)
    return replace(turn, effects=(*turn.effects, StartRun(key)))


def hidden(walk: Walk, given: Hidden) -> Turn:
    """Nothing of the run is said, and the run does not notice that it was asked for."""
    walk.touched = False
    walk.say(Text(walk.sentence("public" if given.reason == "public" else "hidden")), step_id="-")
    walk.effects = [replace(e, step_id="") if isinstance(e, Say) else e for e in walk.effects]
    return walk.turn()


def status(walk: Walk, given: Waiting) -> Turn:
    """Not the previous question: what a job has reported last, else that it takes its time."""
    walk.touched = False
    reports = walk.wait is not None and walk.wait.kind == "task" and walk.task
    walk.say(walk.text(walk.step, "progress") if reports else "")
    if not walk.said:
        walk.say(walk.sentence("waiting"))
    return walk.turn()


def page(walk: Walk, given: Page) -> Turn:
    if walk.wait is None or walk.wait.kind != "input":
        return status(walk, Waiting())
    prompt(walk, resumed=False, page=given.number)
    return walk.turn()


def triggered(walk: Walk, given: Triggered) -> Turn:
    """Another journey: this one is suspended until that has ended, or ends now if that one is `breaking`."""
    if given.breaking:
        return _leave(walk, "replaced", given.journey)
    if given.journey == walk.version.key or not walk.version.policy.interruptible:
        return again(walk)
    return _suspend(walk, given.journey)


def aside(walk: Walk, given: Aside) -> Turn:
    if given.option == "continue":
        walk.record("resumed", walk.context.place.partition("/")[0])
        return again(walk)
    if given.option == "restart":
        return command(walk, Command("restart"))
    if given.option == "other":
        return _suspend(walk, MAIN_MENU)
    if given.option == "cancel_yes":
        return _cancel(walk)
    if given.option == "agent":
        return command(walk, Command("agent"))
    return again(walk)


def command(walk: Walk, given: Command) -> Turn:
    if given.name == "cancel":
        return _sure(walk) if walk.vars and walk.wait is not None and walk.wait.kind == "input" else _cancel(walk)
    if given.name == "restart":
        return _leave(walk, "restarted", walk.version.key)
    if walk.wait is None or walk.wait.kind == "handover":
        return status(walk, Waiting())
    if given.name == "agent":
        return _agent(walk)
    if given.name == "menu":
        return triggered(walk, Triggered(MAIN_MENU)) if walk.version.key != MAIN_MENU else _first(walk)
    if not walk.wait.is_for_words:
        return status(walk, Waiting())
    if given.name == "back":
        return correct(walk, next((step for step in reversed(walk.answered) if not step.startswith(PASSED)), ""))
    if given.name == "change":
        return correct(walk, changeable(walk.version, walk.run, given.argument))
    return again(walk, walk.text(walk.step, "help") or walk.sentence(_help(walk)))


def _help(walk: Walk) -> str:
    """Where the provider itself takes "cancel" for an opt-out, our words do not name it."""
    return "help_carrier" if walk.context.session.get("carrier") else "help"


def changeable(version: Definition, run: RunState, name: str) -> str:
    """The step before the open one that "change <name>" means, by title, var or id in any language; empty if none."""
    rows = [_row(version, version.steps[step]) for step in _before(version, run.tries.answered, run.step_id)]
    return exact_by_name(rows, name) or fuzzy(rows, name) or ""


def _before(version: Definition, passed: tuple[str, ...], open_step: str) -> list[str]:
    """What was answered, or known, on the way to the open step. Never what follows it: that would leap over it."""
    way = [step.removeprefix(PASSED) for step in passed]
    way = way[: way.index(open_step)] if open_step in way else way
    return [step for step in dict.fromkeys(way) if step in version.steps]


def exact_by_name(rows: list[Row], name: str) -> str | None:
    """As `matching.exact`, but a number names nothing here."""
    return None if name.strip().isdecimal() else exact(rows, name)


def correct(walk: Walk, step_id: str) -> Turn:
    """Clear the answer of an earlier step and what was derived from it, and ask there again; nothing is undone."""
    if not step_id:
        before = _before(walk.version, walk.answered, walk.step_id)
        names = [walk.version.label(step, walk.language) for step in before]
        return again(walk, walk.sentence("changeable", names=", ".join(names)) if names else _nothing(walk))
    walk.record("corrected", step_id)
    return _ask_at(walk, step_id)


def put(walk: Walk, given: Put) -> Turn:
    """As if corrected there, whether or not the customer has been at this step; one that is gone moves nothing."""
    if given.step_id not in walk.version.steps:
        return Turn(walk.run)
    walk.record("put", given.step_id)
    return _ask_at(walk, given.step_id)


def _ask_at(walk: Walk, step_id: str) -> Turn:
    """What was answered there and followed from it is forgotten, and that step is taken."""
    way = [step.removeprefix(PASSED) for step in walk.answered]
    if step_id in way:
        walk.forget(walk.version.steps[step_id].var)
        walk.answered = walk.answered[: way.index(step_id)]
    walk.entered = {}
    walk.move()
    walk.forced = step_id
    return steps.follow(walk, step_id)


def _nothing(walk: Walk) -> str:
    return walk.sentence("nothing_before")


def _row(version: Definition, step: Step) -> Row:
    key = f"{step.id}.title"
    titles = tuple(words[key] for words in version.translations.values() if key in words)
    return Row(step.id, version.label(step.id), (step.id.replace("_", " "), step.var.replace("_", " "), *titles))


def _waits_for_proof(walk: Walk) -> bool:
    return walk.wait is not None and walk.wait.kind == "proof"


def _sure(walk: Walk) -> Turn:
    if walk.wait is not None:
        walk.wait = replace(walk.wait, aside="cancel", aside_on=walk.context.place)
    walk.say(options.choice(walk, walk.sentence("cancel_sure"), options.aside_rows(walk, "cancel"), mark="_"))
    return walk.turn()


def _cancel(walk: Walk) -> Turn:
    walk.record("cancelled")
    walk.say(walk.sentence("cancelled"))
    return walk.finish("cancelled", "asked")


def _agent(walk: Walk) -> Turn:
    """The journey's own live handover if it has one (with its skill, intake and edges), else a plain one."""
    live = (s for s in walk.version.steps.values() if s.type == "handover" and s.data.get("mode", "live") == "live")
    step = next(live, None)
    walk.record("agent_wanted")
    walk.left = walk.step_id
    walk.move()
    if step is not None:
        return steps.follow(walk, step.id)
    steps.hand_over(walk, None, reason="asked")
    return walk.turn()


def _first(walk: Walk) -> Turn:
    walk.record("restarted")
    walk.move()
    walk.vars, walk.answered, walk.once = walk.version.defaults | dict(walk.run.given), (), ()
    return steps.follow(walk, walk.version.first)


def _leave(walk: Walk, reason: str, journey: str) -> Turn:
    walk.record(reason)
    turn = walk.finish("cancelled", reason)
    return replace(turn, effects=(*turn.effects, StartRun(journey)))


def _suspend(walk: Walk, journey: str) -> Turn:
    walk.record("suspended", journey)
    walk.status = "suspended"
    if walk.wait is not None:
        walk.wait = replace(walk.wait, aside="", aside_on="")
    walk.effects.append(StartRun(journey, "push"))
    return walk.turn()
