"""What do we hold of a person, all of it, for them to have? One zip over the same stores that an erasure empties.

`manifest.json` says what is in it; each store is a file of JSON lines and, with `tables`, a CSV twin; `files/` holds
what was sent. Staff are not named; notes only after somebody has read them (`with_notes`).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder

from common import clock
from customers import audit, tombstones
from customers.mapping_cells import neutral
from customers.models import Customer
from customers.privacy import Person, Store, stores

SPOOLED = 16 * 1024 * 1024  # bytes that stay in memory before the zip goes to a scratch file
SCHEMA = 1


def export(*, customer: Customer, actor: str, with_notes: bool = False) -> IO[bytes]:
    """A zip of everything that is held of the person, of all their origins; audited. Memory does not grow with it.

    `tombstones.Erased` when there is nothing any more.
    """
    tombstones.refuse(customer)
    person = Person.of(Customer.objects.cluster(customer.root_id).values_list("pk", flat=True))
    out: Any = tempfile.SpooledTemporaryFile(SPOOLED)  # noqa: SIM115 -- the caller reads it, and closes it
    rows = 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        contents = [_write(pack, store, person) for store in _meant(with_notes)]
        files = [one for store in _meant(with_notes) for one in _copy(pack, store, person)]
        rows = sum(int(one["rows"]) for one in contents)
        pack.writestr("manifest.json", _plain(_manifest(person, contents, files)))
    audit.record(actor=actor, action="customer.export", object_id=str(customer.root.public_id), rows=rows)
    out.seek(0)
    found: IO[bytes] = out
    return found


def name_of(customer: Customer) -> str:
    """What the file is called."""
    return f"customer-{customer.root.public_id}.zip"


def _meant(with_notes: bool) -> list[Store]:
    return [store for store in stores() if with_notes or not store.is_for_review]


def _write(pack: zipfile.ZipFile, store: Store, person: Person) -> dict[str, Any]:
    """A store's rows as JSON lines, and the same as a table; (what it is called, how many, its digest)."""
    name, rows, digest = _file_name(store), 0, hashlib.sha256()
    if store.export is None:
        return {"name": store.name, "file": None, "rows": 0}
    columns: dict[str, None] = {}
    with pack.open(f"{name}.jsonl", "w", force_zip64=True) as out:
        for row in store.export(person):
            line = _plain(row).encode() + b"\n"
            digest.update(line)
            out.write(line)
            columns |= dict.fromkeys(row)
            rows += 1
    if rows:
        _table(pack, name, list(columns), store.export(person))
    return {"name": store.name, "file": f"{name}.jsonl", "rows": rows, "sha256": digest.hexdigest()}


def _table(pack: zipfile.ZipFile, name: str, columns: list[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """The CSV twin: no cell is a formula to a spreadsheet."""
    with pack.open(f"tables/{name}.csv", "w", force_zip64=True) as raw, io.TextIOWrapper(raw, "utf-8") as text:
        table = csv.writer(text)
        table.writerow(columns)
        for row in rows:
            table.writerow([_cell(row.get(column)) for column in columns])


def _cell(value: Any) -> str:
    return neutral("" if value is None else value if isinstance(value, str) else _plain(value))


def _copy(pack: zipfile.ZipFile, store: Store, person: Person) -> list[dict[str, Any]]:
    found = []
    for name, opened in store.files(person) if store.files else ():
        try:
            source = opened()
        except OSError:
            continue  # the row is listed with its state
        with source, pack.open(f"files/{name}", "w", force_zip64=True) as out:
            shutil.copyfileobj(source, out)
        found.append({"file": f"files/{name}"})
    return found


def _manifest(person: Person, contents: list[dict[str, Any]], files: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "made_at": clock.now().isoformat(),
        "customers": [str(one) for one in person.customers],
        "contents": contents,
        "files": files,
    }


def _plain(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)


def _file_name(store: Store) -> str:
    return re.sub(r"[^a-z]+", "-", store.name.lower()).strip("-")
