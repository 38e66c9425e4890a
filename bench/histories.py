"""Is any history of merges and splits undone exactly, in any order? Plays random ones through the product's doors.

Prints JSON: how many histories, steps, and how many of them were wrong. Tests play a few with dice of their own.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from bench import acts

if TYPE_CHECKING:
    from customers.models import Customer, Link

PEOPLE, STEPS = 7, 14
Group = frozenset[int]
Shown = dict[Group, dict[str, Any]]


@dataclass
class History:
    """Some people, the links that join them now, and the dice that decide what happens next."""

    people: Sequence[Customer]
    dice: Random
    live: list[Link] = field(default_factory=list)
    steps: int = 0
    wrong: list[str] = field(default_factory=list)
    every: float = 1.0  # how often the attributes are looked at, too
    heard: Counter[int] = field(default_factory=Counter)
    named: dict[int, str] = field(default_factory=dict)

    def play(self, steps: int = STEPS) -> History:
        """Random merges, splits, words and messages, each looked at; then every link is undone, in any order."""
        before, said = alone(self.people), messages(self.people)
        for _ in range(steps):
            self._step()
            self._look(whole=self.dice.random() < self.every)
        self.dice.shuffle(self.live)
        while self.live:
            self._undo()
            self._look(whole=self.dice.random() < self.every)
        if alone(self.people) != before | self._news(before):
            self.wrong.append("somebody is not as if they had never been joined")
        now = messages(self.people)
        if any(now[pk] - number != self.heard[pk] for pk, number in said.items()):
            self.wrong.append("a message is at another origin")
        return self

    def _step(self) -> None:
        self.steps += 1
        kind = self.dice.random()
        if kind < 0.5 or not self.live:
            self._join()
        elif kind < 0.8:
            self._undo()
        elif kind < 0.9:
            self._name()
        else:
            who = self.dice.choice(self.people)
            acts.hear(who)
            self.heard[who.pk] += 1

    def _join(self) -> None:
        link = acts.link(*self.dice.sample(list(self.people), 2))
        if link.pk not in {known.pk for known in self.live}:
            self.live.append(link)

    def _undo(self) -> None:
        """One link of any age, or several at once."""
        many = min(len(self.live), self.dice.choice((1, 1, 2)))
        chosen = self.dice.sample(self.live, many)
        for root in {root_of(link.a_id) for link in chosen}:
            acts.part(*[link for link in chosen if root_of(link.a_id) == root])
        self.live = [link for link in self.live if link not in chosen]

    def _name(self) -> None:
        """Somebody says another name of theirs; it is theirs alone after every split."""
        who = self.dice.choice(self.people)
        self.named[who.pk] = f"Name {self.dice.randrange(10**9)}"
        name(who, self.named[who.pk])

    def _news(self, before: Shown) -> Shown:
        return {
            group: {**before[group], "name": self.named[pk]} for group in before for pk in group if pk in self.named
        }

    def _look(self, whole: bool = True) -> None:
        """The clusters are what the links say, and each shows what the best of its members' words are."""
        if groups(self.people) != components(self.people, self.live):
            self.wrong.append("the clusters are not what the links say")
        elif whole and shown(self.people) != told(self.people):
            self.wrong.append("an attribute is not what was observed")


def groups(people: Sequence[Customer]) -> set[Group]:
    """The clusters as the pointers have them."""
    from customers.models import Customer

    found: dict[int, set[int]] = {}
    for pk, root in Customer.objects.filter(pk__in=[one.pk for one in people]).values_list("pk", "root_id"):
        found.setdefault(root, set()).add(pk)
    return {frozenset(group) for group in found.values()}


def components(people: Sequence[Customer], links: Sequence[Link]) -> set[Group]:
    """The clusters as the links have them, worked out anew."""
    found = {one.pk: {one.pk} for one in people}
    for link in links:
        joined = found[link.a_id] | found[link.b_id]
        found |= dict.fromkeys(joined, joined)
    return {frozenset(group) for group in found.values()}


def shown(people: Sequence[Customer]) -> Shown:
    """What each cluster shows."""
    from customers import attributes

    return {group: attributes.values(root_of(min(group))) for group in groups(people)}


def told(people: Sequence[Customer]) -> Shown:
    """What each cluster should show: of its members' observations the best, key by key."""
    from customers import attributes
    from customers.models import Observation

    found: Shown = {}
    for group in groups(people):
        words: dict[str, list[Observation]] = {}
        for row in Observation.objects.filter(customer_id__in=group):
            words.setdefault(row.key, []).append(row)
        best = {key: attributes.best(key, rows) for key, rows in words.items()}
        found[group] = {key: row.value for key, row in best.items() if not row.is_clear}
    return found


def alone(people: Sequence[Customer]) -> Shown:
    """What each of them shows, and what kind of customer they are."""
    from customers.models import Customer

    kinds = dict(Customer.objects.filter(pk__in=[one.pk for one in people]).values_list("pk", "kind"))
    return {group: {**values, "kind": {kinds[pk] for pk in group}} for group, values in shown(people).items()}


def messages(people: Sequence[Customer]) -> dict[int, int]:
    """How many messages each origin has."""
    from conversations.models import Message

    return {one.pk: Message.objects.filter(customer=one).count() for one in people}


def name(who: Customer, value: str) -> None:
    """One more word on somebody's name, said now."""
    from common import clock
    from common.ids import uuid7
    from customers import attributes

    attributes.observe(
        customer=who, key="name", value=value, source="bot", occurred_at=clock.now(), source_event_id=str(uuid7())
    )


def root_of(pk: int) -> int:
    from customers.models import Customer

    return Customer.objects.values_list("root_id", flat=True).get(pk=pk)


def many(histories: int, first: int = 0) -> dict[str, Any]:
    """Plays them one after the other, the same people again and again: each leaves everything as it was."""
    from customers import merging

    people, steps, wrong = acts.persons(PEOPLE), 0, list[str]()
    began = time.perf_counter()
    for seed in range(first, first + histories):
        played = History(people, Random(seed), every=0.1).play()
        steps, wrong = steps + played.steps, wrong + played.wrong
    took = round(time.perf_counter() - began, 1)
    return {"histories": histories, "steps": steps, "wrong": len(wrong), "drift": len(merging.check()), "took_s": took}


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(many(*map(int, sys.argv[1:]))))
