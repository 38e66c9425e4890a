"""Which journey does this message start?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conversations.journeys.definition import Definition
from conversations.journeys.matching import normal
from conversations.journeys.state import Heard, Triggered

WORD_WITHIN, PHRASE_WITHIN = 8, 12  # words of a message in which a keyword, or one of several words, is looked for
EVERYWHERE = "*"
_TEXTS = frozenset({"title", "text", "label", "description", "resume", "help", "reprompt"})


@dataclass(frozen=True, slots=True)
class Table:
    """Everything that starts a live journey; build it once per set of live versions.

    `events`: names of events of the customer; `links`: the word that a deep link or QR code brings along; `api`: the
    journeys that another system may start; `start`: the journey that begins a conversation in which nothing fits;
    `opening`: the web channels (`EVERYWHERE`: all) on which it begins as soon as somebody new opens the chat;
    `tongues`: the words of keywords that are said in one language only, each with its language.
    """

    keywords: Mapping[str, Triggered] = field(default_factory=dict)
    payloads: Mapping[str, Triggered] = field(default_factory=dict)
    events: Mapping[str, Triggered] = field(default_factory=dict)
    links: Mapping[str, Triggered] = field(default_factory=dict)
    api: Mapping[str, Triggered] = field(default_factory=dict)
    start: Triggered | None = None
    opening: frozenset[str] = frozenset()
    tongues: Mapping[str, str] = field(default_factory=dict)


def table(versions: Iterable[Definition]) -> Table:
    """The triggers of the live versions; of two journeys with the same word (lint L15) the first keeps it."""
    keywords: dict[str, Triggered] = {}
    tongues: dict[str, str] = {}
    named: dict[str, dict[str, Triggered]] = {"payload": {}, "event": {}, "link": {}, "api": {}}
    begun: Triggered | None = None
    opening: frozenset[str] = frozenset()
    for version in versions:
        tongues = _tongues(version) | tongues
        for trigger in version.triggers:
            started = Triggered(version.key, breaking=bool(trigger.get("breaking", False)))
            for word in words(trigger):
                keywords.setdefault(normal(word), started)
            for kind, known in named.items():
                if trigger.get(kind):
                    known.setdefault(version.key if kind == "api" else str(trigger[kind]), started)
            if trigger.get("start") and begun is None:
                begun, opening = started, _opening(trigger)
    return Table(keywords, named["payload"], named["event"], named["link"], named["api"], begun, opening, tongues)


def opens(table: Table, channel: str) -> str:
    """The journey that begins when somebody new opens the chat of this channel; '' if none does."""
    is_here = EVERYWHERE in table.opening or channel in table.opening
    return table.start.journey if table.start is not None and is_here else ""


def _opening(trigger: Mapping[str, Any]) -> frozenset[str]:
    wanted = trigger.get("opening", False)
    if isinstance(wanted, list):
        return frozenset(str(channel) for channel in wanted)
    return frozenset({EVERYWHERE}) if wanted else frozenset()


def open_to_customers(table: Table) -> frozenset[str]:
    """The journeys that a customer may begin; others are begun by events, by other systems, or beneath another."""
    begun = (*table.keywords.values(), *table.payloads.values(), *table.links.values(), table.start)
    return frozenset(found.journey for found in begun if found is not None)


def words(trigger: Mapping[str, object]) -> list[str]:
    """The keywords of one trigger; a single word may be written without a list."""
    keyword = trigger.get("keyword", [])
    return [str(word) for word in keyword] if isinstance(keyword, list) else [str(keyword)]


def match(heard: Heard, table: Table, *, whole: bool = False) -> Triggered | None:
    """The journey that a message starts: a link's word, a tapped payload, the whole message, or (unless `whole`) one of
    its words."""
    if heard.link and heard.link in table.links:
        return table.links[heard.link]
    if heard.payload and heard.payload in table.payloads:
        return table.payloads[heard.payload]
    said = normal(heard.text)
    if said in table.keywords:
        return table.keywords[said]
    if whole:
        return None
    parts = said.split()
    single = parts if len(parts) <= WORD_WITHIN else []
    return phrase(heard, table) or next((table.keywords[part] for part in single if part in table.keywords), None)


def phrase(heard: Heard, table: Table) -> Triggered | None:
    """The journey with a keyword of several words that stand together in a short message; the longest keyword wins."""
    parts = normal(heard.text).split()
    if len(parts) > PHRASE_WITHIN:
        return None
    spans = ((size, at) for size in range(len(parts), 1, -1) for at in range(len(parts) - size + 1))
    found = (table.keywords.get(" ".join(parts[at : at + size])) for size, at in spans)
    return next((started for started in found if started is not None), None)


def _tongues(version: Definition) -> dict[str, str]:
    """The words of a journey's keywords that only one of its languages uses in what the journey says."""
    if len(version.languages) < 2:
        return {}
    texts: dict[str, str] = {language: " ".join(found.values()) for language, found in version.translations.items()}
    texts[version.languages[0]] = " ".join(_said(version.title, [step.data for step in version.steps.values()]))
    spoken = {language: set(normal_words(text)) for language, text in texts.items()}
    keywords = {part for trigger in version.triggers for word in words(trigger) for part in normal(word).split()}
    users = {word: [language for language, used in spoken.items() if word in used] for word in keywords}
    return {word: found[0] for word, found in users.items() if len(found) == 1}


def normal_words(text: str) -> Iterator[str]:
    """The words of a text of any length, as they are compared."""
    for word in text.split():
        yield from normal(word).split()


def _said(*values: Any) -> Iterator[str]:
    """Every text of a journey that people read."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from _said(*(v for key, v in value.items() if key in _TEXTS or not isinstance(v, str | bool)))
        elif isinstance(value, list | tuple):
            yield from _said(*value)
