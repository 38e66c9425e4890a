"""What waits for a person to decide? The queue of disagreements, each with keep, use or edit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from common import clock
from common.problems import Problem
from customers import (
    attribute_showing,
    definitions,
    dossier,
    mapping_parked,
    mapping_words,
    naming,
    pages,
    pages_words,
    recycling,
    settling,
)
from customers.attribute_disputes import EXPIRED
from customers.models import Attribute, Conflict, Identity, Observation
from customers.settling import key_of

EXPIRED_WORDS = "It was verified too long ago, and a newer value has taken its place"
AMPLE = 100  # a badge counts no further


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Conflicts, the newest first, by kind and status."""
    pages.needs(request, pages.VIEW)
    asked = request.GET
    status = "resolved" if asked.get("status") == "resolved" else "open"
    found = Conflict.objects.filter(status=status).select_related("customer__root").order_by("-opened_at", "-pk")
    if asked.get("kind") in Conflict.Kind.values:
        found = found.filter(kind=asked["kind"])
    shown = Paginator(found, 25).get_page(asked.get("page"))
    return pages.show(
        request,
        "conflicts",
        "Conflicts",
        rows=rows(list(shown.object_list)),
        page=shown,
        kinds=[(kind, pages_words.CONFLICTS[kind]) for kind in Conflict.Kind.values],
        kind=asked.get("kind", ""),
        wanted=status,
    )


@require_POST
def settle(request: HttpRequest, conflict_id: UUID) -> HttpResponse:
    """Keep, use or edit: the value chosen holds, pinned, whatever is said later. Or nothing is to be done."""
    pages.needs(request, pages.VIEW, pages.CHANGE)
    found = get_object_or_404(Conflict.objects.select_related("customer__root"), public_id=conflict_id)
    given = request.POST
    try:
        choice, own = given.get("choice", ""), given.get("own", "")
        messages.success(request, settling.settle(conflict=found, choice=choice, own=own, by=pages.actor(request)))
    except Problem as problem:
        messages.error(request, problem.detail or problem.title)
    return _back(request, found)


def rows(found: Sequence[Conflict]) -> list[dict[str, Any]]:
    """Conflicts with what is kept and what is offered. Six queries, however many; one more for rows of files."""
    numbers = {number for row in found for number in settling.candidates(row)}
    words = Observation.objects.in_bulk(numbers)
    roots = {row.customer.root_id for row in found}
    held = Attribute.objects.filter(root_id__in=roots, key__in={key_of(row) for row in found})
    kept = {(row.root_id, row.key): row.observation for row in held.select_related("observation")}
    parked, suspected = mapping_parked.shown(found), _suspected(found)
    said = [*words.values(), *kept.values()]
    called = dossier.names(
        [word.verified_by for word in said] + [word.source for word in said] + [row.resolved_by for row in found]
    )
    people = naming.names(roots)
    return [
        {
            **_row(row, words, kept.get((row.customer.root_id, key_of(row))), called),
            "person": people[row.customer.root_id],
            "parked": parked.get(row.pk, []),
            "addresses": suspected.get(row.pk, []),
        }
        for row in found
    ]


def badge(request: HttpRequest) -> str | None:
    """How many wait, beside the link in the side bar."""
    return counted(Conflict.objects.open().values("pk")[:AMPLE].count())


def counted(number: int) -> str | None:
    """A badge's text: nothing for none, no more than 99+."""
    return f"{AMPLE - 1}+" if number >= AMPLE else str(number or "") or None


def _row(
    row: Conflict, words: dict[int, Observation], kept: Observation | None, called: dict[str, str]
) -> dict[str, Any]:
    is_value = settling.is_about_value(row)
    offered = [words[one] for one in settling.candidates(row) if one in words and (not kept or one != kept.pk)]
    key = key_of(row)
    return {
        "row": row,
        "kind": EXPIRED_WORDS if row.subject.endswith(EXPIRED) else pages_words.CONFLICTS.get(row.kind, row.kind),
        "key": key,
        "key_said": _about(row, key, is_value),
        "why": _why(row),
        "is_value": is_value,
        "verbs": [(choice, pages_words.VERBS[choice]) for choice in settling.VERBS.get(row.kind, {})],
        "kept": _said(kept, called) if is_value and kept else None,
        "offered": [_said(word, called) for word in offered] if is_value else [],
        "by": called[row.resolved_by],
    }


def _about(row: Conflict, key: str, is_value: bool) -> str:
    if row.kind == Conflict.Kind.CSV_ROW:
        return "Import"
    return dossier.label(key) if is_value else pages_words.kind(key)


def _why(row: Conflict) -> str:
    """Why a row was left out, or what makes us think that an address changed hands."""
    if row.kind == Conflict.Kind.CSV_ROW:
        return mapping_words.explained(row.subject)
    if row.kind == Conflict.Kind.SUSPECTED_RECYCLE:
        return "; ".join(dict.fromkeys(pages_words.SIGNS.get(one, one) for one in recycling.signs(row)))
    return ""


def _suspected(found: Sequence[Conflict]) -> dict[int, list[str]]:
    """The masked addresses that may have a new owner, by conflict. One query, if there are any."""
    ids = {row.pk: recycling.addresses(row) for row in found if row.kind == Conflict.Kind.SUSPECTED_RECYCLE}
    wanted = {one for held in ids.values() for one in held}
    rows = {str(row.public_id): row for row in Identity.objects.filter(public_id__in=wanted)} if wanted else {}
    return {
        pk: [pages_words.address(rows[one]) for one in dict.fromkeys(held) if one in rows] for pk, held in ids.items()
    }


def _said(word: Observation, called: dict[str, str]) -> dict[str, Any]:
    by = dossier.verified_by(word, called)
    at, who = word.effective_at, f"verified by {by}" if by else dossier.told_by(word, called)
    when = dossier.undated(word) or pages_words.day(at, clock.now())
    return {"number": word.pk, "value": _plain(word), "who": who, "at": at, "when": when}


def _plain(word: Observation) -> str:
    """As people may see it here: what is personal is masked."""
    return attribute_showing.said(definitions.of(word.key), word.value, reveals=False)


def _back(request: HttpRequest, found: Conflict) -> HttpResponse:
    """To the page the form was on."""
    wanted = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return redirect(wanted) if own else pages.to_person(found.customer)
