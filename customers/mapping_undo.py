"""Which links did an import make, and how are all of them undone at once? What it wrote of each customer stays."""

from __future__ import annotations

from customers import audit, merging
from customers.models import Link, MappingImport
from customers.models.link import LinkQuerySet


def links(work: MappingImport) -> LinkQuerySet:
    """Those that are in force."""
    return Link.objects.live().filter(rule="import", evidence__import=str(work.public_id))


def unlink(*, work: MappingImport, actor: str) -> int:
    """Undoes every link of this import, each split like any other; how many. Again undoes what is left."""
    held = list(links(work).order_by("-pk"))
    for link in held:
        request_id = f"unlink:{work.public_id}:{link.pk}"
        merging.split(links=[link], actor=actor, request_id=request_id, reason=f"import {work.public_id}")
    audit.record(actor=actor, action="import.unlink", object_id=str(work.public_id), rows=len(held))
    return len(held)
