"""Which options does a step offer, and how is its question written?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conversations.content import Choice, Content, Option, Text
from conversations.journeys import things, validators
from conversations.journeys.definition import Step, authored_options
from conversations.journeys.matching import Row
from conversations.journeys.sentences import labels
from conversations.journeys.templates import spoken
from conversations.journeys.walk import TASK_ATTEMPTS, Walk

KNOWN = "known"
ASIDES: dict[str, tuple[str, ...]] = {
    "offer": ("continue", "restart", "other"),
    "cancel": ("cancel_yes", "cancel_no"),
    "agent": ("agent", "try_again"),
}
_ALSO = {"cancel_yes": labels("yes"), "cancel_no": labels("no"), "agent": labels("yes"), "try_again": labels("no")}


def rows(walk: Walk, step: Step) -> tuple[Row, ...]:
    """The options of a step in the order of their numbers; once it waits, exactly those that were shown."""
    found = _all_rows(walk, step)
    if not found:
        return found
    wait = walk.wait
    if wait is not None and wait.kind == "input" and walk.step_id == step.id:
        if tuple(row.id for row in found) == wait.options:
            return found
        by_id = {row.id: row for row in found}
        return tuple(by_id[option] for option in wait.options if option in by_id)
    hidden = {raw["id"] for raw in authored_options(step) if "if" in raw and not walk.holds(raw["if"])}
    if any(count >= TASK_ATTEMPTS for name, count in walk.started.items() if name):
        hidden |= {raw["id"] for raw in authored_options(step) if _is_spent(walk, raw.get("next", step.next))}
    return tuple(row for row in found if row.id not in hidden) if hidden else found


def option(step: Step, option_id: Any) -> Mapping[str, Any]:
    """One option as written; empty if there is none of that id."""
    return next((raw for raw in authored_options(step) if raw["id"] == option_id), {})


def known_value(walk: Walk, step: Step) -> Any:
    """What is known already for an ask: the var, or the customer attribute that it is saved to, if still valid."""
    value = walk.vars.get(step.var)
    if value is not None:
        return value
    saved = walk.version.vars.get(step.var, {}).get("save_to", "")
    value = walk.customer.get(saved.removeprefix("customer.")) if saved.startswith("customer.") else None
    kind = step.data.get("expect", {}).get("kind")
    if kind == "choice":
        return value if option(step, value) else None
    if isinstance(value, dict):
        return things.known_place(value) if kind == "location" else None
    if isinstance(value, str):
        checked = validators.check(value, asked(walk, step))
        return checked.value if isinstance(checked, validators.Valid) else None
    return value if isinstance(value, int | float) else None


def asked(walk: Walk, step: Step) -> validators.Asked:
    return validators.Asked(step.data.get("expect", {}), walk.now, walk.language, walk.context.phone)


def question(walk: Walk, step: Step, text: str | None = None, page: int = 1) -> Content:
    """The step's question with its options; `text` replaces the authored one (a reprompt)."""
    words = walk.text(step, "text") if text is None else text
    shown = rows(walk, step)
    return choice(walk, words, shown, page=page) if shown else Text(words)


def choice(walk: Walk, text: str, shown: Sequence[Row], *, mark: str = "", page: int = 1) -> Choice:
    """A Choice whose taps carry `run:seq:option`; our own options are marked with an underscore."""
    token = walk.wait.token if walk.wait else walk.seq
    letters = _letters(walk) if not mark else {}
    options = tuple(
        Option(
            row.id,
            row.label,
            f"{walk.run.id}:{token}:{mark}{row.id}",
            row.description,
            number,
            letters.get(row.id, ""),
        )
        for number, row in enumerate(shown, start=1)
    )
    return Choice(text, options, button=walk.sentence("choose"), more=walk.sentence("more"), page=page)


def aside_rows(walk: Walk, aside: str) -> tuple[Row, ...]:
    """Our own options in front of a step, understood in every language."""
    return tuple(Row(key, walk.sentence(key), labels(key) + _ALSO.get(key, ())) for key in ASIDES.get(aside, ()))


def _letters(walk: Walk) -> dict[str, str]:
    """What stands for each option of a menu in the background: a letter, with `#` where letters answer the front."""
    if walk.wait is None or not walk.wait.letters:
        return {}
    mark = "#" if walk.context.hushed else ""
    return {option: mark + letter for option, letter in zip(walk.wait.options, walk.wait.letters, strict=False)}


def _is_spent(walk: Walk, target: str | None) -> bool:
    """Does this way lead straight to a job that has failed too often to be tried again?"""
    for _ in range(10):
        step = walk.version.steps.get(target or "")
        if step is None or step.type not in ("message", "set"):
            return step is not None and step.type == "task" and walk.started.get(step.id, 0) >= TASK_ATTEMPTS
        target = step.next
    return False


def _all_rows(walk: Walk, step: Step) -> tuple[Row, ...]:
    if step.type == "ask" and step.data.get("expect", {}).get("kind") == "boolean":
        return tuple(Row(key, walk.sentence(key), labels(key)) for key in ("yes", "no"))
    found = _authored_rows(walk, step)
    if step.type == "ask" and step.data.get("ask") == "confirm":
        value = known_value(walk, step)
        if value is not None:
            called = next((row.label for row in found if row.id == value), value)
            found = (*found, Row(KNOWN, walk.sentence("use_known", value=spoken(called, walk.language)), labels("yes")))
    return found


def _authored_rows(walk: Walk, step: Step) -> tuple[Row, ...]:
    """The rows of the options as written; worked out once for each language where no label depends on the run."""
    memory, key = walk.version.memory, (step.id, walk.language)
    known: tuple[Row, ...] | None = memory.get(key)
    if known is not None:
        return known
    found = tuple(_row(walk, step, raw) for raw in authored_options(step))
    texts = (text for raw in authored_options(step) for text in (raw["label"], raw.get("description", "")))
    if not any("{{" in str(text) for text in (*texts, *_translated(walk, step))):
        memory[key] = found
    return found


def _translated(walk: Walk, step: Step) -> Iterator[str]:
    words = walk.version.translations.get(walk.language, {})
    return (text for key, text in words.items() if key.startswith(step.id + "."))


def _row(walk: Walk, step: Step, raw: Mapping[str, Any]) -> Row:
    prop = f"{'options' if step.type == 'menu' else 'choices'}.{raw['id']}"
    key = f"{step.id}.{prop}"
    others = tuple(words[key] for words in walk.version.translations.values() if key in words)
    words = (*raw.get("aliases", ()), raw["label"], *others)
    description = walk.text(step, f"{prop}.description", raw.get("description"))
    return Row(raw["id"], walk.text(step, prop, raw["label"]), tuple(str(word) for word in words), description)
