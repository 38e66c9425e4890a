"""Whose address is this? The one read that every inbound message needs, and the locks for writing a new one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from common.crypto import blind_all
from customers import normalise, sql
from customers.models import Identity
from customers.normalise import Key


@dataclass(frozen=True, slots=True)
class Digests:
    """The digests of a key's own value and of its variants, under every live key version."""

    exact: frozenset[str]
    others: frozenset[str]

    @classmethod
    def of(cls, key: Key) -> Digests:
        exact = frozenset(blind_all(key.namespace, key.scope, value=key.value))
        others = normalise.variants(key) - {key.value}
        return cls(exact, frozenset(d for value in others for d in blind_all(key.namespace, key.scope, value=value)))

    def meets(self, digest: str) -> bool:
        """Is it the digest of this value or of a variant?"""
        return digest in self.exact or digest in self.others


class Owners:
    """The routable identities of a few keys, each with its customer, read in one query."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.digests = {key: Digests.of(key) for key in keys}
        self.rows = _read(self.digests)

    def of(self, key: Key, at: datetime) -> Identity | None:
        """The identity that `key` meant at that time: its own value first, else one customer among its variants."""
        digests = self.digests[key]
        rows = [row for row in self.rows if row.namespace == key.namespace and row.scope == key.scope]
        exact = _in_force([row for row in rows if row.key in digests.exact], at)
        if exact:
            return exact
        others = [row for row in rows if row.key in digests.others]
        if len({row.customer.root_id for row in others}) > 1:
            return None
        return _in_force(others, at)

    def is_exact(self, key: Key, row: Identity) -> bool:
        """Is the row this very value, not a variant of it?"""
        return row.key in self.digests[key].exact


def lock(keys: Iterable[Key]) -> None:
    """Take the transaction's locks on these keys and their variants, in one order for everybody."""
    names = []
    for key in keys:
        digests = Digests.of(key)
        names += [f"{key.namespace}\x1f{key.scope}\x1f{digest}" for digest in digests.exact | digests.others]
    sql.lock_keys(sorted(set(names)))


def _in_force(rows: list[Identity], at: datetime) -> Identity | None:
    """The row whose period holds `at`; before the first known period, the next one that began."""
    later = None
    for row in sorted(rows, key=lambda row: row.valid_from):
        if row.valid_from <= at and (row.valid_to is None or at < row.valid_to):
            return row
        if row.valid_from > at and later is None:
            later = row
    return later


def _read(digests: dict[Key, Digests]) -> list[Identity]:
    wanted = [(k.namespace.value, k.scope, d) for k, ds in digests.items() for d in ds.exact | ds.others]
    if not wanted:
        return []
    namespaces, scopes, keys = zip(*wanted, strict=True)
    return sql.owners(list(namespaces), list(scopes), list(keys))
