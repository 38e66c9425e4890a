"""Who may be one person? The queue of suggestions, with reasons in words; accept, reject or wait, by keyboard too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common import clock
from common.ids import uuid7
from common.problems import Problem
from customers import attribute_showing, audit, definitions, dossier, naming, pages, pages_words, suggestions
from customers.models import Attribute, Customer, Identity, Link, MatchSuggestion
from customers.pages_conflicts import AMPLE, counted

SHOWN = (*naming.KEYS, "city", "company")  # what tells people apart at a glance


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Pairs that wait, the likeliest first."""
    pages.needs(request, pages.VIEW)
    found = MatchSuggestion.objects.shown().select_related("a__root", "b__root").order_by("-score", "-id")
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    return pages.show(
        request, "suggestions", "Suggestions", rows=rows(list(page.object_list)), page=page, **_done(request)
    )


@require_POST
def decide(request: HttpRequest, suggestion_id: UUID, verb: str) -> HttpResponse:
    """Accept joins the two, reject says for good that they are two, snooze asks again in a week."""
    pages.needs(request, pages.VIEW, *([] if verb == "snooze" else [pages.MERGE]))
    found = get_object_or_404(MatchSuggestion.objects.select_related("a__root", "b__root"), public_id=suggestion_id)
    try:
        if verb == "reopen":
            suggestions.reopen(suggestion=found, actor=pages.actor(request))
            return _next()
        if verb == "accept":
            return _accept(request, found)
        if verb == "reject":
            _reject(request, found)
            return _next(apart=found.public_id)
        else:
            suggestions.snooze(suggestion=found, actor=pages.actor(request))
            messages.success(request, "Asked again in a week.")
    except Problem as problem:
        messages.error(request, pages_words.BLOCKED.get(problem.code, problem.title))
    return redirect("admin:suggestions")


@require_POST
def reject_many(request: HttpRequest) -> HttpResponse:
    """Says of every pair ticked that they are two people."""
    pages.needs(request, pages.VIEW, pages.MERGE)
    wanted = [text for text in request.POST.getlist("pair")[:100] if _is_uuid(text)]
    found = list(MatchSuggestion.objects.shown().filter(public_id__in=wanted))
    said = 0
    for suggestion in found:
        with suppress(suggestions.Decided):
            _reject(request, suggestion)
            said += 1
    messages.success(request, f"{said} of {len(wanted)} pairs marked as two people.")
    return redirect("admin:suggestions")


def _done(request: HttpRequest) -> dict[str, Any]:
    """What was decided just now, while it can be undone."""
    joined, apart = request.GET.get("joined", ""), request.GET.get("apart", "")
    links, rejected = Link.objects.live().select_related("a__root"), MatchSuggestion.objects.filter(status="rejected")
    return {
        "joined": links.filter(public_id=joined).first() if _is_uuid(joined) else None,
        "apart": rejected.filter(public_id=apart).first() if _is_uuid(apart) else None,
    }


def of_person(root: Customer) -> list[dict[str, Any]]:
    """What is suggested of this person."""
    return rows(suggestions.of(root))


def rows(found: Sequence[MatchSuggestion]) -> list[dict[str, Any]]:
    """Suggestions with reasons and both sides. Three queries, however many."""
    sides = sides_of({side.root_id for row in found for side in (row.a, row.b)})
    called = dossier.names(row.proposed_by for row in found)
    return [
        {
            "row": row,
            "proposer": called[row.proposed_by],
            "percent": round(row.score * 100),
            "reasons": _reasons(row, sides),
            "left": {"root": row.a.root, **sides[row.a.root_id]},
            "right": {"root": row.b.root, **sides[row.b.root_id]},
        }
        for row in found
    ]


def badge(request: HttpRequest) -> str | None:
    """How many wait, beside the link in the side bar."""
    return counted(MatchSuggestion.objects.shown().values("pk")[:AMPLE].count())


def sides_of(roots: Iterable[int]) -> dict[int, dict[str, Any]]:
    """What tells people apart at a glance, by root: name, city, company, masked addresses. Two queries."""
    wanted = list(roots)
    found: dict[int, dict[str, Any]] = defaultdict(lambda: {"said": {}, "facts": [], "addresses": [], "held": []})
    held = Attribute.objects.filter(root_id__in=wanted, key__in=SHOWN, observation__is_clear=False)
    for row in held.select_related("observation").order_by("root_id", "key"):
        said = attribute_showing.said(definitions.of(row.key), row.observation.value, reveals=False)
        if row.key in naming.KEYS:
            found[row.root_id]["said"][row.key] = said
        else:
            found[row.root_id]["facts"].append((row.key, said))
    live = Identity.objects.live().filter(customer__root_id__in=wanted).select_related("customer")
    for one in live.order_by("namespace", "pk"):
        found[one.customer.root_id]["addresses"] += pages_words.addresses([one])
        found[one.customer.root_id]["held"].append(one)
    for side in found.values():
        side["name"] = naming.called(naming.of_values(side["said"]), side["held"])
    return {root: {"name": naming.NOBODY, **found[root]} for root in wanted}


def _reasons(row: MatchSuggestion, sides: Mapping[int, dict[str, Any]]) -> list[str]:
    """The evidence in words; of an address that both have also how well it is proven on either side."""
    left, right = sides[row.a.root_id]["held"], sides[row.b.root_id]["held"]
    said = zip(suggestions.rules(row), suggestions.evidence(row), strict=True)
    return [words + (_proofs(left, right) if rule == "exact" else "") for rule, words in said]


def _proofs(left: Sequence[Identity], right: Sequence[Identity]) -> str:
    now = clock.now()
    by_key = {(one.namespace, one.scope, one.key): one for one in left}
    for other in right:
        one = by_key.get((other.namespace, other.scope, other.key))
        if one is not None:
            better, worse = sorted((one, other), key=lambda each: each.proof in pages_words.UNPROVEN)
            best, other_said = (pages_words.proof(each, now)[1] for each in (better, worse))
            if best == other_said:
                return f", {best}"
            return _(", %(best)s on one side, %(other)s on the other") % {"best": best, "other": other_said}
    return ""


def _accept(request: HttpRequest, found: MatchSuggestion) -> HttpResponse:
    # A pair that was parted and is suggested again must not be answered with the first merge.
    who, request_id = pages.actor(request), f"suggestion:{uuid7()}"
    done = suggestions.accept(suggestion=found, actor=who, request_id=request_id)
    audit.record(actor=who, action="customer.merge", object_id=str(done.root.public_id), request_id=request_id)
    return _next(joined=done.link.public_id) if done.link else _next()


def _next(**done: UUID) -> HttpResponse:
    """Back to the queue, the next pair in hand; it says what was just done, and offers to undo it."""
    asked = "&".join(f"{name}={public_id}" for name, public_id in done.items())
    return redirect(f"{reverse('admin:suggestions')}?{asked}#next")


def _reject(request: HttpRequest, found: MatchSuggestion) -> None:
    who = pages.actor(request)
    suggestions.reject(suggestion=found, actor=who, reason="rejected in the admin")
    audit.record(actor=who, action="suggestion.reject", object_id=str(found.public_id))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
