"""In which conversations do these words stand, the newest first? However common a word is, the work is bounded.

A common word is found in the newest texts, read one by one. A word that is not common there is looked for in wider and
wider blocks of messages, by an index that holds words and blocks alike; so each step meets few rows. How very many
words begin is looked for in what the whole words find, not gathered by the index. Of a phrase the index knows the
words; what it finds is opened (`phrases`), so many conversations and texts at most.
"""

from __future__ import annotations

from collections.abc import Iterator
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
DEARER = 50  # times what the index spends on a text with a beginning of a word costs it to read a text
COMMON = f"""
SELECT count(*) FILTER (WHERE w.words @@ %(words)s::tsquery), count(*) FILTER (WHERE w.words @@ %(prefix)s::tsquery)
FROM (SELECT words FROM conversations_searchwords WHERE kind = 'm' ORDER BY object_id DESC LIMIT {NEWEST}) w
"""
RECENT = f"""
SELECT * FROM (
    (SELECT * FROM conversations_searchwords WHERE kind = 'm' ORDER BY object_id DESC LIMIT {NEWEST})
    UNION ALL
    (SELECT * FROM conversations_searchwords WHERE kind = 'n' ORDER BY object_id DESC LIMIT {NEWEST_NOTES})
) w WHERE w.words @@ %(query)s::tsquery
"""
INDEXED = "SELECT * FROM conversations_searchwords w WHERE w.words @@ %(query)s::tsquery"
# The same without the index for the beginning: it would first gather every text with any word that begins so, at each
# step. As a function the condition is none that an index knows.
READ = f"{INDEXED} AND ts_match_vq(w.words, %(prefix)s::tsquery)"
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
        for step in _steps(cursor, asked):
            if step.is_in_vain(len(found.hits), limit):
                continue
            cursor.execute(GROUPED.format(matches=step.matches, among=seen), {**values, **of_seen, **step.values})
            hits = reading.kept([phrases.Row(*row) for row in cursor.fetchall()], limit)
            found = Answer(hits, reading.is_cut)
            if len(hits) == limit or reading.is_cut:
                break
    return found


@dataclass(frozen=True, slots=True)
class _Step:
    """Where to look: the statement, its values, and how much wider it is than the step before."""

    matches: str
    values: dict[str, str]
    wider: int = 0  # 0: always worth a look

    def is_in_vain(self, found: int, limit: int) -> bool:
        """Would as many as before, spread evenly, not fill the page here either?"""
        return bool(self.wider) and found * self.wider < limit


def _steps(cursor: Any, asked: Wanted) -> Iterator[_Step]:
    """Ever wider; the last one is everything."""
    yield _Step(RECENT, {"query": asked.query()})
    cursor.execute("SELECT coalesce(max(object_id), 0) FROM conversations_searchwords WHERE kind = 'm'")
    last = int(cursor.fetchone()[0]) >> gathering.BLOCK
    dear = _dear(cursor, asked)
    for many, wider in WIDER:
        if last >= many:
            names = [f"'~b{last - back}'" for back in range(many)]
            yield _indexed(asked, f" & ({' | '.join([*names, _others()])})", dear * (last + 1) / many, wider)
    yield _indexed(asked, "", dear)


def _indexed(asked: Wanted, block: str, dear: float, wider: int = 0) -> _Step:
    words, prefix = asked.parts()
    if dear > DEARER:
        return _Step(READ, {"query": words + block, "prefix": prefix}, wider)
    return _Step(INDEXED, {"query": asked.query() + block}, wider)


def _dear(cursor: Any, asked: Wanted) -> float:
    """For each text with the whole words, how many have a word that begins so? By the newest; 0 without either."""
    words, prefix = asked.parts()
    if not (words and prefix):
        return 0
    cursor.execute(COMMON, {"words": words, "prefix": prefix})
    with_words, with_prefix = cursor.fetchone()
    return float(with_prefix / max(with_words, 1))


def _others() -> str:
    kinds = (source.kind for source in sources.every() if source.kind != sources.MESSAGE and not source.sign)
    return " | ".join(f"'~{kind}'" for kind in kinds) or "'~n'"


def _correlated(among: QuerySet[Conversation]) -> tuple[str, dict[str, Any]]:
    """The condition as a statement about the conversation at hand, with names for its values."""
    one = among.filter(pk=RawSQL("f.conversation_id", [])).order_by().values("pk")
    statement, values = one.query.sql_with_params()
    names = [f"among{number}" for number in range(len(values))]
    return statement % tuple(f"%({name})s" for name in names), dict(zip(names, values, strict=True))
