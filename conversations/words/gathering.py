"""How do words come into the search? By a cursor over what was written, in the background; anew when they are lost.

New texts first, then the past from the newest to the oldest. One worker at a time, in short transactions. A message
path never waits for it, and never fails because of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from conversations.models import SearchProgress
from conversations.words import lexemes, sources
from conversations.words.sources import Source, Spoken

CHUNK = 1000  # texts of one transaction
BEHIND = 20_000  # the newest texts, which are looked at row by row when the table is empty
BLOCK = 15  # bits of a number within a block of messages: 32,768
TABLE = "conversations_searchwords"
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('conversations_searchwords', 3))"
TRY_LOCK = LOCK.replace("pg_advisory_xact_lock", "pg_try_advisory_xact_lock")
HEAD = "SELECT coalesce(max(id), 0) FROM {table}"
XIDS = """
SELECT pg_snapshot_xmin(now)::text::bigint, pg_snapshot_xmax(now)::text::bigint FROM pg_current_snapshot() AS now
"""
ABOVE = """
SELECT t.id FROM {table} t LEFT JOIN conversations_searchwords w ON w.kind = %s AND w.object_id = t.id
WHERE t.id > %s AND w.object_id IS NULL AND {where} ORDER BY t.id LIMIT %s
"""
BELOW = "SELECT t.id FROM {table} t WHERE t.id <= %s AND {where} ORDER BY t.id DESC LIMIT %s"
# Lexemes hold no spaces, so one text carries those of one row.
PUT = """
INSERT INTO conversations_searchwords (kind, object_id, conversation_id, customer_id, said_at, words)
SELECT %(kind)s, u.object_id, u.conversation_id, u.customer_id, u.said_at,
    array_to_tsvector(array_remove(string_to_array(u.lexemes, ' '), ''))
FROM unnest(%(ids)s::bigint[], %(conversations)s::bigint[], %(customers)s::bigint[], %(times)s::timestamptz[],
    %(lexemes)s::text[]) AS u(object_id, conversation_id, customer_id, said_at, lexemes)
ON CONFLICT (kind, object_id) DO {other}
"""
NEWER = "UPDATE SET words = EXCLUDED.words"


@dataclass(frozen=True, slots=True)
class Standing:
    """How complete the search is; `share` of what there is, from 0 to 1."""

    is_complete: bool
    share: float


def gather(*, seconds: float = 2.0) -> int:
    """Adds what is missing, for about so long; returns how many texts. Nothing while another worker is at it."""
    until, found = time.monotonic() + seconds, 0
    for source in sources.every():
        while time.monotonic() < until:
            taken = _chunk(source)
            found += taken
            if taken < CHUNK:
                break
    return found


def standing() -> Standing:
    """Whether everything can be found, as far as the background work has come."""
    begun = {row.kind: row for row in SearchProgress.objects.all()}
    if all(source.kind in begun and begun[source.kind].down == 0 for source in sources.every()):
        return Standing(is_complete=True, share=1.0)
    heads = {source.kind: _one(HEAD.format(table=source.table)) for source in sources.every()}
    whole = sum(heads.values())
    missing = sum(begun[kind].down if kind in begun else head for kind, head in heads.items())
    return Standing(missing == 0, 1 - missing / whole if whole else 1.0)


def renew(spoken: Iterable[Spoken], kind: str) -> None:
    """The words as they are now, whatever was gathered before; of a text that was taken back none stays."""
    _put(kind, list(spoken), NEWER)


def wait_for_gatherer() -> None:
    """Until the end of this transaction nobody gathers; what somebody gathers just now is finished first."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK)


@transaction.atomic
def _chunk(source: Source) -> int:
    """One step: what is new, else a stretch of the past. Less than a chunk: nothing is left of this kind."""
    if not _one(TRY_LOCK):
        return 0
    progress = SearchProgress.objects.filter(kind=source.kind).first() or _begun(source)
    xmin, xmax = _row(XIDS)
    ids = _ids(_of(ABOVE, source), [source.kind, progress.upto, CHUNK])
    if len(ids) < CHUNK:
        if xmin >= progress.candidate_xid:
            progress.upto = progress.candidate
            progress.candidate, progress.candidate_xid = _one(HEAD.format(table=source.table)), xmax
        ids += _past(source, progress)
    progress.save(update_fields=["upto", "down", "candidate", "candidate_xid"])
    _put(source.kind, sources.read(source.kind, ids), "NOTHING")
    return len(ids)


def _begun(source: Source) -> SearchProgress:
    head = _one(HEAD.format(table=source.table))
    place = max(0, head - BEHIND)
    return SearchProgress.objects.create(kind=source.kind, upto=place, down=place, candidate=place, candidate_xid=0)


def _past(source: Source, progress: SearchProgress) -> list[int]:
    if progress.down == 0:
        return []
    ids = _ids(_of(BELOW, source), [progress.down, CHUNK])
    progress.down = ids[-1] - 1 if len(ids) == CHUNK else 0
    return ids


def _of(statement: str, source: Source) -> str:
    return statement.format(table=source.table, where=source.where or "true")


def _put(kind: str, spoken: list[Spoken], other: str) -> None:
    if not spoken:
        return
    values: dict[str, Any] = {
        "kind": kind,
        "ids": [one.object_id for one in spoken],
        "conversations": [one.conversation_id for one in spoken],
        "customers": [one.customer_id for one in spoken],
        "times": [one.said_at for one in spoken],
        "lexemes": [" ".join([*marks(kind, one.object_id), *_signed(kind, one.text)]) for one in spoken],
    }
    with connection.cursor() as cursor:
        cursor.execute(PUT.format(other=other), values)


def marks(kind: str, object_id: int) -> list[str]:
    """Words that nobody can write: which block of messages it is in, or that it is no message; a name has none."""
    if kind == sources.MESSAGE:
        return [f"~b{object_id >> BLOCK}"]
    return [] if sources.of(kind).sign else [f"~{kind}"]


def _signed(kind: str, text: str) -> list[str]:
    sign = sources.of(kind).sign
    return [sign + word for word in lexemes.of(text)]


def _ids(query: str, values: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [pk for (pk,) in cursor.fetchall()]


def _row(query: str) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        first, second = cursor.fetchone()
        return first, second


def _one(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])
