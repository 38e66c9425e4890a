"""What do we hold of a person, and how does all of it go? Each app says what it has; nothing is held that it hides.

Problem
+-- Linked  409 linked_people   several customers are joined to this person: part them first, or say that all go
+-- tombstones.Erased  410 erased
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any
from uuid import UUID

from django.db.models import Model, Q

from common.problems import Problem
from customers.models import Customer, Erasure, Identity

# What a foreign key to a customer may be (ID-I13): the origin of a fact, what follows from facts, or neither.
ORIGIN, PROJECTION, EXEMPT = "origin", "projection", "exempt"

Rows = Iterator[Mapping[str, Any]]
Files = Iterator[tuple[str, Callable[[], IO[bytes]]]]


class Linked(Problem):
    """Joined customers may be two people: somebody decides."""

    code, title, status = "linked_people", "This person is joined with others: part them, or erase all of them.", 409


@dataclass(frozen=True, slots=True)
class Person:
    """Whose rows are meant: origins, their public ids, their addresses and how those are written."""

    members: tuple[int, ...]
    customers: tuple[UUID, ...]
    identities: tuple[int, ...]
    addresses: tuple[str, ...] = ()

    @classmethod
    def of(cls, members: Iterable[int]) -> Person:
        """The person made of these origins, as the rows stand now."""
        found = Customer.objects.filter(pk__in=list(members)).order_by("pk")
        ids = {row.pk: row.public_id for row in found}
        held = list(Identity.objects.filter(customer_id__in=ids).order_by("pk"))
        return cls(tuple(ids), tuple(ids.values()), tuple(row.pk for row in held), tuple(row.raw for row in held))


@dataclass(frozen=True, slots=True)
class Store:
    """One kind of thing that is held of people.

    `holds`: models, each with what its foreign keys to a customer are. `erase(person, limit)` removes or blanks at
    most about `limit` rows and returns how many; 0 means that nothing is left. It runs in a transaction and may be
    killed anywhere. `export(person)` gives the rows in plain values, `files(person)` (name, opener) pairs.
    """

    name: str
    holds: Mapping[type[Model], Mapping[str, str]]
    erase: Callable[[Person, int], int]
    export: Callable[[Person], Rows] | None = None
    files: Callable[[Person], Files] | None = None
    is_for_review: bool = False  # staff read it before it is handed out: notes


@dataclass(slots=True)
class _App:
    stores: list[Store] = field(default_factory=list)
    cut: Callable[[Person], None] | None = None
    elsewhere: Callable[[Person], Iterable[str]] | None = None


_apps: dict[str, _App] = {}
# Models on the way to a person that hold nothing of them, with the reason: "app.Model" -> why.
_exempt: dict[str, str] = {}


def register(
    app: str,
    stores: Sequence[Store],
    *,
    cut: Callable[[Person], None] | None = None,
    elsewhere: Callable[[Person], Iterable[str]] | None = None,
) -> None:
    """An app says what it holds, in the order in which it can go; called when Django is ready, lower apps first.

    `cut(person)` makes what is open end at once, in the transaction that erases the customers, under their locks.
    `elsewhere(person)` names who keeps copies that we cannot erase.
    """
    _apps[app] = _App(list(stores), cut, elsewhere)


def exempt(model: str, why: str) -> None:
    """A model that leads to a customer and holds nothing of them."""
    _exempt[model] = why


def stores() -> list[Store]:
    """Every store, what stands on others first: the highest app's, in each app's own order."""
    return [store for app in reversed(_apps.values()) for store in app.stores]


def exemptions() -> dict[str, str]:
    """The models that were declared to hold nothing of people."""
    return dict(_exempt)


def cut(person: Person) -> None:
    """Ends what is open with them, in every app, the highest first."""
    for app in reversed(_apps.values()):
        if app.cut is not None:
            app.cut(person)


def held_elsewhere(person: Person) -> list[str]:
    """Who keeps copies of their own: kinds of channels."""
    return sorted({name for app in _apps.values() if app.elsewhere for name in app.elsewhere(person)})


def erasure_of(customer: Customer) -> Erasure | None:
    """The erasure of this customer, if they were erased."""
    return Erasure.objects.filter(members__contains=[customer.pk]).order_by("-pk").first()


def counts(person: Person) -> dict[str, int]:
    """How many rows would go, by store; what hangs on addresses and not on the person is left out."""
    found: dict[str, int] = {}
    for store in stores():
        for model, keys in store.holds.items():
            meant = Q(pk__in=[])
            for key in keys if model is not Customer else ():
                meant |= Q(**{f"{key}__in": person.members})
            rows = model._default_manager.filter(meant).count() if keys else 0
            found[store.name] = found.get(store.name, 0) + rows
    return {name: rows for name, rows in found.items() if rows}


def moment(at: datetime | None) -> str | None:
    """A time in plain values."""
    return at.isoformat() if at else None
