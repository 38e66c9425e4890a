"""Has the person at this address told us to stop? Asked for every claim, so that a word given a moment ago counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from conversations.content import Content, Template

# By the address that a session lives on: the newest word on each purpose, under whichever name of it it was said.
WORDS = """
SELECT DISTINCT ON (named.head, k.purpose) named.head, k.purpose, k.state, k.occurred_at FROM (
    SELECT id AS head, id FROM unnest(%(heads)s::bigint[]) AS h(id)
    UNION ALL
    SELECT endpoint_id, id FROM customers_identity WHERE endpoint_id = ANY(%(heads)s)
) named JOIN customers_consent k ON k.identity_id = named.id
WHERE k.purpose IN ('all', 'marketing')
ORDER BY named.head, k.purpose, k.occurred_at DESC, k.id DESC
"""
HEARD = "SELECT id, last_inbound_at FROM conversations_session WHERE id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody said of being written to, and when they wrote to us last."""

    stopped_at: datetime | None = None  # everything
    marketing: str = ""  # in, out, or nothing
    wrote_at: datetime | None = None

    def forbid(self, content: Content) -> bool:
        """May this not be sent? Who wrote again after a stop wants an answer, and nothing that they did not ask for."""
        is_unasked = isinstance(content, Template)
        if isinstance(content, Template) and content.category == "MARKETING" and self.marketing != "in":
            return True
        if self.stopped_at is None:
            return False
        return is_unasked or self.wrote_at is None or self.wrote_at <= self.stopped_at


SILENT = Wishes()


def of(places: Collection[tuple[int, int]]) -> dict[tuple[int, int], Wishes]:
    """The wishes at each (identity, session); those who have said nothing are left out."""
    with connection.cursor() as cursor:
        cursor.execute(WORDS, {"heads": sorted({identity for identity, _ in places})})
        said: dict[int, dict[str, tuple[str, datetime]]] = {}
        for head, purpose, state, at in cursor.fetchall():
            said.setdefault(head, {})[purpose] = (state, at)
        if not said:
            return {}
        sessions = [session for identity, session in places if identity in said]
        cursor.execute(HEARD, [sessions])
        heard = dict(cursor.fetchall())
    return {
        (identity, session): _wishes(said[identity], heard.get(session))
        for identity, session in places
        if identity in said
    }


def _wishes(said: Mapping[str, tuple[str, datetime]], wrote_at: datetime | None) -> Wishes:
    state, at = said.get("all", ("", None))
    marketing, marketing_at = said.get("marketing", ("", None))
    if state == "out" and at is not None and (marketing_at is None or marketing_at < at):
        marketing = "out"
    return Wishes(at if state == "out" else None, marketing, wrote_at)
