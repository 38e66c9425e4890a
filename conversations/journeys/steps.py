"""What does each type of step do? One function per type in one table: a new type is one entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conversations.content import Card, Media
from conversations.journeys import errands, matching, options, resume
from conversations.journeys.definition import Step, duration
from conversations.journeys.effects import HandOver, Lead, Prove, SetTimer, StartRun
from conversations.journeys.errands import TIMER
from conversations.journeys.halts import Halt, Outcome, is_circling, limit
from conversations.journeys.state import Turn, Wait
from conversations.journeys.walk import MAX_STEPS, MAX_TURNS, Walk

__all__ = ["STEPS", "TIMER", "Halt", "Outcome", "follow", "hand_over", "limit", "offer_agent", "open_wait"]


def follow(walk: Walk, step_id: str | None) -> Turn:
    """Walk from a step until a wait, an end or a limit; the run has left its wait before."""
    if walk.seq > MAX_TURNS:
        return limit(walk, "turns")
    target: Outcome = step_id
    while isinstance(target, str):
        if walk.steps >= MAX_STEPS:
            return limit(walk, "steps")
        step = walk.version.steps.get(target)
        if step is None:
            return walk.finish("failed", "step_gone")
        walk.steps += 1
        walk.step_id = target
        target = _enter(walk, step)
        if walk.cut:
            return limit(walk, walk.cut)
    if target is None:
        return walk.finish("completed")
    return walk.turn()


def _enter(walk: Walk, step: Step) -> Outcome:
    data = step.data
    if "if" in data and not walk.holds(data["if"]):
        return step.next
    if (walk.version.policy.requires != "none" or "requires" in data) and _lacks_proof(walk, step):
        return _prove(walk, step)
    if data.get("once"):
        if step.id in walk.once:
            return step.next
        walk.once = (*walk.once, step.id)
    return STEPS[step.type](walk, step)


def _lacks_proof(walk: Walk, step: Step) -> bool:
    """Does this step, or the journey, require more than the session has proven?"""
    assurance, wanted = walk.context.assurance, step.data.get("requires", "none")
    return not (resume.is_enough(assurance, walk.version.policy.requires) and resume.is_enough(assurance, wanted))


def _prove(walk: Walk, step: Step) -> Outcome:
    walk.waiting(Wait("proof", walk.seq, rendered_on=(walk.context.place,)))
    walk.come_forward()
    walk.effects.append(Prove(step.id))
    walk.record("proof_asked")
    return Halt.WAITS


def _message(walk: Walk, step: Step) -> Outcome:
    walk.say(walk.text(step, "text"))
    card, media = step.data.get("card"), step.data.get("media")
    if card:
        texts = {key: walk.text(step, f"card.{key}", card.get(key)) for key in ("title", "text", "image_url", "link")}
        walk.say(Card(**texts))
    if media:
        kind, url = media.get("kind", "image"), walk.fill(media["url"])
        walk.say(Media(kind=kind, url=url, caption=walk.text(step, "media.caption", media.get("caption"))))
    if "switch" in step.data:
        walk.effects.append(Lead(tuple(step.data["switch"]), step.id))
    walk.record("said")
    return step.next


def _ask(walk: Walk, step: Step) -> Outcome:
    mode = step.data.get("ask", "missing")
    if mode == "missing" and walk.forced != step.id:
        known = options.known_value(walk, step)
        if known is not None:
            walk.store(step, known, "known")
            walk.passed(step)
            return step.next
    walk.come_forward()
    return wait_for_input(walk, step)


def _menu(walk: Walk, step: Step) -> Outcome:
    if not options.rows(walk, step):
        walk.record("no_options")
        return str(step.data["on_invalid"]) if "on_invalid" in step.data else step.next
    return wait_for_input(walk, step)


def wait_for_input(walk: Walk, step: Step) -> Outcome:
    """Ask the step's question and wait, unless the run circles here without learning anything."""
    walk.forced = ""
    if is_circling(walk, step.id):
        walk.record("circling")
        target = step.data.get("on_invalid")
        if target:
            return str(target)
        if walk.lane == "background":  # our own options have numbers, and those answer what is in front
            walk.cut = "circling"
            return Halt.ENDED
        open_wait(walk, step)
        offer_agent(walk)
        return Halt.WAITS
    open_wait(walk, step)
    walk.say(options.question(walk, step))
    walk.record("asked")
    return Halt.WAITS


def offer_agent(walk: Walk) -> None:
    """Put the choice of an agent in front of the open question, which stays open."""
    if walk.wait is not None:
        walk.wait = replace(walk.wait, aside="agent", aside_on=walk.context.place)
        walk.say(options.choice(walk, walk.sentence("agent_offer"), options.aside_rows(walk, "agent"), mark="_"))


def open_wait(walk: Walk, step: Step) -> None:
    """The run waits at this step for words, with the options as they are now, and perhaps a timer."""
    rows = options.rows(walk, step)
    shown = tuple(row.id for row in rows)
    behind = walk.lane == "background"
    letters = matching.letters([row.label for row in rows], walk.context.taken) if behind else ()
    after = duration(step.data.get("timeout", {}).get("after"))
    deadline = walk.now + after if after else None
    if after:
        walk.effects.append(SetTimer(TIMER, after, walk.seq))
    walk.refused = ()
    walk.waiting(Wait("input", walk.seq, shown, (walk.context.place,), deadline, letters=letters))


def _set(walk: Walk, step: Step) -> Outcome:
    # Values first: stored JSON keeps no order of keys, so none may see what another has just set.
    values = {target: walk.value(raw) for target, raw in step.data["set"].items()}
    for target, value in values.items():
        walk.assign(target, value)
    walk.record("set", ", ".join(step.data["set"]))
    return step.next


def _branch(walk: Walk, step: Step) -> Outcome:
    for number, case in enumerate(step.data["cases"], start=1):
        if walk.holds(case["if"]):
            walk.record(f"case {number}")
            return str(case["next"])
    walk.record("else")
    return str(step.data["else"])


def _handover(walk: Walk, step: Step) -> Outcome:
    walk.say(walk.text(step, "text"))
    hand_over(walk, step)
    return Halt.WAITS


def hand_over(walk: Walk, step: Step | None, reason: str = "step") -> None:
    """Ask for a human and wait for how it comes out; without a step everything is left to the routing's defaults."""
    walk.come_forward()
    data = step.data if step else {}
    words = {key: str(walk.value(data.get(key, "")) or "") for key in ("skill", "referrer", "queue", "agent")}
    effect = HandOver(
        mode=data.get("mode", "live"),
        intake=data.get("intake", ""),
        channel=data.get("channel", ""),
        priority=data.get("priority", 0),
        step_id=step.id if step else "",
        from_step=walk.left,
        reason="asked" if walk.left else reason,
        attempts=walk.refused,
        **words,
    )
    walk.effects.append(effect)
    walk.record("handed_over", words["skill"])
    walk.waiting(Wait("handover", walk.seq))


def _end(walk: Walk, step: Step) -> Outcome:
    walk.say(walk.text(step, "text"))
    if not walk.cut:
        walk.record("ended", step.data.get("outcome", ""))
        walk.finish("completed", str(step.data.get("outcome", "")))
        if "then" in step.data and (walk.lane == "foreground" or walk.chosen):  # a report begins nothing in front
            walk.effects.append(StartRun(step.data["then"]))
    return Halt.ENDED


STEPS: dict[str, Callable[[Walk, Step], Outcome]] = {
    "message": _message,
    "ask": _ask,
    "menu": _menu,
    "branch": _branch,
    "set": _set,
    "request": errands.request,
    "task": errands.task,
    "wait": errands.wait,
    "journey": errands.journey,
    "handover": _handover,
    "end": _end,
}
