"""Which of our articles answers this question? Plain full text search in two passes, and whether we may be sure.

All words first; if no article has them all, any of them. A match is sure when it ranks high, far above the next one,
and has at least half of the words. No extension of PostgreSQL is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from common import clock
from conversations.answers import vocabulary, words
from conversations.journeys.scene import Scene
from conversations.models import Article

MENU = 3  # titles offered when unsure
CROWD = 200  # articles that the second pass may look at: words that more of them have say little

Decision = Literal["sure", "unsure", "none"]

_LIVE = """
    state = 'published' AND language = %(language)s AND (audience = 'public' OR %(private)s)
    AND (valid_from IS NULL OR valid_from <= %(now)s) AND (valid_to IS NULL OR valid_to > %(now)s)
"""
# The words of the question as the language's configuration sees them, and the articles that match `wanted` of them.
_MATCHING = f"""
WITH asked AS (
    SELECT tsvector_to_array(to_tsvector(%(configuration)s::regconfig, %(asked)s)) AS lexemes,
        plainto_tsquery(%(configuration)s::regconfig, %(asked)s) AS every
), hit AS (
    SELECT id, key, title, search,
        ts_rank_cd(search, replace((SELECT every FROM asked)::text, '&', '|')::tsquery, 32) AS rank
    FROM conversations_article
    WHERE {_LIVE} AND search @@ {{wanted}}
    ORDER BY rank DESC, id LIMIT %(most)s
)
SELECT id, key, title, rank,
    (SELECT count(*) FROM unnest(lexemes) AS one WHERE search @@ (quote_literal(one))::tsquery), cardinality(lexemes)
FROM hit, asked ORDER BY rank DESC, id
"""
_ALL = _MATCHING.format(wanted="plainto_tsquery(%(configuration)s::regconfig, %(asked)s)")
_ANY = _MATCHING.format(
    wanted="replace(plainto_tsquery(%(configuration)s::regconfig, %(telling)s)::text, '&', '|')::tsquery"
)
_NAMED = f"""
SELECT id, key, title FROM conversations_article
WHERE {_LIVE} AND normalised @> ARRAY[%(asked)s]::text[] ORDER BY id LIMIT %(most)s
"""
# A title or alias in the question counts by its length; a question in a title by how much of the title it is.
_PIECE = f"""
SELECT id, key, title, max(CASE
    WHEN name = %(asked)s THEN 10.0
    WHEN position(name IN %(asked)s) > 0 THEN length(name) / (length(name) + 1.0)
    ELSE length(%(asked)s)::float / length(name) END)
FROM conversations_article, unnest(normalised) AS name
WHERE {_LIVE} AND length(name) > 1 AND (position(name IN %(asked)s) > 0 OR position(%(asked)s IN name) > 0)
GROUP BY id, key, title ORDER BY 4 DESC, id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """One article that may be meant; `covered` of the question's `of` words are in it, `rank` is from 0 to 1."""

    id: int
    key: str
    title: str
    rank: float
    covered: int = 1
    of: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one language, the best first; `asked` is the question as it was looked for."""

    decision: Decision
    hits: tuple[Hit, ...] = ()
    language: str = ""
    asked: str = ""

    @property
    def best(self) -> Hit:
        return self.hits[0]


NOTHING = Found("none")


def ask(*, scene: Scene, text: str) -> Found:
    """The question of whoever speaks here: in their language first, and private articles only with proof."""
    language = language_of(scene)
    return find(text, languages=spoken(language), private=may_see_private(scene), now=scene.now, at_home=language)


def find(
    text: str, *, languages: Sequence[str], private: bool = False, now: datetime | None = None, at_home: str = ""
) -> Found:
    """What the first language that knows a sure answer says, else the first that knows any.

    An article that also exists in the language `at_home` is given in it.
    """
    unsure = NOTHING
    for language in languages:
        found = _in(language, text, private, now or clock.now())
        if found.decision == "sure":
            return _at_home(found, at_home, private, now)
        if found.hits and not unsure.hits:
            unsure = found
    return _at_home(unsure, at_home, private, now) if unsure.hits else unsure


def spoken(language: str) -> tuple[str, ...]:
    """The languages to look in, in order: the customer's as it is, without its region, the default one.

    Of somebody whose language nobody knows: the default one, then every other.
    """
    named = language.casefold().replace("_", "-")
    first = [named, words.base(named)] if named else []
    known = vocabulary.editions()
    others = () if first else sorted(known)
    return tuple(one for one in dict.fromkeys([*first, settings.KNOWLEDGE_LANGUAGE, *others]) if one in known)


def language_of(scene: Scene) -> str:
    """What the customer speaks, if anybody said so."""
    return str(scene.attributes.get("language") or "")


def may_see_private(scene: Scene) -> bool:
    """Is it proven who listens, and does nobody else?"""
    return scene.assurance != "none" and not scene.is_stale and scene.is_private


def article(public_id: UUID, *, scene: Scene) -> Article | None:
    """An article that was offered, if it may still be said here."""
    rows = live(private=may_see_private(scene), now=scene.now).filter(public_id=public_id)
    return rows.first()


def get(hit: Hit) -> Article:
    """The article that was found, without its index."""
    return Article.objects.defer("search", "words").get(pk=hit.id)


def live(*, private: bool, now: datetime) -> QuerySet[Article]:
    """What the bot may say now, without its index."""
    rows = Article.objects.defer("search", "words").filter(state=Article.State.PUBLISHED)
    rows = rows.filter(Q(valid_from=None) | Q(valid_from__lte=now), Q(valid_to=None) | Q(valid_to__gt=now))
    return rows if private else rows.filter(audience=Article.Audience.PUBLIC)


def _in(language: str, text: str, private: bool, now: datetime) -> Found:
    known: dict[str, Any] = {"language": language, "private": private, "now": now, "most": MENU + 1}
    if not words.is_segmented(language):
        piece = words.name(text, language)
        rows = _rows(_PIECE, known | {"asked": piece}) if piece else []
        return _decided([Hit(*row) for row in rows], [], language, piece)
    dictionary = vocabulary.of(language)
    asked = dictionary.mend(words.words(text))
    given = known | {"asked": " ".join(asked), "configuration": words.configuration(language)}
    if not asked:
        return NOTHING
    named = [Hit(pk, key, title, 1.0) for pk, key, title in _rows(_NAMED, given)]
    if len(named) == 1:
        return Found("sure", tuple(named), language, given["asked"])
    every = named or [Hit(*row) for row in _rows(_ALL, given)]
    if is_sure(every):
        return Found("sure", tuple(every[:MENU]), language, given["asked"])
    some = [Hit(*row) for row in _rows(_ANY, given | {"telling": _telling(asked, dictionary)})]
    return _decided(every, some, language, given["asked"])


def is_sure(hits: Sequence[Hit]) -> bool:
    """Is the first of them the answer, so that nobody has to be asked which one was meant?"""
    if not hits or hits[0].rank < settings.KNOWLEDGE_MIN_RANK or 2 * hits[0].covered < hits[0].of:
        return False
    return len(hits) == 1 or hits[0].rank >= settings.KNOWLEDGE_GAP * hits[1].rank


def _decided(every: list[Hit], some: list[Hit], language: str, asked: str) -> Found:
    """Of two passes: the second one may only be sure where the first one found nothing."""
    near = [hit for hit in some if 3 * hit.covered >= hit.of]  # one word of many is no idea of ours
    if is_sure(every or near):
        return Found("sure", tuple((every or near)[:MENU]), language, asked)
    hits = tuple({hit.id: hit for hit in [*every, *near]}.values())[:MENU]
    return Found("unsure" if hits else "none", hits, language, asked)


def _telling(asked: Iterable[str], dictionary: vocabulary.Vocabulary) -> str:
    """The rarest words of the question, until enough articles have one of them."""
    kept: list[str] = []
    crowd = 0
    for word in sorted(set(asked), key=lambda one: dictionary.documents.get(one, 0)):
        crowd += dictionary.documents.get(word, 0)
        if kept and crowd > CROWD:
            break
        kept.append(word)
    return " ".join(kept)


def _at_home(found: Found, language: str, private: bool, now: datetime | None) -> Found:
    """The same articles in the customer's own language, where they exist in it."""
    wanted = [one for one in (language.casefold(), words.base(language)) if one]
    if not wanted or found.language in wanted:
        return found
    rows = live(private=private, now=now or clock.now()).filter(
        key__in=[hit.key for hit in found.hits], language__in=wanted
    )
    own = {row.key: row for row in sorted(rows, key=lambda row: -wanted.index(row.language))}
    hits = tuple(
        replace(hit, id=own[hit.key].pk, title=own[hit.key].title) if hit.key in own else hit for hit in found.hits
    )
    return replace(found, hits=hits)


def _rows(query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
