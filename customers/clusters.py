"""Who belongs together, given the links? Components, their roots, and the locks for changing them."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from django.db import IntegrityError, OperationalError, transaction

from customers import merge_sql, tallies
from customers.models import Attribute, Customer, Identity, Link
from customers.namespaces import EXCLUSIVE, Namespace
from customers.normalise import Key

Pair = tuple[int, int]
Answer = TypeVar("Answer")
TRIES = 12
DEADLOCK = "40P01"
# The more is known, the later; what addresses together say is the last that one of them says.
KINDS = [Customer.Kind.ANONYMOUS, Customer.Kind.LEAD, Customer.Kind.KNOWN]


class Moved(Exception):
    """The roots changed while we waited for their locks: begin again."""


def undisturbed(work: Callable[[], Answer]) -> Answer:
    """Runs `work` in a transaction; begins again, a little later, when the clusters moved or a racer won."""
    for number in range(TRIES - 1):
        try:
            with transaction.atomic():
                return work()
        except (Moved, IntegrityError):
            tallies.add(tallies.RETRIED)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != DEADLOCK or transaction.get_connection().in_atomic_block:
                raise
        time.sleep(random.uniform(0, 0.01 * 2**number))
    with transaction.atomic():
        return work()


def locked_roots(*customer_ids: int) -> dict[int, Customer]:
    """The roots of these customers by customer id, locked in ascending order; `Moved` if the lock came too late."""
    held, after = merge_sql.locked(customer_ids), merge_sql.roots_of(customer_ids)
    if set(after.values()) != set(held) or len(after) != len(set(customer_ids)):
        raise Moved
    return {pk: held[root] for pk, root in after.items()}


def ordered(one: int, other: int) -> Pair:
    """The two ids, the smaller first, as the ledger keeps them."""
    return (one, other) if one < other else (other, one)


def survivor(members: Iterable[Customer]) -> Customer:
    """Who stands for the cluster: first seen first, then the lowest id; so direction never matters (ID-I12)."""
    return min(members, key=lambda member: (member.first_seen_at, member.pk))


def pieces(members: Sequence[Customer], links: Iterable[Pair]) -> list[list[Customer]]:
    """The connected components of the members under these links."""
    leader = {member.pk: member.pk for member in members}

    def find(pk: int) -> int:
        while leader[pk] != pk:
            leader[pk] = leader[leader[pk]]
            pk = leader[pk]
        return pk

    for a, b in links:
        if a in leader and b in leader:
            leader[find(a)] = find(b)
    found: dict[int, list[Customer]] = {}
    for member in members:
        found.setdefault(find(member.pk), []).append(member)
    return list(found.values())


def live_pairs(root_id: int) -> list[Pair]:
    """The live links of a cluster as pairs of origins."""
    return list(Link.objects.live().of_cluster(root_id).values_list("a_id", "b_id"))


def stamp(*roots: Customer) -> str:
    """A digest of what a decision about these rests on: their addresses, what holds of them, who is among them."""
    ids = sorted(root.pk for root in roots)
    members = Customer.objects.filter(root_id__in=ids).order_by("pk").values_list("pk", "root_id", "status")
    held = Identity.objects.live().filter(customer__root_id__in=ids).order_by("pk").values_list("pk", "proof", "shared")
    known = Attribute.objects.filter(root_id__in=ids).order_by("root_id", "key").values_list("key", "observation_id")
    return hashlib.sha256(repr([list(members), list(held), list(known)]).encode()).hexdigest()[:32]


def is_suppressed(*root_ids: int) -> bool:
    """Does one of the members want to be left alone? Then so does the person, for as long as they are one."""
    return Customer.objects.filter(root_id__in=root_ids, status=Customer.Status.SUPPRESSED).exists()


def is_shell(root_id: int, held: Sequence[Identity]) -> bool:
    """Is this cluster nothing but these addresses (and their other names), joined with nobody?"""
    ids = {row.pk for row in held} | {row.head_id for row in held}
    others = Identity.objects.live().of_cluster(root_id).exclude(pk__in=ids).exclude(endpoint_id__in=ids)
    return not others.exists() and not live_pairs(root_id)


def grown(home: Customer, key: Key) -> None:
    """An address that routes has come to `home`: its cluster is of the kind that a merge and a split would tell."""
    kind = kind_by(key)
    lesser = KINDS[: KINDS.index(kind)]
    if home.is_root and home.kind not in lesser:
        return
    if Customer.objects.filter(pk=home.root_id, kind__in=lesser).update(kind=kind) and home.is_root:
        home.kind = kind


def kind_by(key: Key) -> Customer.Kind:
    """What one address alone says of its owner."""
    if key.namespace == Namespace.VISITOR:
        return Customer.Kind.ANONYMOUS
    return Customer.Kind.KNOWN if key.namespace in EXCLUSIVE else Customer.Kind.LEAD
