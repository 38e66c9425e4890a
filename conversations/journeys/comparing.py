"""How do two texts of a journey differ? Line by line, as one column or as two, long equal parts folded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

AROUND = 3  # equal lines beside a change
Kind = Literal["same", "old", "new", "both", "fold"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a comparison; a number of 0 means that there is no line on that side. `fold`: lines left out."""

    kind: Kind
    old: int = 0
    old_text: str = ""
    new: int = 0
    new_text: str = ""
    folded: int = 0


def side_by_side(old: str, new: str) -> list[Row]:
    """The two texts beside each other; empty if they are the same."""
    return list(_folded(list(_rows(old.splitlines(), new.splitlines()))))


def unified(old: str, new: str) -> list[Row]:
    """The two texts in one column: of what changed, the old lines first."""
    found: list[Row] = []
    later: list[Row] = []
    for row in side_by_side(old, new):
        if row.kind == "both":
            found.append(Row("old", row.old, row.old_text))
            later.append(Row("new", 0, "", row.new, row.new_text))
        elif row.kind == "old" or (row.kind == "new" and not later):
            found.append(row)
        elif row.kind == "new":
            later.append(row)
        else:
            found += [*later, row]
            later = []
    return found + later


def _rows(old: list[str], new: list[str]) -> Iterator[Row]:
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for offset in range(max(a2 - a1, b2 - b1)):
            left, right = a1 + offset, b1 + offset
            has_left, has_right = left < a2, right < b2
            kind: Kind = "both" if has_left and has_right else "old" if has_left else "new"
            yield Row(
                "same" if tag == "equal" else kind,
                left + 1 if has_left else 0,
                old[left] if has_left else "",
                right + 1 if has_right else 0,
                new[right] if has_right else "",
            )


def _folded(rows: list[Row]) -> Iterator[Row]:
    changed = [number for number, row in enumerate(rows) if row.kind != "same"]
    near = {number + step for number in changed for step in range(-AROUND, AROUND + 1)}
    folded = 0
    for number, row in enumerate(rows) if changed else ():
        if number in near:
            if folded:
                yield Row("fold", folded=folded)
            folded = 0
            yield row
        else:
            folded += 1
    if folded:
        yield Row("fold", folded=folded)
