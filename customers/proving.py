"""A person has just proven an address: whose is it now, and what follows?

The table of section 7 of the identity page. Nothing a session is told depends on whether anybody was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from common.ids import uuid7
from common.problems import Problem
from customers import conflicts, lookup, merging, policy, recycling
from customers.attestation import write
from customers.handles import Handle, Named, usable
from customers.lookup import Owners
from customers.models import Conflict, Customer, Identity, Link, MergeEvent
from customers.normalise import Key

Outcome = Literal["proven", "linked", "transferred", "conflict"]


@dataclass(frozen=True, slots=True)
class Proved:
    """The address, proven for the session that asked; `outcome` says what became of its earlier owner."""

    identity: Identity | None
    outcome: Outcome


def by_code(*, home: Customer, one: Named, at: datetime, actor: str) -> Proved:
    """The person behind `home` typed the code that went to this address.

    Free, or theirs: proven. Somebody's who is fresh: one person, linked, unless their users of a site clash (then a
    conflict, and nothing is proven here). Somebody's who has not been heard of: the number changed hands; it is closed
    there, and nothing of theirs comes along. What others only typed is void from now on.
    """
    lookup.lock([one.key])
    owners = Owners([one.key])
    owner = owners.of(one.key, at)
    outcome: Outcome = "proven"
    if owner is not None and owner.customer.root_id != home.root_id:
        outcome = _settle(home, owner, at, actor)
        if outcome == "conflict":
            return Proved(None, outcome)
        home.refresh_from_db(fields=["root"])
        owners = Owners([one.key])
        owner = owners.of(one.key, at)
    row = owner if owner is not None and owner.valid_to is None else _own(home, one, owners, at)
    if row is None:
        return Proved(None, "conflict")
    row.proof, row.proven_at, row.proof_expires_at, row.routable = (
        Identity.Proof.OTP,
        at,
        at + policy.current().proof_lasts,
        True,
    )
    row.save(update_fields=["proof", "proven_at", "proof_expires_at", "routable"])
    _void_claims(one, row, at)
    return Proved(row, outcome)


def _settle(home: Customer, owner: Identity, at: datetime, actor: str) -> Outcome:
    if not recycling.is_current(owner, at):
        _transfer(owner, home, at, actor)
        return "transferred"
    try:
        merging.merge(
            a=home,
            b=owner.customer,
            kind=Link.Kind.VERIFIED,
            rule="one_time_code",
            actor=actor,
            request_id=f"code:{uuid7()}",
            evidence={"identities": [owner.pk]},
        )
    except Problem:
        conflicts.note(
            customer_id=home.pk,
            kind=Conflict.Kind.EXCLUSIVE_CLASH,
            subject=f"{owner.namespace}:{owner.key}",
            candidates=[str(home.public_id), str(owner.public_id)],
        )
        return "conflict"
    return "linked"


def _transfer(owner: Identity, home: Customer, at: datetime, actor: str) -> None:
    """Closed on the earlier owner, whose conversations hang on that row; a line in the ledger."""
    Identity.objects.filter(pk=owner.pk).update(
        valid_to=max(at, owner.valid_from + timedelta(microseconds=1)), retired_reason="proven_elsewhere"
    )
    MergeEvent.objects.create(
        kind=MergeEvent.Kind.TRANSFER,
        request_id=f"transfer:{uuid7()}",
        root_before=[owner.customer.root_id],
        root_after=[home.root_id],
        actor=actor,
        reason="proven_elsewhere",
        version=home.version,
    )


def _own(home: Customer, one: Named, owners: Owners, at: datetime) -> Identity | None:
    """A row on the person's own customer: what they had typed before, raised, or a new one; None if they are full."""
    done = write(home=home, head=None, named=[one], owners=owners, at=at)
    return next(iter(done.rows), None)


def _void_claims(one: Named, row: Identity, at: datetime) -> None:
    """Others who typed this address never had it: a claim made beforehand must not wait for its owner (ID-22)."""
    keys = lookup.Digests.of(one.key).exact
    others = Identity.objects.live().keyed(namespace=one.key.namespace, scope=one.key.scope, keys=keys)
    claims = others.filter(routable=False).exclude(customer__root_id=row.customer.root_id)
    for claim in claims:
        claim.valid_to, claim.retired_reason = max(at, claim.valid_from + timedelta(microseconds=1)), "proven_elsewhere"
        claim.save(update_fields=["valid_to", "retired_reason"])


def named(*, namespace: str, raw: str, scope: str = "") -> Named | None:
    """An address as a code can prove it; None for what is no address, or a switchboard's."""
    handle = Handle(namespace, scope, raw, Identity.Proof.OTP)
    key = handle.key()
    if not isinstance(key, Key) or not key.routes:
        return None
    return Named(handle, key)


def claimed(*, home: Customer, namespace: str, raw: str, at: datetime) -> Identity | None:
    """An address that somebody has typed and is about to prove: their row; None if it is none, or one too many."""
    typed = usable([Handle(namespace, "", raw, Identity.Proof.CLAIMED)])
    if not typed or not typed[0].key.routes:
        return None
    return next(iter(write(home=home, head=None, named=typed, owners=Owners([]), at=at).rows), None)


def stored(one: Named, at: datetime) -> Sequence[Identity]:
    """The routable row of this address, if there is one: codes go to what it says, never to what was typed."""
    owner = Owners([one.key]).of(one.key, at)
    return [owner] if owner is not None and owner.valid_to is None else []
