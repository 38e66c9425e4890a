"""How does a restored backup forget again whom it remembers? It is told of every erasure since, before it serves."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from common import clock
from customers import merging, privacy_erasing, tombstone_log, tombstones
from customers.models import Customer, Erasure, Link


def replay(folder: Path | None = None) -> list[Erasure]:
    """Erases anew whoever was erased after this database was saved; of `folder`, or of the files in the storage."""
    return [_again(record) for record in tombstone_log.records(folder)]


def _again(record: dict[str, Any]) -> Erasure:
    known = Erasure.objects.filter(public_id=record["erasure"]).first()
    if known is not None:
        return known
    _part(record)

    def work() -> Erasure:
        tombstones.restore(record["tombstones"])
        members = list(_meant(record).select_for_update(no_key=True).order_by("pk"))
        request, cause = f"replay:{record['erasure']}", Erasure.Cause.REPLAY
        made = Erasure(public_id=record["erasure"], request_id=request, requested_by="system", cause=cause)
        made.is_logged = True
        at = min(datetime.fromisoformat(record["erased_at"]), clock.now())
        return privacy_erasing.cut(members, made, at=at)

    return merging.undisturbed(work)


def _part(record: dict[str, Any]) -> None:
    """In the restored database they may be joined with somebody who was not erased: those links were undone before."""
    ids = set(_meant(record).values_list("pk", flat=True))
    roots = set(_meant(record).values_list("root_id", flat=True))
    for root_id in sorted(roots):
        pairs = Link.objects.live().of_cluster(root_id)
        crossing = [link for link in pairs if (link.a_id in ids) != (link.b_id in ids)]
        if crossing:
            request = f"replay:{record['erasure']}:{root_id}"
            merging.split(links=crossing, actor="system", request_id=request, reason="erasure", stay_apart=False)


def _meant(record: dict[str, Any]) -> QuerySet[Customer]:
    return Customer.objects.kept().filter(public_id__in=record["customers"])
