"""Who is this? Every channel asks here; the answer never fails on an identity problem."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from customers import homes, lookup, tombstones
from customers.attestation import attest, write
from customers.handles import PROVING, Handle, Named, Proven, Resolution, usable
from customers.lookup import Owners
from customers.models import Identity
from customers.reach import Assurance, addresses, assurance, visible_to
from customers.sites import identify

__all__ = [
    "Assurance",
    "Handle",
    "Proven",
    "Resolution",
    "addresses",
    "assurance",
    "attest",
    "identify",
    "resolve",
    "visible_to",
]


def resolve(*, handles: Sequence[Handle], occurred_at: datetime) -> Resolution | None:
    """The customer who sent this, found or born, or None when no handle can be an identity (blocked, malformed).

    `handles`: what one payload names, the one to be answered first. One query when all of it is known; else the home
    is settled under the locks of the keys, and what somebody else owns opens a conflict and is left where it is.
    `tombstones.Erased`: it was said before its sender was erased; drop it.
    """
    named = usable(handles)
    if not any(one.routes for one in named):
        return None
    return _known(named, occurred_at) or homes.undisturbed(lambda: _settle(named, occurred_at))


def _known(named: Sequence[Named], at: datetime) -> Resolution | None:
    """The fast path, without locks: every handle is a row of one customer already, in this very form, and proven."""
    owners = Owners([one.key for one in named if one.routes])
    rows: list[Identity] = []
    for one in named:
        row = owners.of(one.key, at) if one.routes else None
        if row is None or one.has_news_for(row) or not owners.is_exact(one.key, row):
            return None
        if at < row.valid_from:
            return None  # older than what we know of them: somebody who was erased since may have said it
        rows.append(row)
    if len({row.customer.root_id for row in rows}) > 1:
        return None
    proven = tuple(
        Proven(row, one.proof)
        for one, row in zip(named, rows, strict=True)
        if one.proof in PROVING and row.is_fresh(at)
    )
    homes.seen(rows[0].customer, at)
    head = homes.head_of(rows[0], rows)
    return Resolution(head, head.customer, proven)


def _settle(named: Sequence[Named], at: datetime) -> Resolution:
    """Under the locks: the first handle that somebody owns says whose it is, else a customer is born."""
    lookup.lock(one.key for one in named if one.routes)
    owners = Owners([one.key for one in named if one.routes])
    named = tombstones.kept(named=named, owners=owners, at=at)
    owner = next((row for one in named if one.routes and (row := owners.of(one.key, at)) is not None), None)
    if owner is None:
        first = next(one for one in named if one.routes)
        home, head = homes.born(key=first.key, at=at), None
    else:
        home, head = owner.customer, homes.head_of(owner, owners.rows)
    done = write(home=home, head=head, named=named, owners=owners, at=at, home_is_new=owner is None)
    if owner is not None:
        homes.seen(home, at)  # after that: how long they were silent says whether the number may be another's now
    head = head or next(row for row in done.rows if row.routable)
    return Resolution(
        identity=head,
        origin=head.customer,
        proven=tuple(done.proven),
        conflicts=tuple(done.conflicts),
        created=owner is None,
        renamed=done.renamed,
    )
