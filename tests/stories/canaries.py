"""Who is the person that is erased, and is anything of her left? Every table is read, sealed columns opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection

from common.fields import EncryptedTextField
from customers import privacy_erasing, tombstone_log
from customers.models import Customer, Erasure

PHONE, NAME, WORDS, MAIL = "4917695551234", "Canaria Canarison", "canary words 8c1f", "canaria@example.com"
CANARIES = (PHONE, "Canaria", "canary words", "canaria@")
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"


def found(canaries: Sequence[str] = CANARIES) -> list[str]:
    """`table: canary` of everything that is left, in plain text or sealed, and in the stored files."""
    left = {f"{table}: {canary}" for table, text in (*plain(), *sealed()) for canary in canaries if canary in text}
    return sorted(left)


def plain() -> Iterator[tuple[str, str]]:
    """Each row of each table, as Postgres writes it."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')
            yield from ((table, text) for (text,) in cursor.fetchall())


def sealed() -> Iterator[tuple[str, str]]:
    """Each sealed value, opened."""
    for model in apps.get_models():
        names = [field.attname for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
        for row in model._default_manager.all() if names else ():
            yield from ((model._meta.db_table, str(getattr(row, name))) for name in names)


def files(folder: str = "attachments") -> list[str]:
    """What lies in the storage below a folder."""
    if not default_storage.exists(folder):
        return []
    folders, names = default_storage.listdir(folder)
    below = [name for one in folders for name in files(f"{folder}/{one}")]
    return [f"{folder}/{name}" for name in names] + below


@contextmanager
def log() -> Iterator[None]:
    """The tombstones beside the backups are of one test, for the storage is everybody's."""
    yield
    for name in files(tombstone_log.FOLDER):
        default_storage.delete(name)


def erase(customer: Customer, **more: Any) -> Erasure:
    """Asked for by an administrator, and carried out to the end."""
    given = {"actor": "user:1", "reason": "asked by letter", "request_id": f"test:{customer.pk}", **more}
    made = privacy_erasing.erase(customer=customer, **given)
    assert privacy_erasing.go_on(made.pk)
    made.refresh_from_db()
    return made
