"""Whom does a text name by words of their name, or by how these begin? Bounded, however common a word is.

The words of a name lie beside those of messages, under a sign, by the observation that said it. Whose name it is now
says the projection: so a rename, a merge, a split and an erasure count at once, and nothing has to be moved.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from conversations.words import lexemes, sources
from conversations.words.sources import Spoken
from customers import finding
from customers.models import Customer, Observation
from customers.naming import KEYS

SIGN = "@"  # before each word of a name
TERMS = 8  # words of a name; a text of more is none
MOST = 500  # names that a word may meet in the index; above, it is too common to tell anybody
NEWEST = 1000  # people who are looked at one by one then
SHORTEST = 2  # characters that the index is asked for
ADDRESS = re.compile(r"@|(?:\d\D{0,2}){6}")  # no name: addresses are found by their digests only, never by a part
NAMES = ", ".join(f"'{key}'" for key in KEYS)
# For this transaction only. (Of several processes at once each would meet other names first, at every search.)
LIMITS = """
SELECT set_config('jit', 'off', true), set_config('statement_timeout', '4000', true),
    set_config('max_parallel_workers_per_gather', '0', true)
"""
# Materialised, so that the limit invites no walk through the table: the index on `words` finds the rows, and no more
# than the limit are fetched.
MET = """
(WITH f AS MATERIALIZED (SELECT object_id FROM conversations_searchwords WHERE words @@ %s::tsquery)
SELECT {place}, object_id FROM f LIMIT {limit})
"""
OWNED = """
SELECT DISTINCT a.root_id FROM unnest(%s::bigint[]) AS f(object_id) CROSS JOIN LATERAL (
    SELECT root_id FROM customers_attribute WHERE observation_id = f.object_id OFFSET 0) a
"""
# Each candidate's names are read by key: the words may stand in a first name and a last name.
MEANT = """
SELECT c.root_id FROM unnest(%s::bigint[]) AS c(root_id) CROSS JOIN LATERAL (
    SELECT observation_id FROM customers_attribute WHERE root_id = c.root_id AND key IN ({names}) OFFSET 0
) a CROSS JOIN LATERAL (
    SELECT words FROM conversations_searchwords WHERE kind = 'p' AND object_id = a.observation_id OFFSET 0
) w GROUP BY c.root_id HAVING {conditions}
"""


def ready() -> None:
    """Called once, when Django is ready."""
    where = f"t.key IN ({NAMES})"
    sources.know(sources.NAME, Observation._meta.db_table, _read, where=where, sign=SIGN)
    finding.tell_named(roots)


def roots(text: str, newest: QuerySet[Any, int] | None = None) -> list[int]:
    """Who has every word of the text in their name, at least its beginning; what stands in quotation marks is whole.

    Words that too many have are looked for among the `newest` root ids only (else those who were seen last).
    Raises `django.db.OperationalError` after four seconds.
    """
    terms = _terms(text)
    known = [term for term in terms if len(term.strip("'*:")) - len(SIGN) >= SHORTEST]
    if not known:
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LIMITS)
        asked = [" & ".join(known), *(known if len(known) > 1 else ())]
        many = [MET.format(place=place, limit=MOST + 1) for place in range(len(asked))]
        cursor.execute(" UNION ALL ".join(many), asked)
        met: list[list[int]] = [[] for _ in asked]
        for place, object_id in cursor.fetchall():
            met[place].append(object_id)
        whole, rarest = met[0], min(met[1:] or met, key=len)
        wanted = {*whole[:MOST], *rarest[:MOST]}
        candidates = set(_column(cursor, OWNED, [list(wanted)])) if wanted else set()
        if len(rarest) > MOST:
            candidates |= set(_newest() if newest is None else newest)
        if not candidates:
            return []
        conditions = " AND ".join(["bool_or(w.words @@ %s::tsquery)"] * len(terms))
        return _column(cursor, MEANT.format(names=NAMES, conditions=conditions), [list(candidates), *terms])


def _terms(text: str) -> list[str]:
    """Each word of the text as `tsquery`."""
    asked = lexemes.wanted(text)
    words = [*asked.words, *([asked.prefix] if asked.prefix else [])]
    if len(words) > TERMS:
        return []
    return [f"'{SIGN}{word}'{'' if word in asked.quoted else ':*'}" for word in words]


def _newest() -> QuerySet[Customer, int]:
    return Customer.objects.roots().kept().order_by("-last_seen_at", "-id").values_list("pk", flat=True)[:NEWEST]


def _column(cursor: Any, statement: str, values: Sequence[Any]) -> list[int]:
    cursor.execute(statement, values)
    return [int(value) for (value,) in cursor.fetchall()]


def _read(ids: Collection[int]) -> list[Spoken]:
    """Names that were said of somebody who is there still; of what was cleared, no word. One query."""
    gone = Q(customer__status=Customer.Status.ERASED) | Q(identity__customer__status=Customer.Status.ERASED)
    rows = Observation.objects.filter(pk__in=ids).exclude(gone)
    rows = rows.only("public_id", "value", "customer_id", "is_clear", "occurred_at")
    return [Spoken(row.pk, 0, row.customer_id, row.occurred_at, _name(row)) for row in rows]


def _name(row: Observation) -> str:
    name = row.value if isinstance(row.value, str) and not row.is_clear else ""
    return "" if ADDRESS.search(name) else name
