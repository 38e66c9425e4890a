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
_NUMBERS = re.compile(rf"{GONE}(?:[\s,/-]+{GONE})+")
_NAMED = ("name", "first_name", "last_name", "company", "city", "street", "address")


def note(*, scene: Scene, text: str, language: str) -> Miss | None:
    """Writes down that this was asked here and now; None if nothing is left of it without the personal parts.

    A question that was done with and is asked again is open again.
    """
    question = redacted(text, [str(scene.attributes.get(key) or "") for key in _NAMED])
    if not words.words(question):
        return None
    language = words.base(language)
    digest = crypto.blind("miss", language, value=" ".join(sorted(set(words.words(question)))))
    miss = Miss(language=language, digest=digest, question=question)
    Miss.objects.bulk_create([miss], ignore_conflicts=True)  # two may ask the same at once
    known = Miss.objects.get(digest=digest, language=language)
    if known.resolved_at is not None:
        known.resolved_at = known.resolved_by = None
        known.save(update_fields=["resolved_at", "resolved_by"])
    customer = scene.session.customer_id
    MissAsking.objects.create(miss=known, customer_id=customer, channel=scene.session.kind, asked_at=scene.now)
    return known


def redacted(text: str, names: Iterable[str] = ()) -> str:
    """The question without addresses, numbers of every kind, and the names that we know the customer by."""
    found = _NUMBER.sub(GONE, _ADDRESS.sub(GONE, " ".join(text.split())[: 2 * LONGEST]))
    known = {part for name in names for part in words.tokens(name) if len(part) > 2}
    if known:
        found = re.sub(r"[^\W\d_]+", lambda word: GONE if words.normal(word[0]) in known else word[0], found)
    return _NUMBERS.sub(GONE, found)[:LONGEST].strip()


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
