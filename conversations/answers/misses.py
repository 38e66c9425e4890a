"""Which questions did no article answer? Kept without what could name a person, as the editors' list of work."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery

from common import clock, crypto
from conversations.answers import words
from conversations.journeys.scene import Scene
from conversations.models import Miss, MissAsking

LONGEST = 200  # characters of a question that are kept
GONE = "…"
_ADDRESS = re.compile(r"\S*@\S*|\b(?:https?://|www\.)\S+", re.IGNORECASE)
_NUMBER = re.compile(r"(?<!\w)[#+(]?(?=\S*\d)[\w()/.+-]*\d[\w()/.+-]*")  # numbers of orders, cards, houses, telephones
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?\b", re.IGNORECASE)
# Who introduces themselves, in the languages of the house: what follows is a name, after the weak ones only perhaps.
_INTRODUCED = re.compile(
    r"\b(?P<said>(?P<surely>my name(?: is|['’]s)|(?:me llamo|mi nombre es|ich hei(?:ß|ss)e|mein name ist|the name is))"
    r"|i am|i['’]m|im|this is|soy|ich bin|hier ist)\s+(?P<name>[^\W\d_][\w'’.-]*(?:\s+[^\W\d_][\w'’.-]*){0,3})",
    re.IGNORECASE,
)
# What follows a weak one and is no name.
_NO_NAMES = frozenset(
    words.tokens(
        """a an the not no in on at from here there looking trying searching waiting going having still also very so
        just only sure interested unable able happy angry new afraid sorry one my your his her what how why it that this
        these about ein eine einen einer der die das den nicht kein keine in im am auf aus von bei hier noch auch sehr
        nur so neu mit un una el la los las de del en no muy nuevo nueva interesado interesada cliente kundin"""
    )
)
_ENDS = frozenset(
    words.tokens("and but or i my und aber oder ich y e pero o yo mi where when how what do can wo wie wann donde")
)
_NUMBERS = re.compile(rf"{GONE}(?:[\s,/-]+{GONE})+")
_NAMED = ("name", "first_name", "last_name", "company", "city", "street", "address")


def note(*, scene: Scene, text: str, language: str) -> Miss | None:
    """Writes down that this was asked here and now; None if nothing is left of it without the personal parts.

    A question that was done with and is asked again is open again.
    """
    question = redacted(text, scene.known_by(_NAMED))
    if not words.words(question):
        return None
    language = words.base(language)
    digest = crypto.blind("miss", language, value=" ".join(sorted(set(words.words(question)))))
    miss = Miss(language=language, digest=digest, question=question)
    # One statement finds, opens and locks it: two may ask the same at once, and an erasure may take it meanwhile.
    Miss.objects.bulk_create(
        [miss],
        update_conflicts=True,
        unique_fields=["language", "digest"],
        update_fields=["resolved_at", "resolved_by"],
    )
    customer = scene.session.customer_id
    MissAsking.objects.create(miss=miss, customer_id=customer, channel=scene.session.kind, asked_at=scene.now)
    return miss


def redacted(text: str, names: Iterable[str] = ()) -> str:
    """The question without addresses, numbers of every kind, names that we know the customer by, or that they tell."""
    found = _IBAN.sub(GONE, _ADDRESS.sub(GONE, " ".join(text.split())[: 2 * LONGEST]))
    found = _INTRODUCED.sub(_introduced, _NUMBER.sub(GONE, found))
    known = {part for name in names for part in words.tokens(name) if len(part) > 2}
    if known:
        found = re.sub(r"[^\W\d_]+", lambda word: GONE if words.normal(word[0]) in known else word[0], found)
    return _NUMBERS.sub(GONE, found)[:LONGEST].strip()


def _introduced(found: re.Match[str]) -> str:
    """The introduction with the name left out: its first word, and those after it that look like more of it."""
    said = found["name"].split()
    first = words.normal(said[0])
    if not found["surely"] and (first in _NO_NAMES or (said[0].islower() and first.endswith("ing"))):
        return found[0]
    count = 1
    while count < len(said) and _goes_on(said[count - 1], said[count], is_sure=bool(found["surely"])):
        count += 1
    tail = said[count - 1][len(said[count - 1].rstrip(".")) :]
    return " ".join([found["said"], GONE + tail, *said[count:]])


def _goes_on(before: str, word: str, *, is_sure: bool) -> bool:
    if (before.endswith(".") and len(before) > 2) or words.normal(word) in _ENDS:
        return False
    return is_sure or word[0].isupper()


def backlog(*, is_resolved: bool = False) -> QuerySet[Any]:
    """The questions with `count`, `first`, `last` and `channel` (of the last time), the most frequent first."""
    newest = MissAsking.objects.filter(miss=OuterRef("pk")).order_by("-asked_at", "-pk").values("channel")[:1]
    rows = Miss.objects.filter(resolved_at__isnull=not is_resolved).filter(~Q(askings=None))
    told: dict[str, Any] = {"count": Count("askings"), "first": Min("askings__asked_at")}
    told |= {"last": Max("askings__asked_at"), "channel": Subquery(newest)}
    annotated: QuerySet[Any] = rows.annotate(**told)
    return annotated.order_by("-count", "-last", "-pk")


def resolve(misses: Iterable[Miss], *, by: Any = None) -> int:
    """An editor has dealt with these; returns how many."""
    ids = [miss.pk for miss in misses]
    return Miss.objects.filter(pk__in=ids, resolved_at=None).update(resolved_at=clock.now(), resolved_by=by)


def reopen(misses: Iterable[Miss]) -> int:
    """They were not dealt with after all; returns how many."""
    return Miss.objects.filter(pk__in=[miss.pk for miss in misses]).update(resolved_at=None, resolved_by=None)
