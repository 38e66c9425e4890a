"""How does a one-time code travel in words that a person may change? As `[#CODE]`, and it is cut out again."""

from __future__ import annotations

import re

CODE = re.compile(r"\[#([A-Za-z0-9_-]{4,64})\]")  # no blanks before it: they would cost their number squared


def written(code: str) -> str:
    """The code as it stands in a prefilled text."""
    return f"[#{code}]"


def cut(text: str) -> tuple[str, str]:
    """(the text without its first code, the code); ('text', '') when it holds none."""
    found = CODE.search(text)
    if found is None:
        return text, ""
    return (text[: found.start()].rstrip() + text[found.end() :]).strip(), found.group(1)
