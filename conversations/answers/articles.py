"""How does an article come to be, and to be found? Every change goes through here; publishing writes the index."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django.db import connection, transaction

from common import clock
from common.problems import Problem
from conversations.answers import vocabulary, words
from conversations.answers.plain import plain
from conversations.models import Article
from customers import audit

FIELDS = ("key", "language", "title", "body", "aliases", "audience", "valid_from", "valid_to", "hand_over")
HAND_OVER = ("skill", "referrer", "channel")
BODY_MOST, ALIASES_MOST, NAME_MOST = 20_000, 50, 200  # characters, pieces, characters
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?")

_INDEX = """
UPDATE conversations_article SET
    search = setweight(to_tsvector(%(configuration)s::regconfig, %(names)s), 'A')
        || setweight(to_tsvector(%(configuration)s::regconfig, %(body)s), 'B'),
    words = strip(to_tsvector('simple', %(names)s || ' ' || %(body)s)),
    normalised = %(normalised)s::text[], state = 'published', published_at = %(now)s
WHERE id = %(id)s
"""
# A moment instead of a count: the number of a publication that was rolled back never comes again.
_EDITION = """
INSERT INTO conversations_articleedition AS known (language, number)
VALUES (%s, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
ON CONFLICT (language) DO UPDATE SET number = greatest(known.number + 1, excluded.number)
"""

Names = Callable[[], Collection[str]]

_skills: list[Names] = []


class Refused(Problem):
    """The article has errors; `extra["errors"]` names each field with what is wrong."""

    code = "article_refused"
    title = "This article has errors and cannot be saved."
    status = 422


def know_skills(names: Names) -> None:
    """Lets an app above say which skills `hand_over` may name; called in `AppConfig.ready`."""
    _skills[:] = [names]


def check(values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with an article, by field; nothing if it can be saved. Unknown fields are wrong."""
    errors = {name: "There is no such field." for name in values if name not in FIELDS}
    title, body, language = (str(values.get(name) or "") for name in ("title", "body", "language"))
    if not _KEY.fullmatch(str(values.get("key") or "")):
        errors["key"] = "A key is of small letters, digits, - and _, for example delivery-times."
    if not _LANGUAGE.fullmatch(language):
        errors["language"] = "A language is a code such as en, es or pt-br."
    if not words.words(title) or len(title) > NAME_MOST:
        errors["title"] = f"A title has words, and at most {NAME_MOST} characters."
    if not body.strip() or len(body) > BODY_MOST:
        errors["body"] = f"An answer has words, and at most {BODY_MOST:,} characters."
    errors |= _check_aliases(values.get("aliases") or [])
    if (values.get("audience") or "public") not in Article.Audience.values:
        errors["audience"] = "The audience is public or private."
    since, until = values.get("valid_from"), values.get("valid_to")
    if since and until and until <= since:
        errors["valid_to"] = "It ends before it begins."
    return errors | _check_hand_over(values.get("hand_over"))


def save(*, article: Article | None, values: Mapping[str, Any], by: Any = None) -> Article:
    """Writes the fields of a new or known article, or raises `Refused`; what is published is found anew at once."""
    before = article.language if article else ""
    with transaction.atomic():
        row = write(article=article, values=values, by=by)
        if row.state == Article.State.PUBLISHED:
            publish([row], by=by)
            _renew({before} - {row.language})
    return row


def write(*, article: Article | None, values: Mapping[str, Any], by: Any = None) -> Article:
    """The same without its index: the caller publishes what was published before."""
    given = {name: getattr(article, name) for name in FIELDS} if article else {}
    given |= values
    given["language"] = str(given.get("language") or "").casefold()
    errors = check(given)
    if not errors and _is_taken(given, article):
        errors["key"] = "There is an article with this key in this language."
    if errors:
        raise Refused("; ".join(f"{name}: {text}" for name, text in errors.items()), errors=errors)
    row = article or Article()
    for name in FIELDS:
        if name in given:
            setattr(row, name, given[name])
    row.aliases, row.hand_over = list(row.aliases or []), dict(row.hand_over) if row.hand_over else None
    row.updated_at, row.updated_by = clock.now(), by
    if article:
        row.save(update_fields=[*FIELDS, "updated_at", "updated_by"])
    else:
        row.save(force_insert=True)
    return row


def publish(articles: Iterable[Article], *, by: Any = None) -> int:
    """Puts the articles as they are into the index: from now on the bot answers with them. Returns how many."""
    rows, now = list(articles), clock.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.executemany(_INDEX, [_indexed(row) | {"now": now} for row in rows])
        for row in rows:
            row.state, row.published_at = Article.State.PUBLISHED, now
        _renew({row.language for row in rows})
        _note("article.publish", rows, by)
    return len(rows)


def withdraw(articles: Iterable[Article], *, by: Any = None) -> int:
    """Takes articles out of the index: they are drafts again. Returns how many."""
    rows = [row for row in articles if row.state == Article.State.PUBLISHED]
    with transaction.atomic():
        Article.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=Article.State.DRAFT, search=None, words=None, normalised=[], published_at=None
        )
        for row in rows:
            row.state = Article.State.DRAFT
        _renew({row.language for row in rows})
        _note("article.withdraw", rows, by)
    return len(rows)


def remove(articles: Iterable[Article], *, by: Any = None) -> int:
    """Deletes articles; returns how many."""
    rows = list(articles)
    with transaction.atomic():
        withdraw(rows, by=by)
        Article.objects.filter(pk__in=[row.pk for row in rows]).delete()
        _note("article.delete", rows, by)
    return len(rows)


def _check_aliases(aliases: Any) -> dict[str, str]:
    if not isinstance(aliases, list | tuple) or not all(isinstance(one, str) for one in aliases):
        return {"aliases": "Aliases are a list of texts."}
    if len(aliases) > ALIASES_MOST or any(len(one) > NAME_MOST or not words.words(one) for one in aliases):
        return {"aliases": f"At most {ALIASES_MOST} aliases, each with words and of at most {NAME_MOST} characters."}
    return {}


def _check_hand_over(asked: Any) -> dict[str, str]:
    if asked in (None, "", {}):
        return {}
    if not isinstance(asked, Mapping) or not all(isinstance(value, str) for value in asked.values()):
        return {"hand_over": "This is a mapping with skill, referrer and channel."}
    if strange := sorted(set(asked) - set(HAND_OVER)):
        return {"hand_over": f"There is no {strange[0]} here: skill, referrer and channel."}
    known = frozenset(_skills[0]()) if _skills else None
    if not asked.get("skill") or (known is not None and asked["skill"] not in known):
        named = f" Known: {', '.join(sorted(known))}." if known else ""
        return {"hand_over": f"Name the skill of whoever is to answer.{named}"}
    return {}


def _is_taken(given: Mapping[str, Any], article: Article | None) -> bool:
    rows = Article.objects.filter(key=given["key"], language=given["language"])
    return (rows.exclude(pk=article.pk) if article else rows).exists()


def _indexed(row: Article) -> dict[str, Any]:
    names = [row.title, *row.aliases]
    return {
        "id": row.pk,
        "configuration": words.configuration(row.language),
        "names": " ".join(word for name in names for word in words.tokens(name)),
        "body": " ".join(words.tokens(plain(row.body))),
        "normalised": sorted({words.name(name, row.language) for name in names}),
    }


def _renew(languages: Collection[str]) -> None:
    """What processes remember of these languages is old; rows are locked in one order."""
    with connection.cursor() as cursor:
        for language in sorted(languages):
            cursor.execute(_EDITION, [language])
    vocabulary.forget()
    transaction.on_commit(vocabulary.forget)


def _note(action: str, rows: list[Article], by: Any) -> None:
    actor = f"user:{by.pk}" if by is not None else "system"
    if len(rows) == 1:
        audit.record(actor=actor, action=action, object_id=f"{rows[0].key}/{rows[0].language}")
    elif rows:
        audit.record(actor=actor, action=action, rows=len(rows))
