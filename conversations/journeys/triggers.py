"""Which journey does this message start?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from conversations.journeys.definition import Definition
from conversations.journeys.matching import normal
from conversations.journeys.state import Heard, Triggered


@dataclass(frozen=True, slots=True)
class Table:
    """Everything that starts a live journey; build it once per set of live versions.

    `events`: names of events of the customer; `links`: the word that a deep link or QR code brings along; `api`: the
    journeys that another system may start; `start`: the journey that begins a conversation in which nothing fits.
    """

    keywords: Mapping[str, Triggered] = field(default_factory=dict)
    payloads: Mapping[str, Triggered] = field(default_factory=dict)
    events: Mapping[str, Triggered] = field(default_factory=dict)
    links: Mapping[str, Triggered] = field(default_factory=dict)
    api: Mapping[str, Triggered] = field(default_factory=dict)
    start: Triggered | None = None


def table(versions: Iterable[Definition]) -> Table:
    """The triggers of the live versions; of two journeys with the same word (lint L15) the first keeps it."""
    keywords: dict[str, Triggered] = {}
    named: dict[str, dict[str, Triggered]] = {"payload": {}, "event": {}, "link": {}, "api": {}, "start": {}}
    for version in versions:
        for trigger in version.triggers:
            started = Triggered(version.key, breaking=bool(trigger.get("breaking", False)))
            for word in words(trigger):
                keywords.setdefault(normal(word), started)
            for kind, known in named.items():
                if trigger.get(kind):
                    known.setdefault(version.key if kind == "api" else str(trigger[kind]), started)
    begins = next(iter(named["start"].values()), None)
    return Table(keywords, named["payload"], named["event"], named["link"], named["api"], begins)


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
    parts = said.split()
    if whole or len(parts) > 8:
        return None
    return next((table.keywords[part] for part in parts if part in table.keywords), None)
