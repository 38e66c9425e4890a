"""Which words of a journey are translated, which are missing, and of which has the original changed since?

Translations stand in the draft itself, under `translations`. What they were made of is kept beside it as a digest, so
that a translation whose original was changed later shows as stale.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from common.problems import Problem
from conversations.journeys import loader
from conversations.journeys.rewording import entry, reworded
from conversations.journeys.rules_fit import translatable

State = Literal["done", "stale", "missing"]
LANGUAGE = re.compile(r"[a-z]{2}")


class Unwritable(Problem):
    """The text is written in a way in which its translations cannot be replaced."""

    code = "translations_unwritable"
    title = "The translations cannot be written into this text."
    status = 422


@dataclass(frozen=True, slots=True)
class Entry:
    """One text of a journey in another language; `words` are empty while it is missing."""

    key: str
    step: str
    base: str
    words: str
    state: State


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a language is done, of `total` texts."""

    language: str
    total: int
    missing: int
    stale: int

    @property
    def percent(self) -> int:
        """Done and not stale, rounded down."""
        return 100 if not self.total else (self.total - self.missing - self.stale) * 100 // self.total


def lines(data: Mapping[str, Any]) -> dict[str, str]:
    """The words that can be translated, by `step.property`, in the order of the steps."""
    found = {"title": str(data["title"])}
    for step in data["steps"]:
        for name in translatable(step):
            found[f"{step['id']}.{name}"] = str(_words(step, name))
    return found


def entries(data: Mapping[str, Any], language: str, translated: Mapping[str, Mapping[str, str]]) -> list[Entry]:
    """Every text beside its words in a language."""
    words, made_of = data.get("translations", {}).get(language, {}), translated.get(language, {})
    return [
        Entry(key, key.partition(".")[0], base, words.get(key, ""), _state(words.get(key), base, made_of.get(key)))
        for key, base in lines(data).items()
    ]


def base(data: Mapping[str, Any]) -> str:
    """The language in which it is written."""
    return str(next(iter(data.get("languages", ())), "en"))


def languages(data: Mapping[str, Any]) -> list[str]:
    """Every language but the one in which it is written, the declared ones first."""
    own = list(data.get("languages", ["en"]))
    return [*own[1:], *sorted(set(data.get("translations", {})) - set(own))]


def progress(data: Mapping[str, Any], translated: Mapping[str, Mapping[str, str]]) -> list[Progress]:
    """How complete each language is."""
    found = []
    for language in languages(data):
        states = [entry.state for entry in entries(data, language, translated)]
        found.append(Progress(language, len(states), states.count("missing"), states.count("stale")))
    return found


def followed(
    before: Mapping[str, Any] | None, after: Mapping[str, Any], translated: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """What each translation was made of, once a draft was replaced: written now, from the words that stand there now;
    unchanged ones keep what was known of them."""
    old_lines, new_lines = lines(before) if before else {}, lines(after)
    old_words = before.get("translations", {}) if before else {}
    found: dict[str, dict[str, str]] = {}
    for language, words in after.get("translations", {}).items():
        was, known = old_words.get(language, {}), translated.get(language, {})
        kept = found.setdefault(language, {})
        for key in [key for key in words if key in new_lines]:
            if words[key] == was.get(key):
                kept[key] = known.get(key, digest(old_lines.get(key, new_lines[key])))
            else:
                kept[key] = digest(new_lines[key])
    return found


def digest(words: str) -> str:
    """Of an original text, short enough to be kept many times."""
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:16]


def written(text: str, language: str, words: Mapping[str, str]) -> str:
    """The draft with a language's words replaced by these (empty ones are left out); `Unwritable` if it cannot be."""
    loaded = loader.load(text)
    data, order = loaded.data, list(lines(loaded.data))
    new = {key: words[key] for key in sorted(words, key=lambda k: order.index(k) if k in order else -1) if words[key]}
    others = {name: dict(found) for name, found in data.get("translations", {}).items() if name != language}
    wanted = {**data, "translations": {**others, **({language: new} if new else {})}}
    is_declared = language in data.get("languages", ["en"])
    changed = reworded(text, loaded, language, new, order) if is_declared else None
    if changed is not None and _holds(changed, wanted):
        return changed
    if not is_declared:
        wanted["languages"] = [*data.get("languages", ["en"]), language]
        text = with_block(text, "languages", f"languages: [{', '.join(wanted['languages'])}]\n")
    text = with_block(text, "translations", _block(wanted["translations"]))
    if loader.load(text).data != wanted:
        raise Unwritable("write the journey as indented lines, one top-level field below the other")
    return text


def _holds(text: str, wanted: Mapping[str, Any]) -> bool:
    try:
        return bool(loader.load(text).data == wanted)
    except loader.LoadRefused:
        return False


def with_block(text: str, key: str, block: str) -> str:
    """The text with a top-level field replaced by these lines, or added at the end."""
    loaded = loader.load(text)
    rows = text.splitlines(keepends=True)
    tops = sorted(line for path, line in loaded.lines.items() if len(path) == 1)
    start = loaded.lines.get((key,))
    if start is None:
        return text.rstrip("\n") + "\n" + block
    if tops.count(start) > 1 or rows[start - 1][:1] in " {":
        raise Unwritable(f"`{key}` does not begin a line of its own")
    end = next((line for line in tops if line > start), len(rows) + 1)
    while end > start + 1 and rows[end - 2].lstrip()[:1] in ("", "#"):
        end -= 1  # what stands right above the next field belongs to it
    return "".join([*rows[: start - 1], block, *rows[end - 1 :]])


def _block(translations: Mapping[str, Mapping[str, str]]) -> str:
    if not translations:
        return "translations: {}\n"
    return "translations:\n" + "".join(_rows(translations))


def _rows(translations: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for language, words in translations.items():
        yield f"  {language}:" + ("\n" if words else " {}\n")
        for key, text in words.items():
            yield "    " + entry(key, text)


def _state(words: str | None, base: str, made_of: str | None) -> State:
    if not words:
        return "missing"
    return "stale" if made_of is not None and made_of != digest(base) else "done"


def _words(step: Mapping[str, Any], name: str) -> Any:
    """The words behind `text`, `reprompt.0`, `card.title`, `options.restart` or `choices.yes.description`."""
    first, *rest = name.split(".")
    if first in ("options", "choices"):
        rows = step["options"] if first == "options" else step["expect"]["choices"]
        row = next(row for row in rows if str(row["id"]) == rest[0])
        return row[rest[1] if len(rest) > 1 else "label"]
    found: Any = step[first]
    for part in rest:
        found = found[int(part)] if isinstance(found, list) else found[part]
    return found
