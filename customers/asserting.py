"""A trusted server says who somebody is and what they are like: which customer is that, and who else are they?

It asserts the primary identifier; of a second one that somebody else has, the two become one by a link that can be
undone (section 7), or a person has to look. Nothing it says proves anything in a session.

Problem
+-- NotAnIdentifier     400 identifier_invalid
+-- tombstones.Erased   410 erased   it names somebody who was erased, and does not say that they came again since
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from common.ids import uuid7
from common.problems import Problem
from customers import asserting_strength, conflicts, homes, lookup, merging, suggestions, tombstones
from customers.asserting_times import Moment
from customers.attestation import write
from customers.handles import Handle, Named
from customers.lookup import Owners
from customers.models import Conflict, Customer, Identity, Link
from customers.normalise import Key

RULE = "server_assertion"


class NotAnIdentifier(Problem):
    code, title, status = "identifier_invalid", "This is no identifier.", 400


@dataclass(slots=True)
class Asserted:
    """Who it is, and what came of the rest."""

    customer: Customer
    created: bool
    links: list[Link] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def identify(
    *, handles: Sequence[tuple[str, str, str]], said_at: datetime | None, actor: str, is_new: bool = False
) -> Asserted:
    """The customer whom these identifiers (namespace, scope, value) name, the first above all; born if nobody has it.

    Each further one that is free becomes theirs. One that somebody else has links the two automatically if the first
    one is of the primary kind and nothing speaks against it; else a conflict and a suggestion are left to people.

    `said_at`: when the person themselves said it, None if the caller does not know. Who was erased since is not born
    again (`tombstones.Erased`, which `tombstones.count` counts), and of a record without a time that is everybody who
    was ever erased: copies of them lie in other systems and are sent every night. `is_new`: they have come anew.
    """
    named = [_named(*one) for one in handles]
    moment = Moment.of(said_at, is_new=is_new)
    return merging.undisturbed(lambda: _identify(named, moment, actor))


def _named(namespace: str, scope: str, value: str) -> Named:
    handle = Handle(namespace, scope, value, Identity.Proof.IMPORTED)
    key = handle.key()
    if not isinstance(key, Key):
        raise NotAnIdentifier(f"{namespace}: {key.reason}", namespace=namespace)
    return Named(handle, key)


def _identify(named: Sequence[Named], moment: Moment, actor: str) -> Asserted:
    at = moment.at
    lookup.lock(one.key for one in named if one.routes)
    owners = Owners([one.key for one in named if one.routes])
    named = tombstones.kept(named=named, owners=owners, at=at, said_at=moment.earliest)
    found = owners.of(named[0].key, at) if named[0].routes else None
    done = Asserted(found.customer if found else homes.born(key=named[0].key, at=at), created=found is None)
    if found is None:
        done.conflicts += write(home=done.customer, head=None, named=named[:1], owners=owners, at=at).conflicts
    for one in named[1:]:
        owner = owners.of(one.key, at) if one.routes else None
        if owner is None:
            done.conflicts += write(home=done.customer, head=None, named=[one], owners=owners, at=at).conflicts
        elif owner.customer.root_id != done.customer.root_id:
            are_exact = owners.is_exact(one.key, owner) and (found is None or owners.is_exact(named[0].key, found))
            is_strong = (
                are_exact and asserting_strength.is_primary(named[0]) and asserting_strength.may_link(one, owner, at)
            )
            _join(done, one, owner, actor, is_strong=is_strong, rule="exact" if are_exact else "variant")
    done.customer = Customer.objects.get(members__pk=done.customer.pk)
    return done


def _join(done: Asserted, one: Named, owner: Identity, actor: str, *, is_strong: bool, rule: str) -> None:
    """Somebody else's: linked when the assertion is strong enough and nothing forbids it, else left to people."""
    if not (is_strong and asserting_strength.is_active(done.customer)):
        done.conflicts.append(_left(done.customer, one, owner, Conflict.Kind.IDENTIFIER_COLLISION))
        suggestions.note(done.customer, owner.customer, rule=rule)
        return
    try:
        merged = merging.merge(
            a=done.customer,
            b=owner.customer,
            kind=Link.Kind.AUTO,
            rule=RULE,
            actor=actor,
            request_id=f"assert:{uuid7()}",
            evidence={"identities": [owner.pk]},
        )
    except Problem as problem:
        is_clash = isinstance(problem, merging.Clash)
        kind = Conflict.Kind.EXCLUSIVE_CLASH if is_clash else Conflict.Kind.IDENTIFIER_COLLISION
        done.conflicts.append(_left(done.customer, one, owner, kind))
        return
    done.customer.refresh_from_db(fields=["root"])
    done.links += [merged.link] if merged.link else []


def _left(home: Customer, one: Named, owner: Identity, kind: str) -> Conflict:
    """What a person has to look at; ids only."""
    candidates = [str(home.public_id), str(owner.public_id)]
    return conflicts.note(
        customer_id=home.pk, kind=kind, subject=f"{one.key.namespace}:{owner.key}", candidates=candidates
    )
