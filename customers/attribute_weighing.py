"""Which of many words on one attribute holds? The same for every order of arrival (section 12). Pure: no database.

pinned > policy > effective time > source rank > provider's sequence > hash of the write. Where a source that counts
whole seconds spoke within a second, fractions of that second decide nothing: so the order stays transitive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from customers.attribute_rules import Definition
from customers.sources import IN_ORDER, Word

Moment = tuple[Any, ...]
Clock = Callable[[Word], Moment]


@dataclass(frozen=True, slots=True)
class Weighed:
    """The words, the one that holds first. `parts`: of a set, the words whose values it is made of."""

    words: tuple[Word, ...]
    parts: tuple[Word, ...] = ()

    @property
    def best(self) -> Word | None:
        """What holds, if anybody has said anything."""
        return self.words[0] if self.words else None


def weigh(definition: Definition, words: Iterable[Word], now: datetime) -> Weighed:
    """What holds of these words. One that only fills counts where the others have said nothing, or cleared before."""
    said = list(words)
    when = _clock(said)
    own = _weigh(definition, [word for word in said if not word.fills], when, now)
    fillers = _weigh(definition, [word for word in said if word.fills], when, now)
    if fillers.best is not None and _is_empty(definition, own.best, fillers.best, when, now):
        return Weighed((*fillers.words, *own.words), fillers.parts)
    return Weighed((*own.words, *fillers.words), own.parts)


def sticks(definition: Definition, word: Word, now: datetime) -> bool:
    """Does it hold against newer values of a lower rank?"""
    is_sticky = definition.policy == "verified_sticky" and definition.on_disagreement != "take"
    return word.pinned or (is_sticky and word.is_verified(now))


def combined(values: Iterable[Any]) -> list[Any]:
    """The set that several values make: each member once, in one order for everybody."""
    found: dict[str, Any] = {}
    for value in values:
        for member in value if isinstance(value, list) else [value]:
            found.setdefault(str(member), member)
    return [found[text] for text in sorted(found, key=lambda text: (text.casefold(), text))]


def measure(value: Any) -> tuple[int, Any] | None:
    """A value that can be smaller or larger than another: a number, or a date and time; None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return 0, value
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return 1, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _weigh(definition: Definition, words: Sequence[Word], when: Clock, now: datetime) -> Weighed:
    if definition.policy == "union":
        return _united(words, when)
    ranked = sorted(words, key=lambda word: _worth(definition, word, when, now), reverse=True)
    if definition.policy in ("min", "max"):
        return Weighed(tuple(_by_measure(definition.policy, ranked, when)))
    return Weighed(tuple(ranked))


def _worth(definition: Definition, word: Word, when: Clock, now: datetime) -> Moment:
    return (word.pinned, _policy_rank(definition, word, now), *when(word))


def _policy_rank(definition: Definition, word: Word, now: datetime) -> int:
    if definition.on_disagreement == "take" or word.pinned:
        return -1
    if definition.policy == "source_order":
        return IN_ORDER.get(word.source, -1)
    return word.rank if sticks(definition, word, now) else -1


def _by_measure(policy: str, ranked: list[Word], when: Clock) -> list[Word]:
    """A pinned word as ever; else the extreme of what was said after the last clearing, then the rest."""
    if not ranked or ranked[0].pinned:
        return ranked
    cleared = max((when(word) for word in ranked if word.is_clear), default=None)
    live = [w for w in ranked if measure(w.value) is not None and not w.is_clear and _is_after(w, cleared, when)]
    live.sort(key=lambda word: measure(word.value) or (0, 0), reverse=policy == "max")
    if not live and cleared is not None:
        live = [word for word in ranked if word.is_clear][:1]
    return live + [word for word in ranked if word not in live]


def _united(words: Sequence[Word], when: Clock) -> Weighed:
    """What was said since the set was emptied; a pinned word sets it anew, and no later clearing takes that away."""
    newest = sorted(words, key=when, reverse=True)
    pin = next((word for word in newest if word.pinned), None)
    cleared = next((word for word in newest if word.is_clear and not word.pinned), None)
    since = [when(word) for word in (pin, cleared) if word is not None]
    live = [w for w in newest if not w.is_clear and not w.pinned and _is_after(w, max(since, default=None), when)]
    parts = live + ([pin] if pin is not None and not pin.is_clear else [])
    shown = parts or [word for word in (cleared, pin) if word is not None and word.is_clear][:1]
    return Weighed((*shown, *[word for word in newest if word not in shown]), tuple(parts))


def _is_after(word: Word, moment: Moment | None, when: Clock) -> bool:
    return moment is None or when(word) > moment


def _is_empty(definition: Definition, own: Word | None, filler: Word, when: Clock, now: datetime) -> bool:
    if own is None:
        return True
    return own.is_clear and not sticks(definition, own, now) and when(filler) > when(own)


def _clock(words: Iterable[Word]) -> Clock:
    """When each was said, as one order for all of them."""
    known = list(words)
    coarse = {word.second for word in known if word.whole_second}

    def when(word: Word) -> Moment:
        second = word.second
        fraction = 0 if second in coarse else word.effective_at.microsecond
        return (second, fraction, word.rank, word.sequence, word.tie_break, word.source_event_id, word.source)

    return when
