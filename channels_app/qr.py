"""How does a link look as a QR code? As one SVG path: pages draw it themselves, without markup from elsewhere."""

from __future__ import annotations

from typing import Any

import segno

QUIET = 4  # modules of white around it: scanners need them


def drawn(text: str) -> dict[str, Any]:
    """`{"size", "path"}` for `<svg viewBox="0 0 size size"><path d=path></svg>`; one unit is a module."""
    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=QUIET)]
    path = "".join(f"M{x} {y}h{length}v1h-{length}z" for y, row in enumerate(rows) for x, length in _runs(row))
    return {"size": len(rows), "path": path}


def _runs(row: list[int]) -> list[tuple[int, int]]:
    """The dark stretches of a row: (where, how long)."""
    found: list[tuple[int, int]] = []
    for x, is_dark in enumerate(row):
        if not is_dark:
            continue
        if found and sum(found[-1]) == x:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((x, 1))
    return found
