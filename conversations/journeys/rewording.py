"""How do some words of a language change while every other line of the text stays as its author wrote it?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from conversations.journeys.loader import Loaded

PLAIN_KEY = re.compile(r"[a-z][a-z0-9_.]*")
BLOCK = "translations"
Part = tuple[str, list[str]]  # the key of an entry ('' for what stands between two), and its rows


def reworded(text: str, loaded: Loaded, language: str, words: Mapping[str, str], order: Sequence[str]) -> str | None:
    """The text with the words of a language replaced by these; new ones follow their neighbours in `order`.

    None where the translations are not written one below the other; the caller reads the result again.
    """
    old: Mapping[str, str] = loaded.data.get(BLOCK, {}).get(language, {})
    starts = [loaded.lines[(BLOCK, language, key)] for key in old]
    if not old or not words or len({*starts, loaded.lines[(BLOCK, language)]}) <= len(old):
        return None
    rows = (text if text.endswith("\n") else text + "\n").splitlines(keepends=True)
    parts = list(_parts(rows, list(old), starts, sorted(set(loaded.lines.values()))))
    margin = rows[starts[0] - 1][: -len(rows[starts[0] - 1].lstrip())]
    changed = [
        (key, own if not key or words.get(key) == old[key] else [margin + entry(key, words[key])])
        for key, own in parts
        if not key or key in words
    ]
    for key in [key for key in words if key not in old]:
        changed.insert(_place(key, [name for name, _ in changed], order), (key, [margin + entry(key, words[key])]))
    end = starts[0] - 1 + sum(len(own) for _, own in parts)
    return "".join([*rows[: starts[0] - 1], *(row for _, own in changed for row in own), *rows[end:]])


def entry(key: str, words: str) -> str:
    """One line of a language, without its margin."""
    return f"{key if PLAIN_KEY.fullmatch(key) else quoted(key)}: {quoted(words)}\n"


def quoted(words: str) -> str:
    """A text in double quotes, as YAML reads it back."""
    return '"' + "".join(_escaped(sign) for sign in words) + '"'


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return "\\" + sign
    if sign == "\n":
        return "\\n"
    return sign if sign.isprintable() else f"\\U{ord(sign):08x}"


def _parts(rows: Sequence[str], keys: Sequence[str], starts: Sequence[int], tops: Sequence[int]) -> Iterator[Part]:
    """The entries with the blank lines and comments between them; nothing after the last."""
    for number, (key, start) in enumerate(zip(keys, starts, strict=True)):
        until = next((line for line in tops if line > start), len(rows) + 1)
        end = until
        while end > start + 1 and rows[end - 2].lstrip()[:1] in ("", "#"):
            end -= 1
        yield key, list(rows[start - 1 : end - 1])
        if number + 1 < len(keys):
            yield "", list(rows[end - 1 : until - 1])


def _place(key: str, there: Sequence[str], order: Sequence[str]) -> int:
    """Behind the nearest one that comes before it in the journey; else before all others."""
    before = order[: order.index(key)] if key in order else order
    return next((there.index(name) + 1 for name in reversed(before) if name in there), 0)
