"""What must a restored backup be told? Who was erased since it was taken: one small file for each erasure.

The files lie in the default storage, under `tombstones/`, away from the database: its backups are older than they are.
They hold digests, times and the ids of blank rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from customers.models import Erasure
from customers.tombstones import Stone

FOLDER = "tombstones"


def write(work: Erasure, stones: Sequence[Stone]) -> None:
    """Writes the file of an erasure; one that a killed worker left half written is written anew."""
    name = f"{FOLDER}/{work.public_id}.json"
    record = {
        "erasure": str(work.public_id),
        "erased_at": work.erased_at.isoformat(),
        "cause": work.cause,
        "customers": [str(one) for one in work.customers],
        "tombstones": [{**stone, "erased_at": stone["erased_at"].isoformat()} for stone in stones],
    }
    if default_storage.exists(name):
        default_storage.delete(name)
    default_storage.save(name, ContentFile(json.dumps(record).encode()))


def missing() -> list[str]:
    """The erasures of which there is a file and that this database knows nothing of: it is an older one, restored."""
    if not default_storage.exists(FOLDER):
        return []
    ids = [name.removesuffix(".json") for name in default_storage.listdir(FOLDER)[1] if name.endswith(".json")]
    known = {str(one) for one in Erasure.objects.filter(public_id__in=ids).values_list("public_id", flat=True)}
    return sorted(set(ids) - known)


def records(folder: Path | None = None) -> Iterator[dict[str, Any]]:
    """What the files say: of a folder, or of those in the storage that this database knows nothing of."""
    if folder is not None:
        yield from (json.loads(path.read_text()) for path in sorted(folder.glob("*.json")))
        return
    for name in missing():
        with default_storage.open(f"{FOLDER}/{name}.json") as stored:
            yield json.loads(stored.read())
