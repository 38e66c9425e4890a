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

from customers import attributes, audit, pages, pages_words
from customers.models import Attribute, Conflict, Observation

ABOUT_VALUES = ("value_disagrees", "tie", "two_verified")
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
    if found.status != Conflict.Status.OPEN:
        messages.warning(request, "Somebody has settled this already.")
    elif request.POST.get("choice") == "dismiss":
        found.status, found.resolved_by, found.resolution = Conflict.Status.RESOLVED, pages.actor(request), "dismissed"
        found.save(update_fields=["status", "resolved_by", "resolution"])
        audit.record(actor=pages.actor(request), action="conflict.dismissed", object_id=str(found.public_id))
        messages.success(request, "Closed as looked at.")
    else:
        _decide(request, found)
    return _back(request, found)


def rows(found: Sequence[Conflict]) -> list[dict[str, Any]]:
    """Conflicts with what is kept and what is offered. Three queries, however many."""
    numbers = {number for row in found for number in _numbers(row)}
    words = Observation.objects.in_bulk(numbers)
    roots = {row.customer.root_id for row in found}
    held = Attribute.objects.filter(root_id__in=roots, key__in={_key(row) for row in found})
    kept = {(row.root_id, row.key): row.observation for row in held.select_related("observation")}
    all_words = [*words.values(), *kept.values()]
    called = pages.names([word.verified_by for word in all_words] + [row.resolved_by for row in found])
    return [_row(row, words, kept.get((row.customer.root_id, _key(row))), called) for row in found]


def badge(request: HttpRequest) -> str | None:
    """How many wait, beside the link in the side bar."""
    return counted(Conflict.objects.open().values("pk")[:AMPLE].count())


def counted(number: int) -> str | None:
    """A badge's text: nothing for none, no more than 99+."""
    return f"{AMPLE - 1}+" if number >= AMPLE else str(number or "") or None


def _row(
    row: Conflict, words: dict[int, Observation], kept: Observation | None, called: dict[str, str]
) -> dict[str, Any]:
    is_value = row.kind in ABOUT_VALUES and ":" not in row.subject
    offered = [words[number] for number in _numbers(row) if number in words and (not kept or number != kept.pk)]
    return {
        "row": row,
        "kind": pages_words.CONFLICTS.get(row.kind, row.kind),
        "key": _key(row),
        "is_value": is_value,
        "kept": _said(kept, called) if is_value and kept else None,
        "offered": [_said(word, called) for word in offered] if is_value else [],
        "by": called[row.resolved_by],
    }


def _said(word: Observation, called: dict[str, str]) -> dict[str, Any]:
    who = f"verified by {called[word.verified_by]}" if word.verified_by else pages_words.source(word.source)
    return {"number": word.pk, "value": pages_words.value(word.value), "who": who, "at": word.effective_at}


def _decide(request: HttpRequest, found: Conflict) -> None:
    choice, own = request.POST.get("choice", ""), request.POST.get("own", "").strip()
    if found.kind not in ABOUT_VALUES or ":" in found.subject:
        messages.error(request, "This conflict is not about the value of an attribute.")
        return
    held = Attribute.objects.filter(root_id=found.customer.root_id, key=_key(found)).select_related("observation")
    kept = held.first()
    allowed = {*_numbers(found), *([kept.observation_id] if kept else [])}
    word = Observation.objects.get(pk=int(choice)) if choice.isdecimal() and int(choice) in allowed else None
    if word is None and not (choice == "own" and own):
        messages.error(request, "Choose one of the values, or type the one that is right.")
        return
    like = kept.observation.value if kept else None
    attributes.settle(
        conflict=found, value=word.value if word else pages_words.typed(own, like), by=pages.actor(request)
    )
    audit.record(actor=pages.actor(request), action="conflict.settled", object_id=str(found.public_id))
    messages.success(request, f"Settled: this {_key(found)} holds, whatever is said later.")


def _back(request: HttpRequest, found: Conflict) -> HttpResponse:
    """To the page the form was on."""
    wanted = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return redirect(wanted) if own else pages.to_person(found.customer)


def _key(row: Conflict) -> str:
    return row.subject.partition(":")[0]


def _numbers(row: Conflict) -> list[int]:
    """The observations among the candidates."""
    texts = [str(one).partition(":") for one in row.candidates]
    return [int(number) for head, _, number in texts if head == "observation" and number.isdigit()]
