"""How is a person erased? Unreachable in one transaction, then store by store in the background, until all is gone.

A killed worker costs the chunk at hand: counts and place are committed with it, and the sweep goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q

from common import clock
from common.ids import uuid7
from customers import audit, clusters, merging, privacy, tombstone_log, tombstones
from customers.idempotency import KeyReused
from customers.models import Attribute, AuditEntry, Consent, Customer, Erasure, Identity, Link, MergeEvent
from customers.privacy import Linked, Person

CHUNK = 2000  # rows that go in one transaction
FRESH = timedelta(hours=2)  # for so long a finished erasure is looked at again: something may have been under way
SAID_NO = (Consent.Purpose.ALL, Consent.Purpose.PROACTIVE, Consent.Purpose.MARKETING)
State, Cause = Erasure.State, Erasure.Cause

_wakers: list[Callable[[int], object]] = []

# Nobody is found under these addresses from now on, and nothing that is open with them counts as live.
CLOSE = """
UPDATE customers_identity SET routable = false, proof_expires_at = %(at)s,
    valid_to = coalesce(valid_to, greatest(%(at)s, valid_from + interval '1 microsecond'))
WHERE customer_id = ANY(%(members)s)
"""


def erase(*, customer: Customer, actor: str, reason: str, request_id: str, whole_cluster: bool = False) -> Erasure:
    """Erases the person: unreachable when this returns, gone a little later. One transaction of its own.

    Raises `Linked` when others are joined with them, unless all of them are meant. The same `request_id`, or somebody
    who was erased already, gives the erasure that there is. An erasure wins over a merge that waits for it.
    `idempotency.KeyReused`: that request erased somebody else.
    """

    def work() -> Erasure:
        known = Erasure.objects.filter(request_id=request_id).first()
        if known is not None and customer.pk not in known.members:
            raise KeyReused()
        if known is not None:
            return known
        root = clusters.locked_roots(customer.pk)[customer.pk]
        if root.status == Customer.Status.ERASED:
            return privacy.erasure_of(customer) or _nothing_left(root, actor, request_id)
        members = list(Customer.objects.cluster(root).select_for_update(no_key=True).order_by("pk"))
        if len(members) > 1 and not whole_cluster:
            raise Linked(links=_links(root))
        made = Erasure(request_id=request_id, requested_by=actor, reason=reason[:200])
        return cut(members, made)

    return merging.undisturbed(work)


def cut(members: Sequence[Customer], made: Erasure, *, at: datetime | None = None) -> Erasure:
    """Under the locks of these customers: tombstones, nothing open, 410 for each of their ids. The job is due."""
    now = at or clock.now()
    person = Person.of(member.pk for member in members)
    made.members, made.customers, made.erased_at = list(person.members), list(person.customers), now
    made.held_elsewhere = privacy.held_elsewhere(person)
    made.save(force_insert=True)
    tombstones.restore(stones(person, now))
    with connection.cursor() as cursor:
        cursor.execute(CLOSE, {"at": now, "members": list(person.members)})
    privacy.cut(person)
    made.stores = {"attributes": _dissolve(person, now)}
    made.save(update_fields=["stores"])
    MergeEvent.objects.create(
        kind=MergeEvent.Kind.ERASE,
        request_id=f"erase:{made.public_id}",
        root_before=sorted({member.root_id for member in members}),
        root_after=[],
        actor=made.requested_by,
        version=1,
    )
    if made.cause == Cause.REQUEST:
        audit.record(
            actor=made.requested_by,
            action="customer.erase",
            object_id=str(made.public_id),
            reason=made.reason,
            rows=len(members),
        )
    for wake in _wakers:
        transaction.on_commit(lambda wake=wake: wake(made.pk), robust=True)  # type: ignore[misc]  # bound for this turn
    return made


def stones(person: Person, at: datetime) -> list[tombstones.Stone]:
    """The tombstones of a person whose rows are there still."""
    rows = list(Identity.objects.filter(pk__in=person.identities))
    words = Consent.objects.filter(identity__in=rows, purpose__in=SAID_NO).order_by("occurred_at", "pk")
    newest = {(word.identity_id, word.purpose): word.state for word in words}
    objected = {pk for (pk, _), state in newest.items() if state == Consent.State.OUT}
    return tombstones.stones(rows=rows, at=at, objected=objected)


def on_due(wake: Callable[[int], object]) -> None:
    """`wake(erasure id)` is called after an erasure has been committed; the sweep finds it anyway."""
    _wakers[:] = [wake]


def go_on(erasure_id: int, *, seconds: float = 200.0) -> bool:
    """Erases what is left, for so many seconds; is it done? Two at once take turns."""
    until, person = time.monotonic() + seconds, None
    while time.monotonic() < until:
        with transaction.atomic():
            rows = Erasure.objects.select_for_update(skip_locked=True, no_key=True)
            work = rows.filter(pk=erasure_id, state=State.RUNNING).first()
            if work is None:
                return Erasure.objects.filter(pk=erasure_id, state=State.DONE).exists()
            person = person or Person.of(work.members)
            _step(work, person)
        if work.state == State.DONE:
            _forget_statistics(work)
            return True
    return False


def sweep() -> None:
    """Goes on with every erasure that is not done, and looks again at those that were finished just now."""
    fresh = Erasure.objects.filter(state=State.DONE, finished_at__gt=clock.now() - FRESH)
    for work in fresh:
        look_again(work)
    for pk in list(Erasure.objects.filter(state=State.RUNNING).order_by("pk").values_list("pk", flat=True)[:20]):
        go_on(pk)


def look_again(work: Erasure) -> int:
    """What was under way when the person was erased, and has landed since, goes too; returns how many rows."""
    person, found = Person.of(work.members), 0
    for store in privacy.stores():
        with transaction.atomic():
            rows = store.erase(person, CHUNK)
            if rows:
                held = Erasure.objects.select_for_update(no_key=True).get(pk=work.pk)
                held.stores = {**held.stores, store.name: held.stores.get(store.name, 0) + rows}
                held.save(update_fields=["stores"])
            found += rows
    return found


def _step(work: Erasure, person: Person) -> None:
    """One chunk of one store, or the end of a round: done when a whole round has found nothing."""
    if not work.is_logged:
        tombstone_log.write(work, stones(person, work.erased_at))
        work.is_logged = True
    elif work.place < len(privacy.stores()):
        store = privacy.stores()[work.place]
        rows = store.erase(person, CHUNK)
        work.place, work.found = (work.place, work.found + rows) if rows else (work.place + 1, work.found)
        work.stores = {**work.stores, store.name: work.stores.get(store.name, 0) + rows}
    elif work.found:
        work.rounds, work.place, work.found = work.rounds + 1, 0, 0
    else:
        work.rounds, work.state, work.finished_at = work.rounds + 1, State.DONE, clock.now()
        work.reason = ""  # who typed it was asked for no names, and may have given one
        AuditEntry.objects.filter(object_id=str(work.public_id)).exclude(reason="").update(reason=audit.SCRUBBED)
        if work.cause == Cause.REQUEST:
            audit.record(actor="system", action="customer.erased", object_id=str(work.public_id), rows=work.total)
    work.save(update_fields=["is_logged", "place", "found", "rounds", "stores", "state", "finished_at", "reason"])


def _dissolve(person: Person, now: datetime) -> int:
    """Each blank row stands for itself: links end, pointers return; what is shown of them goes: how many attributes."""
    mine = Q(a_id__in=person.members) | Q(b_id__in=person.members)
    Link.objects.live().filter(mine).update(revoked_at=now, revoked_by="erasure", reason="", evidence={})
    shown, _ = Attribute.objects.filter(root_id__in=person.members).delete()
    Customer.objects.filter(pk__in=person.members).update(
        root_id=F("id"),
        status=Customer.Status.ERASED,
        kind=Customer.Kind.LEAD,
        erased_at=now,
        first_seen_at=now,
        last_seen_at=now,
        version=F("version") + 1,
    )
    return shown


def _links(root: Customer) -> list[dict[str, str]]:
    rows = Link.objects.live().of_cluster(root.pk).select_related("a", "b").order_by("pk")
    ids = [{"id": row.public_id, "left": row.a.public_id, "right": row.b.public_id, "rule": row.rule} for row in rows]
    return [{name: str(value) for name, value in one.items()} for one in ids]


def _nothing_left(root: Customer, actor: str, request_id: str) -> Erasure:
    """Somebody whose row was blank before receipts were kept."""
    return Erasure.objects.create(
        members=[root.pk],
        customers=[root.public_id],
        request_id=request_id,
        requested_by=actor,
        erased_at=root.erased_at or clock.now(),
        state=State.DONE,
        is_logged=True,
        finished_at=clock.now(),
    )


def _forget_statistics(work: Erasure) -> None:
    """The planner's samples hold copies of values: they are taken anew of the tables that lost rows."""
    if work.cause == Cause.RETENTION:
        return
    lost = {store.name: store for store in privacy.stores() if work.stores.get(store.name)}
    tables = sorted({model._meta.db_table for store in lost.values() for model in store.holds})
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ANALYZE {table}")


def new_request(actor: str) -> str:
    """A request id for somebody who does not bring one."""
    return f"{actor}:{uuid7()}"


def by_id(public_id: UUID) -> Erasure | None:
    """The erasure of that id."""
    return Erasure.objects.filter(public_id=public_id).first()
