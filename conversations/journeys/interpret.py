"""What does this message mean to the open run? Rows 3, 4 and 6-9 of section 7; the first that fits wins.

One refinement: a word that the open step itself lists (a label or an alias, say "Cancel") is that option, before it
is a global command.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from conversations.journeys import commands, matching, moves, options, resume, triggers, validators
from conversations.journeys.definition import Definition, Step
from conversations.journeys.state import (
    Again,
    Answer,
    Aside,
    Chosen,
    Command,
    Context,
    Expire,
    Given,
    Heard,
    Hidden,
    Invalid,
    Offer,
    Page,
    Proving,
    Resume,
    RunState,
    Stale,
    Tries,
    Triggered,
    Waiting,
)
from conversations.journeys.walk import Walk

TWICE = timedelta(seconds=60)  # a second tap of the same button means no more than the first; later it may
_NO_TRIGGERS = triggers.Table()
_ALWAYS = frozenset({"agent", "menu", "cancel", "restart"})
_ASIDE = "_"
_PAGE = "_page"


def interpret(
    version: Definition,
    run: RunState,
    heard: Heard,
    context: Context,
    table: triggers.Table = _NO_TRIGGERS,
) -> Given:
    """The meaning of a message, for `engine.step`. `context.place` must be `heard.place`.

    `Hidden` means that this session may not see the run at all: look for commands and triggers as if there were none,
    and only if nothing fits put `Hidden` to the run.
    """
    verdict = resume.verdict(version, run, heard.at, context)
    if verdict == "hidden":
        return Hidden("public" if context.public else "proof")
    if (tap := _second_tap(run, heard)) is not None:
        return tap
    command = commands.recognise(heard) or commands.correction(heard)
    if verdict in ("expire", "waiting"):
        if command is not None and command.name in _ALWAYS:
            return command
        return _while_waiting(version, run, heard, table) if verdict == "waiting" else _expired(version, run)
    if run.wait is not None and run.wait.kind == "proof":
        return _for_proof(version, run, heard, verdict, command, table)
    walk = Walk(version, run, heard.at, context)
    given = _tapped(walk, heard) or _aside(walk, heard)
    if given is None and verdict == "answer":
        given = _listed(walk, heard.text)
    if given is None and command is not None and _applies(version, run, command):
        given = command
    if given is not None:
        return given
    if verdict != "answer":
        return Resume() if verdict == "resume" else Offer()
    return _answered(walk, heard, table)


def is_answer(version: Definition, run: RunState, heard: Heard, context: Context) -> bool:
    """Do these words answer the open question of this run, here and now?"""
    if run.wait is None or run.wait.kind != "input" or resume.verdict(version, run, heard.at, context) != "answer":
        return False
    walk = Walk(version, run, heard.at, context)
    if _aside(walk, heard) is not None or _listed(walk, heard.text) is not None:
        return True
    return not isinstance(_checked(walk, walk.step, heard), Invalid)


def is_pick(version: Definition, run: RunState, heard: Heard, context: Context) -> bool:
    """Is this a button of what stands open, or exactly one of its labels, words or numbers, written where it stands?"""
    verdict = resume.verdict(version, run, heard.at, context)
    if run.wait is None or run.wait.kind != "input" or verdict in ("hidden", "expire", "waiting"):
        return False
    walk = Walk(version, run, heard.at, context)
    if (tapped := _tapped(walk, heard)) is not None or heard.payload:
        return tapped is not None and not isinstance(tapped, Stale)
    if run.wait.aside and run.wait.aside_on == context.place:
        return matching.exact(options.aside_rows(walk, run.wait.aside), heard.text) is not None
    return verdict == "answer" and _listed(walk, heard.text) is not None


def is_second(rest: str, tries: Tries, touched_at: datetime | None, at: datetime) -> bool:
    """Was this button (`seq:option`) accepted just now? Two taps at once mean one."""
    return bool(rest) and rest == tries.tapped and touched_at is not None and at - touched_at <= TWICE


def _while_waiting(version: Definition, run: RunState, heard: Heard, table: triggers.Table) -> Given:
    """Nothing is asked: another journey's word pushes this one aside, everything else gets its status."""
    found = triggers.match(heard, table, whole=True)
    if found is None or found.journey == version.key or run.wait is None or run.wait.kind == "handover":
        return Waiting()
    if not (version.policy.interruptible or found.breaking):
        return Waiting()
    return Triggered(found.journey, found.breaking)


def _for_proof(
    version: Definition,
    run: RunState,
    heard: Heard,
    verdict: resume.Verdict,
    command: Command | None,
    table: triggers.Table,
) -> Given:
    """The run waits for a proof: a command, another journey's word, or something for whoever asks for the proof."""
    if command is not None and _applies(version, run, command):
        return command
    if verdict != "answer":
        return Resume() if verdict == "resume" else Offer()
    run_id, _, rest = heard.payload.partition(":")
    if heard.payload and (run_id != run.id or run.wait is None or not rest.startswith(f"{run.wait.token}:")):
        return Stale()
    found = triggers.match(heard, table, whole=True)
    if found is None or found.journey == version.key or not (version.policy.interruptible or found.breaking):
        return Proving()
    return Triggered(found.journey, found.breaking)


def _second_tap(run: RunState, heard: Heard) -> Stale | None:
    run_id, _, rest = heard.payload.partition(":")
    return Stale(is_second=True) if run_id == run.id and is_second(rest, run.tries, run.touched_at, heard.at) else None


def _expired(version: Definition, run: RunState) -> Expire:
    return Expire("age" if run.step_id in version.steps else "step_gone")


def _tapped(walk: Walk, heard: Heard) -> Given | None:
    """A button `run:seq:option`: it counts for that run and that wait only."""
    run, _, rest = heard.payload.partition(":")
    token, _, option = rest.partition(":")
    if not option or not token.isdecimal() or walk.wait is None:
        return None
    if run != walk.run.id or token != str(walk.wait.token):
        return Stale()
    if option.startswith(_PAGE) and option.removeprefix(_PAGE).isdecimal():
        return Page(int(option.removeprefix(_PAGE)[:3]))
    if option.startswith(_ASIDE):
        name = option.removeprefix(_ASIDE)
        return Aside(name) if any(name in names for names in options.ASIDES.values()) else Stale()
    if option.startswith("#"):
        number = int(option[1:]) if option[1:].isdecimal() and len(option) < 5 else 0
        option = walk.wait.options[number - 1] if 0 < number <= len(walk.wait.options) else ""
    return replace(_take(walk, option, heard.text), tap=rest) if option in walk.wait.options else Stale()


def _aside(walk: Walk, heard: Heard) -> Given | None:
    """An answer to our own question in front of the step, if that was asked here."""
    if walk.wait is None or not walk.wait.aside or walk.wait.aside_on != walk.context.place:
        return None
    rows = options.aside_rows(walk, walk.wait.aside)
    found = matching.exact(rows, heard.text) or matching.fuzzy(rows, heard.text)
    return Aside(found) if found else None


def _listed(walk: Walk, text: str) -> Given | None:
    """A number, alias or label of the open step; "More" where the options need pages."""
    rows = options.rows(walk, walk.step)
    found = matching.exact(rows, text)
    if found is not None:
        return _take(walk, found, text)
    if len(rows) > 9 and walk.wait is not None:
        said = matching.normal(text)
        if said in ("0", matching.normal(walk.sentence("more"))):
            return Page(walk.wait.page + 1)
    return None


def _take(walk: Walk, option: str, text: str) -> Answer | Chosen:
    """An option of the open step as the answer it is: of a menu itself, of an ask its value."""
    step = walk.step
    if step.type == "menu":
        return Chosen(option, text)
    if option == options.KNOWN:
        return Answer(options.known_value(walk, step), text)
    if step.data.get("expect", {}).get("kind") == "boolean":
        return Answer(option == "yes", text)
    return Answer(option, text)


def _applies(version: Definition, run: RunState, command: Command) -> bool:
    return command.name != "change" or bool(moves.changeable(version, run, command.argument))


def _answered(walk: Walk, heard: Heard, table: triggers.Table) -> Given:
    """The step was shown here within a day: a valid answer, another journey's word, or an invalid answer."""
    step = walk.step
    checked = _checked(walk, step, heard)
    if not isinstance(checked, Invalid):
        return checked
    found = triggers.match(heard, table, whole=True)
    if found is None:
        return checked
    if found.journey == walk.version.key or not (walk.version.policy.interruptible or found.breaking):
        return Again()
    return Triggered(found.journey, found.breaking)


def _checked(walk: Walk, step: Step, heard: Heard) -> Given:
    rows, text = options.rows(walk, step), heard.text
    if step.type == "ask":
        checked = validators.check(text, replace(options.asked(walk, step), content=heard.content))
        if isinstance(checked, validators.Valid):
            return Answer(checked.value, text)
        found = matching.fuzzy(rows, text)
        return _take(walk, found, text) if found else Invalid(text, checked.sentence)
    found = matching.fuzzy(rows, text)
    return _take(walk, found, text) if found else Invalid(text, walk.sentence("invalid_choice"))
