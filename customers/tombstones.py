"""Was this said before its sender was erased? Every way in asks here; nobody is reborn of what comes late.

Problem
+-- Erased  410 erased   the customer was erased; what was said until then is dropped

A tombstone is a keyed digest of one identifier. Its keys are never taken away: the values are gone, so that nothing
could be digested anew; a further key goes into `TOMBSTONE_KEY`, the one before into `TOMBSTONE_KEYS_OLD`.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F

from common.crypto import SEPARATOR, blind_all
from common.problems import Problem
from customers import consent, normalise, policy
from customers.handles import ROUTING, Named
from customers.lookup import Owners
from customers.models import Customer, Identity, Tombstone
from customers.namespaces import Namespace
from customers.normalise import Key

Reason = Tombstone.Reason
PROACTIVE = (consent.Purpose.PROACTIVE, consent.Purpose.MARKETING, consent.Purpose.PROFILING)
Stone = Mapping[str, Any]
BY_INDEX = "\x1eblind index"  # in a scope's place: a digest of what the blind index holds

# A person who comes again and goes again: the later time counts.
BURY = """
INSERT INTO customers_tombstone (digest, digest_key, namespace, scope, reason, erased_at, hits)
SELECT d, k, n, s, r, t, 0
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[]) AS g(d, k, n, s, r, t)
ORDER BY d, r
ON CONFLICT (digest, reason) DO UPDATE SET erased_at = greatest(customers_tombstone.erased_at, excluded.erased_at)
"""


class Erased(Problem):
    """This customer was erased at `erased_at`."""

    code, title, status = "erased", "This customer was erased.", 410

    def __init__(self, erased_at: datetime | None = None, stones: Iterable[int] = ()) -> None:
        super().__init__()
        self.erased_at, self.stones = erased_at, tuple(stones)

    def covers(self, at: datetime) -> bool:
        """Was it said before, so that it is dropped? Else it was new: looked at again, somebody new says it."""
        return self.erased_at is not None and at <= self.erased_at


def refuse(customer: Customer) -> None:
    """Raises `Erased` for a customer who was; asked again under the customer's lock."""
    if customer.status == Customer.Status.ERASED:
        raise Erased(customer.erased_at)


def kept(*, named: Sequence[Named], owners: Owners, at: datetime, said_at: datetime | None = None) -> list[Named]:
    """What of one payload may be used: all but the addresses of people who were erased at that moment or after it.

    Raises `Erased` when nobody who lives was meant by any of it: a late or repeated event, which `count` counts.
    `said_at`: when it was said, if that is another time than the one (`at`) for which its owners are looked up.
    """
    routed = [one for one in named if one.routes]
    alive = {one.key for one in routed if (row := owners.of(one.key, at)) is not None and row.valid_from <= at}
    buried = _covering([one.key for one in named if one.key not in alive], said_at or at)
    if any(one.key in buried for one in routed) and not alive:
        raise Erased(max(erased_at for _, erased_at in buried.values()), (pk for pk, _ in buried.values()))
    return [one for one in named if one.key not in buried]


def count(dropped: Erased) -> None:
    """Something was dropped; written when its own transaction has been rolled back."""
    if dropped.stones:
        Tombstone.objects.filter(pk__in=dropped.stones).update(hits=F("hits") + 1)


def _covering(keys: Sequence[Key], at: datetime) -> dict[Key, tuple[int, datetime]]:
    """Which of these identifiers are of a person who was erased at `at` or after it: by which tombstone, and when."""
    wanted = {digest: key for key in keys for digest in digests(key)}
    if not wanted:
        return {}
    rows = Tombstone.objects.filter(digest__in=list(wanted), reason=Reason.ERASED, erased_at__gte=at)
    return {wanted[digest]: (pk, erased_at) for pk, digest, erased_at in rows.values_list("pk", "digest", "erased_at")}


def carry_over(*, row: Identity, key: Key) -> None:
    """Somebody who was erased asked, at this very address, not to be written to: that outlives them.

    Whoever has the address anew begins with that no, by its old date; any later word of theirs counts more.
    """
    stone = Tombstone.objects.filter(digest__in=digests(key), reason=Reason.OBJECTED).order_by("-erased_at").first()
    for purpose in PROACTIVE if stone else ():
        assert stone is not None
        evidence = {"source": "objection", "tombstone": stone.pk}
        consent.record(identity=row, purpose=purpose, state="out", occurred_at=stone.erased_at, evidence=evidence)


def stones(*, rows: Iterable[Identity], at: datetime, objected: Iterable[int] = ()) -> list[Stone]:
    """The tombstones of these identities, as plain values; `restore` writes them.

    What somebody only typed gets none: it may be another person's. `objected`: ids of identities that said no.
    """
    said_no, found = set(objected), list[Stone]()
    for row in rows:
        if row.proof not in ROUTING:
            continue
        until = min(row.valid_to, at) if row.valid_to else at
        for reason in (Reason.ERASED, Reason.OBJECTED) if row.pk in said_no else (Reason.ERASED,):
            found.append(_stone(row, reason.value, until))
    return found


def restore(given: Sequence[Stone]) -> None:
    """Writes tombstones that are given as plain values; one that is there keeps the later time."""
    columns = ("digest", "digest_key", "namespace", "scope", "reason", "erased_at")
    unique: dict[tuple[str, str], Stone] = {}
    for stone in given:
        place = (stone["digest"], stone["reason"])
        if place not in unique or str(stone["erased_at"]) > str(unique[place]["erased_at"]):
            unique[place] = stone
    if unique:
        with connection.cursor() as cursor:
            cursor.execute(BURY, [[stone[name] for stone in unique.values()] for name in columns])


def digests(key: Key) -> list[str]:
    """Every digest under which this identifier may be buried: its variants, under every key there ever was."""
    values = normalise.variants(key) | {key.value}
    found = [_digest(secret, key.namespace, key.scope, value) for secret in _secrets() for value in values]
    blinds = [digest for value in values for digest in blind_all(key.namespace, key.scope, value=value)]
    return found + _by_index(key.namespace, key.scope, blinds)


def key_of(row: Identity) -> Key | None:
    """The key that a stored identity was made of, or None when the rules for making one have changed since."""
    region = policy.current().region or None
    for from_provider in (True, False):
        key = normalise.key(row.namespace, row.raw, scope=row.scope, region=region, from_provider=from_provider)
        if isinstance(key, Key) and row.key in blind_all(key.namespace, key.scope, value=key.value):
            return key
    return None


def _stone(row: Identity, reason: str, at: datetime) -> Stone:
    key, secret = key_of(row), _secrets()[0]
    digest = (
        _digest(secret, row.namespace, row.scope, key.value)
        if key is not None
        else _by_index(row.namespace, row.scope, [row.key])[0]
    )
    place = {"namespace": str(row.namespace), "scope": row.scope}
    return {"digest": digest, "digest_key": _name(secret), **place, "reason": reason, "erased_at": at}


def _by_index(namespace: str | Namespace, scope: str, blinds: Iterable[str]) -> list[str]:
    return [_digest(secret, namespace, scope + BY_INDEX, value) for secret in _secrets() for value in blinds]


def _digest(secret: str, namespace: str | Namespace, scope: str, value: str) -> str:
    message = SEPARATOR.join((str(namespace), scope, value)).encode()
    return urlsafe_b64encode(hmac.digest(secret.encode(), message, "sha256")).rstrip(b"=").decode()


def _secrets() -> list[str]:
    """The key in force, then every one before it."""
    return [settings.SECRETS["TOMBSTONE_KEY"], *settings.TOMBSTONE_KEYS_OLD]


def _name(secret: str) -> str:
    return hashlib.sha256(b"throughline tombstone key id" + secret.encode()).hexdigest()[:8]


class Buried:
    """All tombstones at once, for a file of many rows; the moment of a row that names none is unknown, so it is old."""

    def __init__(self) -> None:
        rows = Tombstone.objects.exclude(reason=Reason.TRANSFERRED).values_list("digest", "reason", "erased_at")
        found = list(rows.iterator(10_000))
        self.erased = {digest: at for digest, reason, at in found if reason == Reason.ERASED}
        self.objected = {digest for digest, reason, _ in found if reason == Reason.OBJECTED}

    def __bool__(self) -> bool:
        return bool(self.erased or self.objected)

    def covers(self, keys: Iterable[Key], at: datetime | None) -> bool:
        """Is one of these of somebody who was erased since, or who asked not to be written to?

        A file is no word of the person: nobody who objected comes back by it, whenever it was made.
        """
        named = {digest for key in keys for digest in digests(key)}
        until = [self.erased[digest] for digest in named & self.erased.keys()]
        return bool(named & self.objected) or any(at is None or at <= erased_at for erased_at in until)
