"""What does one payload say besides who sent it? Its other handles are written to the same home, never repointed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from common import crypto, rows
from common.ids import uuid7
from common.problems import Problem
from customers import clusters, conflicts, lookup, merging, policy, sharing, tombstones
from customers.handles import PROVING, Handle, Named, Proven, usable
from customers.lookup import Owners
from customers.models import Conflict, Customer, Identity, Link
from customers.namespaces import EXCLUSIVE, Namespace

# Of these, several in one payload are one address in the provider's own words.
ONE_ADDRESS = frozenset({Namespace.PHONE, Namespace.WA_BSUID, Namespace.WA_PARENT_BSUID})


@dataclass(slots=True)
class Attested:
    """What came of it: the rows the payload proved, those it wrote, and what a person must look at."""

    proven: list[Proven] = field(default_factory=list)
    rows: list[Identity] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    renamed: bool = False
    # Nothing can be written on a newborn home yet, so nothing is asked.
    home_is_new: bool = False


def attest(
    *, home: Customer, handles: Sequence[Handle], occurred_at: datetime, endpoint: Identity | None = None
) -> list[Conflict]:
    """Write what one payload asserts to `home`; a handle owned elsewhere opens a conflict and changes nothing.

    `endpoint`: the address that the payload was about, if the handles are other names of it.
    """
    named = usable(handles)
    with transaction.atomic():
        lookup.lock(one.key for one in named if one.routes)
        owners = Owners([one.key for one in named if one.routes])
        if home.status == Customer.Status.ERASED:
            return []
        return write(home=home, head=endpoint, named=named, owners=owners, at=occurred_at).conflicts


def write(
    *,
    home: Customer,
    head: Identity | None,
    named: Sequence[Named],
    owners: Owners,
    at: datetime,
    home_is_new: bool = False,
) -> Attested:
    """Under the locks of the keys: each handle becomes, or already is, a row of `home`."""
    done = Attested(home_is_new=home_is_new)
    for one in named:
        owner = owners.of(one.key, at) if one.routes else None
        if owner is None:
            row = _claim(home, one, at) if not one.routes else _add(home, head, one, at, done)
        elif owner.customer.root_id != home.root_id and not _is_one_address(home, head, one, owner):
            done.conflicts.append(_collision(home, one, owner))
            continue
        elif owners.is_exact(one.key, owner):
            row = _told(owner, one, at, done)
        else:
            row = _add(owner.customer, owner, one, at, done)
        if row is None:
            continue
        done.rows.append(row)
        head = head or row
        if one.proof in PROVING and row.is_fresh(at):
            done.proven.append(Proven(row, one.proof))
    return done


def _told(row: Identity, one: Named, at: datetime, done: Attested) -> Identity:
    done.renamed |= one.tell(row, at)
    return row


def _add(home: Customer, head: Identity | None, one: Named, at: datetime, done: Attested) -> Identity | None:
    """A free routable key on `home`: its claimed row raised, or a new row, unless the cluster is full."""
    typed = None if done.home_is_new else _own_row(home, one)
    if typed is not None:
        clusters.grown(home, one.key)
        return _told(typed, one, at, done)
    if not done.home_is_new and _is_full(home, one):
        done.conflicts.append(_over_limit(home, one))
        return None
    done.renamed |= bool(one.handle.display)
    clusters.grown(home, one.key)
    if head is not None and {one.key.namespace, head.namespace} <= ONE_ADDRESS:
        return _insert(head.customer, one, at, endpoint=head)  # another name of it: of the same origin (ID-I14)
    return _insert(home, one, at, endpoint=None)


def _claim(home: Customer, one: Named, at: datetime) -> Identity | None:
    """What somebody only typed: kept beside the customer, matching and proving nothing; beyond the limit not kept."""
    known = _own_row(home, one)
    if known is not None or _is_full(home, one):
        return known
    row = _insert(home, one, at, endpoint=None)
    sharing.look_at(row, at=at)
    return row


def _insert(home: Customer, one: Named, at: datetime, endpoint: Identity | None) -> Identity:
    key, proof = one.key, one.proof
    row = Identity(
        customer=home,
        namespace=key.namespace,
        scope=key.scope,
        key=crypto.blind(key.namespace, key.scope, value=key.value),
        key_version=crypto.blind_version(),
        raw=key.raw,
        display=one.handle.display or "",
        endpoint_id=endpoint.head_id if endpoint else None,
        proof=proof,
        proven_at=at if proof in PROVING else None,
        routable=one.routes,
        shared=bool(key.extension),
        valid_from=at,
        provider_hash=one.handle.device,
        phone_tail=crypto.blind("phone_tail", value=key.tail) if key.tail else "",
        email_local=crypto.blind("email_local", value=key.local) if key.local else "",
    )
    rows.insert(row)
    if one.routes:
        tombstones.carry_over(row=row, key=key)
    return row


def _own_row(home: Customer, one: Named) -> Identity | None:
    keys = lookup.Digests.of(one.key).exact
    rows = Identity.objects.live().keyed(namespace=one.key.namespace, scope=one.key.scope, keys=keys)
    return rows.filter(customer=home).first()


def _is_full(home: Customer, one: Named) -> bool:
    """Has the cluster as many of this kind as a person may have? Typed ones never crowd out proven ones."""
    rows = Identity.objects.live().of_cluster(home.root_id).filter(namespace=one.key.namespace, routable=one.routes)
    if one.key.namespace in EXCLUSIVE:
        rows = rows.filter(scope=one.key.scope)
    return rows.count() >= policy.current().limits[one.key.namespace]


def _is_one_address(home: Customer, head: Identity | None, one: Named, owner: Identity) -> bool:
    """A provider names two of its own ids of one address, and one of their customers is nothing but that: linked."""
    if head is None or one.proof != "provider" or not {one.key.namespace, head.namespace} <= ONE_ADDRESS:
        return False
    if not (clusters.is_shell(owner.customer.root_id, [owner]) or clusters.is_shell(home.root_id, [head])):
        return False
    try:
        merging.merge(
            a=home,
            b=owner.customer,
            kind=Link.Kind.AUTO,
            rule="one_payload",
            actor="system",
            request_id=f"payload:{uuid7()}",
            evidence={"identities": sorted((head.pk, owner.pk))},
        )
    except Problem:
        return False
    home.refresh_from_db(fields=["root"])
    owner.customer.refresh_from_db(fields=["root"])
    return True


def _collision(home: Customer, one: Named, owner: Identity) -> Conflict:
    candidates = [str(home.public_id), str(owner.public_id)]
    kind = Conflict.Kind.IDENTIFIER_COLLISION
    return conflicts.note(customer_id=home.pk, kind=kind, subject=_subject(one), candidates=candidates)


def _over_limit(home: Customer, one: Named) -> Conflict:
    is_exclusive = one.key.namespace in EXCLUSIVE
    kind = Conflict.Kind.EXCLUSIVE_CLASH if is_exclusive else Conflict.Kind.OVER_LIMIT
    return conflicts.note(
        customer_id=home.pk, kind=kind, subject=one.key.namespace.value, candidates=[str(home.public_id)]
    )


def _subject(one: Named) -> str:
    return f"{one.key.namespace}:{crypto.blind(one.key.namespace, one.key.scope, value=one.key.value)}"
