"""What becomes of an address that changes? The old row is closed, a new one opened; nothing that was said moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from common.crypto import blind
from customers import clusters, conflicts, homes, lookup, merging, recycling
from customers.attestation import write
from customers.handles import Handle, Named, usable
from customers.lookup import Owners
from customers.models import Conflict, Customer, Identity, Link

INSTANT = timedelta(microseconds=1)


def transfer(*, before: Sequence[Handle], now: Sequence[Handle], occurred_at: datetime, event: str) -> str:
    """A provider says that a person's address became another one; returns `moved`, `known`, `conflict` or `unknown`.

    `event` is the provider's id of the news: once applied, the same news changes nothing. The new address joins the
    person's endpoint, so their conversation goes on. One that belongs to somebody else is not claimed: a conflict
    opens and the old address is closed; somebody who is nothing but that address was this person all along.
    """
    return homes.undisturbed(lambda: _transfer(usable(before), usable(now), occurred_at, event))


def suspect(*, handles: Sequence[Handle], occurred_at: datetime) -> Conflict | None:
    """The device behind an address changed: until proven anew it opens nothing (a recycled number), and people look."""
    named = [one for one in usable(handles) if one.routes]
    owners = Owners([one.key for one in named])
    row = next((row for one in named if (row := owners.of(one.key, occurred_at)) is not None), None)
    if row is None:
        return None
    return recycling.suspect(row, at=occurred_at)


def _transfer(before: list[Named], now: list[Named], at: datetime, event: str) -> str:
    lookup.lock(one.key for one in (*before, *now) if one.routes)
    old = _rows(before, at - INSTANT)  # told again, the old row has ended at that very moment
    if not old:
        return "unknown"
    owners = Owners([one.key for one in now if one.routes])
    home, head = old[0].customer, homes.head_of(old[0], owners.rows)
    foreign = [row for one in now if (row := owners.of(one.key, at)) and row.customer.root_id != home.root_id]
    outcome = "moved"
    if foreign and not _join_shell(home, foreign, now, event):
        for row in foreign:
            _note_collision(home, row)
        outcome = "conflict"
    elif not foreign:
        is_known = all(owners.of(one.key, at) for one in now if one.routes)
        write(home=home, head=head, named=now, owners=owners, at=at)
        outcome = "known" if is_known else "moved"
    _retire(old, now, at)
    return outcome


def _rows(named: list[Named], at: datetime) -> list[Identity]:
    owners = Owners([one.key for one in named if one.routes])
    return [row for one in named if one.routes and (row := owners.of(one.key, at)) is not None]


def _retire(old: list[Identity], now: list[Named], at: datetime) -> None:
    """Closed from that moment on; late events of the time before still find it. What stays valid is not touched."""
    kept = {digest for one in now for digest in lookup.Digests.of(one.key).exact}
    for row in old:
        if row.valid_to is None and row.key not in kept and any(row.namespace == one.key.namespace for one in now):
            # Whole seconds of a provider: the change may seem to come before the person's first word.
            row.valid_to, row.retired_reason = max(at, row.valid_from + INSTANT), "address_changed"
            row.save(update_fields=["valid_to", "retired_reason"])


def _join_shell(home: Customer, foreign: list[Identity], now: list[Named], event: str) -> bool:
    """The first message from the new address was faster than the news: its customer has nothing else, so it is ours."""
    roots = {row.customer.root_id for row in foreign}
    if len(roots) != 1 or not clusters.is_shell(foreign[0].customer.root_id, foreign):
        return False
    merging.merge(
        a=home,
        b=foreign[0].customer,
        kind=Link.Kind.AUTO,
        rule="address_changed",
        actor="system",
        request_id=f"moved:{blind('event', value=event)}",
        evidence={"identities": sorted(row.pk for row in foreign)},
    )
    return True


def _note_collision(home: Customer, row: Identity) -> None:
    candidates = [str(home.public_id), str(row.public_id)]
    conflicts.note(
        customer_id=home.pk,
        kind=Conflict.Kind.IDENTIFIER_COLLISION,
        subject=_subject(row.namespace, row.key),
        candidates=candidates,
    )


def _subject(namespace: str, digest: str) -> str:
    return f"{namespace}:{digest}"
