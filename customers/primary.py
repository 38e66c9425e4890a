"""Whom does a primary identifier name, who has none, and which of several addresses of one person is the primary one?

Problem
+-- Shared      409 identifier_shared   several customers have it, or it is a switchboard's: it names nobody
+-- NotPrimary  400 not_primary         only an e-mail or a phone that is in force can be the primary one
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from common import clock
from common.problems import Problem
from customers import audit, news, normalise, policy
from customers.lookup import Digests
from customers.models import Customer, Identity
from customers.namespaces import Namespace
from customers.normalise import Key

MARKED = (Namespace.EMAIL, Namespace.PHONE)
SHOWN = 20  # customers that a report names
SCOPES_MOST = 50

# A loose scan: one look in the index for each scope, however many rows it has.
SCOPES = """
WITH RECURSIVE found AS (
    (SELECT scope FROM customers_identity WHERE namespace = %(namespace)s ORDER BY scope LIMIT 1)
    UNION ALL
    SELECT (SELECT i.scope FROM customers_identity i WHERE i.namespace = %(namespace)s AND i.scope > found.scope
            ORDER BY i.scope LIMIT 1)
    FROM found WHERE found.scope IS NOT NULL
) SELECT scope FROM found WHERE scope IS NOT NULL LIMIT %(most)s
"""
# Whole people without such an address, and values that stand on several people. OFFSET 0: by index for each person.
LACKING = """
SELECT r.public_id, count(*) OVER () FROM customers_customer r
WHERE r.root_id = r.id AND r.status = 'active' AND NOT EXISTS (
    SELECT 1 FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id
    WHERE c.root_id = r.id AND i.namespace = %(namespace)s AND i.valid_to IS NULL)
ORDER BY r.id LIMIT %(most)s
"""
SHARED = """
SELECT array_agg(DISTINCT r.public_id), count(*) OVER ()
FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id
JOIN customers_customer r ON r.id = c.root_id
WHERE i.namespace = %(namespace)s AND i.valid_to IS NULL
GROUP BY i.scope, i.key HAVING count(DISTINCT c.root_id) > 1 OR bool_or(i.shared)
ORDER BY min(i.id) LIMIT %(most)s
"""


class Shared(Problem):
    code, title, status = "identifier_shared", "Several customers have this identifier.", 409


class NotPrimary(Problem):
    code, title, status = "not_primary", "Only an e-mail or a phone that is in force can be the primary one.", 400


@dataclass(frozen=True, slots=True)
class Report:
    """Of a primary identifier: how many people lack it, how many values are shared, and the first of them."""

    primary: str
    lacking: int
    shared: int
    who_lacks: list[UUID] = field(default_factory=list)
    who_shares: list[list[UUID]] = field(default_factory=list)


def find(value: str, *, namespace: str = "", scope: str | None = None) -> Customer | None:
    """The customer whose identifier this is, in the policy's namespace unless another is named; None for nobody.

    Only addresses that route count: what somebody merely claims names nobody. Without `scope` it may be anybody's;
    `Shared` when it is more than one person's.
    """
    kind = namespace or policy.current().primary
    keys = [key for one in _scopes(kind, scope) if (key := _key(kind, value, one)) is not None]
    rows = [row for key in keys for row in _owners(key)]
    roots = {row.customer.root_id: row.customer.root for row in rows}
    if len(roots) > 1 or any(row.shared for row in rows):
        raise Shared(customers=sorted(str(root.public_id) for root in roots.values()))
    return next(iter(roots.values()), None)


def mark(*, identity: Identity, actor: str) -> None:
    """From now on this is the person's primary e-mail or phone; the mark stays with the address through every merge."""
    if identity.namespace not in MARKED or identity.valid_to is not None:
        raise NotPrimary()
    identity.primary_at = clock.now()
    identity.save(update_fields=["primary_at"])
    audit.record(actor=actor, action="identity.primary", object_id=str(identity.public_id))
    news.tell(identity.customer_id)


def among(rows: Iterable[Identity]) -> dict[str, Identity]:
    """Of a person's addresses the primary one of each kind: the one marked last; none if nobody has marked any."""
    marked = [row for row in rows if row.primary_at is not None and row.valid_to is None]
    return {row.namespace: row for row in sorted(marked, key=lambda row: (row.primary_at, row.pk))}


def report(namespace: str) -> Report:
    """Counts, changes nothing; two statements over all customers."""
    values: dict[str, Any] = {"namespace": namespace, "most": SHOWN}
    with connection.cursor() as cursor:
        cursor.execute(LACKING, values)
        lacking = cursor.fetchall()
        cursor.execute(SHARED, values)
        shared = cursor.fetchall()
    return Report(
        primary=namespace,
        lacking=lacking[0][1] if lacking else 0,
        shared=shared[0][1] if shared else 0,
        who_lacks=[public_id for public_id, _ in lacking],
        who_shares=[list(ids) for ids, _ in shared],
    )


def _scopes(namespace: str, scope: str | None) -> list[str]:
    if scope is not None:
        return [scope]
    with connection.cursor() as cursor:
        cursor.execute(SCOPES, {"namespace": namespace, "most": SCOPES_MOST})
        return [row[0] for row in cursor.fetchall()]


def _key(namespace: str, value: str, scope: str) -> Key | None:
    found = normalise.key(namespace, value, scope=scope, region=policy.current().region or None)
    return found if isinstance(found, Key) and found.matches else None


def _owners(key: Key) -> list[Identity]:
    """The value itself, else its other forms (a Brazilian ninth digit)."""
    digests = Digests.of(key)
    rows = Identity.objects.live().routable().select_related("customer__root")
    found = rows.filter(customer__root__status=Customer.Status.ACTIVE) | rows.filter(
        customer__root__status=Customer.Status.SUPPRESSED
    )
    near = list(found.keyed(namespace=key.namespace, scope=key.scope, keys=digests.exact | digests.others))
    exact = [row for row in near if row.key in digests.exact]
    return exact or near
