"""In which conversations do these words stand, the newest first? However common a word is, the work is bounded.

A common word is found in the newest texts, read one by one. A word that is not common there is looked for in wider and
wider blocks of messages, by an index that holds words and blocks alike; so each step meets few rows. Of a phrase the
index knows the words; what it finds is opened (`phrases`), so many conversations and texts at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from conversations.models import Conversation
from conversations.words import gathering, phrases, sources
from conversations.words.lexemes import Wanted
from conversations.words.phrases import Hit

NEWEST = 4000  # messages that are read one by one
NEWEST_NOTES = 400
WIDER = ((2, 0), (8, 5))  # blocks of a step, and how much wider it is than the one before (0: always worth a look)
# For this transaction only: nobody waits long, and nothing is compiled. (GIN's own limit would drop the items of each
# word by chance, and with them nearly every place where three common words meet.)
LIMITS = """
SELECT set_config('jit', 'off', true), set_config('statement_timeout', '4000', true),
    set_config('plan_cache_mode', 'force_custom_plan', true)
"""
RECENT = f"""
SELECT * FROM (
    (SELECT * FROM conversations_searchwords WHERE kind = 'm' ORDER BY object_id DESC LIMIT {NEWEST})
    UNION ALL
    (SELECT * FROM conversations_searchwords WHERE kind = 'n' ORDER BY object_id DESC LIMIT {NEWEST_NOTES})
) w WHERE w.words @@ %(query)s::tsquery
"""
INDEXED = "SELECT * FROM conversations_searchwords w WHERE w.words @@ %(query)s::tsquery"
# Whoever may see a conversation is asked in the order of the answer, and only as often as needed.
GROUPED = """
SELECT f.conversation_id, f.kinds, f.ids, f.times FROM (
    SELECT w.conversation_id, max(w.said_at) AS said_at,
        (array_agg(w.kind ORDER BY w.said_at DESC, w.object_id DESC))[1:%(each)s] AS kinds,
        (array_agg(w.object_id ORDER BY w.said_at DESC, w.object_id DESC))[1:%(each)s] AS ids,
        (array_agg(w.said_at ORDER BY w.said_at DESC, w.object_id DESC))[1:%(each)s] AS times
    FROM ({matches}) w GROUP BY w.conversation_id
    HAVING %(before)s::timestamptz IS NULL OR (max(w.said_at), w.conversation_id) < (%(before)s, %(before_id)s)
    ORDER BY 2 DESC, 1 DESC
) f CROSS JOIN LATERAL (SELECT 1 FROM ({among}) a LIMIT 1) seen
ORDER BY f.said_at DESC, f.conversation_id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """At most as many as were asked for. `is_cut`: a phrase of such common words that not every text was opened."""

    hits: list[Hit]
    is_cut: bool = False


def find(
    *,
    asked: Wanted,
    among: QuerySet[Conversation],
    limit: int,
    before: tuple[datetime, int] | None = None,
) -> Answer:
    """At most `limit` conversations, the one with the newest match first; `before`: the last one of the page above
    (`placed_at`, conversation).

    Raises `django.db.OperationalError` after four seconds.
    """
    if not asked:
        return Answer([])
    seen, of_seen = _correlated(among)
    moment, conversation_id = before or (None, None)
    values = {"before": moment, "before_id": conversation_id, "limit": limit, "each": 1}
    if asked.phrases:
        values |= {"limit": phrases.CONVERSATIONS, "each": phrases.EACH}
    found, reading = Answer([]), phrases.Reading(asked)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LIMITS)
        for step in _steps(cursor):
            if step.is_in_vain(len(found.hits), limit):
                continue
            query = GROUPED.format(matches=step.matches, among=seen)
            cursor.execute(query, {**values, **of_seen, "query": f"{asked.query()}{step.block}"})
            hits = reading.kept([phrases.Row(*row) for row in cursor.fetchall()], limit)
            found = Answer(hits, reading.is_cut)
            if len(hits) == limit or reading.is_cut:
                break
    return found


@dataclass(frozen=True, slots=True)
class _Step:
    """Where to look: the statement, what it adds to the words, and how much wider it is than the step before."""

    matches: str
    block: str = ""
    wider: int = 0  # 0: always worth a look

    def is_in_vain(self, found: int, limit: int) -> bool:
        """Would as many as before, spread evenly, not fill the page here either?"""
        return bool(self.wider) and found * self.wider < limit


def _steps(cursor: Any) -> list[_Step]:
    """Ever wider; the last one is everything."""
    cursor.execute("SELECT coalesce(max(object_id), 0) FROM conversations_searchwords WHERE kind = 'm'")
    head = int(cursor.fetchone()[0])
    last, steps = head >> gathering.BLOCK, [_Step(RECENT)]
    for many, wider in WIDER:
        if last >= many:
            names = [f"'~b{last - back}'" for back in range(many)]
            steps.append(_Step(INDEXED, f" & ({' | '.join([*names, _others()])})", wider))
    return [*steps, _Step(INDEXED)]


def _others() -> str:
    kinds = (source.kind for source in sources.every() if source.kind != sources.MESSAGE and not source.sign)
    return " | ".join(f"'~{kind}'" for kind in kinds) or "'~n'"


def _correlated(among: QuerySet[Conversation]) -> tuple[str, dict[str, Any]]:
    """The condition as a statement about the conversation at hand, with names for its values."""
    one = among.filter(pk=RawSQL("f.conversation_id", [])).order_by().values("pk")
    statement, values = one.query.sql_with_params()
    names = [f"among{number}" for number in range(len(values))]
    return statement % tuple(f"%({name})s" for name in names), dict(zip(names, values, strict=True))
