"""How does a person join two customers? Side by side, a choice per field, what forbids it, and what would follow."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from common.ids import uuid7
from common.problems import Problem
from customers import (
    attribute_showing,
    audit,
    definitions,
    dossier,
    finding,
    merging,
    naming,
    pages,
    pages_suggestions,
    pages_words,
    previews,
    suggestions,
)
from customers.models import Customer
from customers.previews import Field, Preview, Side

SALT = "merge-seen"
SIDES = ("left", "right")


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Picks the other customer (`with`), shows both, joins them on a POST as they were shown.

    Who may only propose sees the same, and leaves the deciding to others.
    """
    joins = "stamp" in request.POST
    pages.needs(request, pages.VIEW, *([pages.MERGE] if joins or not request.user.has_perm(pages.PROPOSE) else []))
    left = pages.person(public_id)
    asked = (request.POST if request.method == "POST" else request.GET).get("with", "").strip()
    found = _others(request, left, asked) if asked else []
    if len(found) != 1:
        return _pick(request, left, asked, found)
    if request.method != "POST":
        return _shown(request, left, found[0])
    if joins:
        return _join(request, left, found[0])
    return redirect(f"{request.path}?with={found[0].public_id}")


@require_POST
def together(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Takes back that the two are two people, with a reason; whether they are one is asked again."""
    pages.needs(request, pages.VIEW, pages.MERGE)
    left, reason = pages.person(public_id).root, request.POST.get("reason", "").strip()[:200]
    try:
        right = pages.person(UUID(request.POST.get("with", ""))).root
    except ValueError as error:
        raise Http404 from error
    if reason:
        suggestions.withdraw(one=left, other=right, by=pages.actor(request), reason=reason)
        messages.success(request, "Nobody says any more that they are two people.")
    else:
        messages.error(request, "Taking it back takes a reason.")
    return redirect(f"{reverse('admin:person-merge', args=[left.public_id])}?with={right.public_id}")


@require_POST
def propose(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """These two may be one person: it stands in the queue with who says so and why."""
    pages.needs(request, pages.VIEW, pages.PROPOSE)
    left, by = pages.person(public_id), pages.actor(request)
    try:
        other = pages.person(UUID(request.POST.get("with", "")))
        suggestions.propose(one=left, other=other, by=by, note=request.POST.get("note", ""))
    except ValueError as error:
        raise Http404 from error
    except Problem as problem:
        messages.error(request, pages_words.BLOCKED.get(problem.code, problem.title))
    else:
        audit.record(actor=by, action="suggestion.propose", object_id=str(left.root.public_id))
        messages.success(request, "Proposed. Somebody who may join customers decides.")
    return pages.to_person(left.root)


def _others(request: HttpRequest, left: Customer, asked: str) -> list[Customer]:
    """Whom the text means: a public id, else a whole identifier, words of a name or the last 8 digits of a phone.

    Those only in a POST, for addresses of requests are logged; the search is written into the audit trail.
    """
    others = Customer.objects.select_related("root").exclude(root_id=left.root_id)
    try:
        return list(others.filter(public_id=UUID(asked)))
    except ValueError:
        if request.method != "POST":
            return []
        meant = Customer.objects.roots().kept().filter(finding.people(asked)).exclude(pk=left.root_id)
        found = list(meant.select_related("root")[:20])
        audit.record(actor=pages.actor(request), action="customers.search", rows=len(found))
        return found


def _pick(request: HttpRequest, left: Customer, asked: str, found: list[Customer]) -> HttpResponse:
    suggested = pages_suggestions.of_person(left.root)
    pairs = [(row, row["right"] if row["left"]["root"].pk == left.root_id else row["left"]) for row in suggested]
    cards = naming.cards([one.root_id for one in found])
    others = [(one, cards[one.root_id].line) for one in found]
    return pages.show(request, "merge_pick", "Merge with", root=left.root, asked=asked, found=others, pairs=pairs)


def _join(request: HttpRequest, left: Customer, right: Customer) -> HttpResponse:
    seen, given = previews.preview(left, right), request.POST
    is_forced, reason = given.get("force") == "on", given.get("reason", "").strip()
    if is_forced:
        pages.needs(request, pages.FORCE)
        if not reason:
            return _shown(request, left, right, trouble="Overriding what forbids it takes a reason.", status=400)
    choices, kept, unclear = _choices(seen.fields, given)
    if unclear:
        trouble = f"For {unclear}, either type an own value and choose it, or leave it empty."
        return _shown(request, left, right, trouble=trouble, status=400)
    try:
        done = previews.decide(
            a=left,
            b=right,
            expected=given.get("stamp") or "none",
            choices=choices,
            kept=kept,
            actor=pages.actor(request),
            request_id=f"admin:{request.user.pk}:{given.get('once', '')[:36] or uuid7()}",
            reason=reason,
            is_forced=is_forced,
            evidence={"reasons": why} if (why := _reasons(seen)) else None,
        )
    except merging.StalePreview:
        return _shown(request, left, right, changed=_difference(given.get("seen", ""), seen), status=409)
    except Problem as problem:
        trouble = pages_words.BLOCKED.get(problem.code, problem.title)
        return _shown(request, left, right, trouble=trouble, status=problem.status)
    messages.success(request, "They are one person now.")
    where = reverse("admin:person", args=[done.root.public_id])
    return redirect(f"{where}?merged={done.link.public_id}" if done.link else where)


def _choices(fields: Any, given: Any) -> tuple[dict[str, Any], list[str], str]:
    """The values chosen against what would hold by itself, the keys where that was left, the field that is unclear."""
    found: dict[str, Any] = {}
    kept: list[str] = []
    for number, field in enumerate(fields):
        pick, own = given.get(f"pick-{number}", ""), given.get(f"own-{number}", "").strip()
        if (pick == "own") != bool(own):
            return {}, [], field.key
        if pick == "own":
            found[field.key] = pages_words.typed(own, (field.left or field.right).value)
        elif pick in SIDES and pick != field.kept and field.kept != "both" and getattr(field, pick):
            found[field.key] = getattr(field, pick).value
        elif pick in SIDES and pick == field.kept:
            kept.append(field.key)
    return found, kept, ""


def _shown(
    request: HttpRequest,
    left: Customer,
    right: Customer,
    *,
    status: int = 200,
    trouble: str = "",
    changed: list[str] | None = None,
) -> HttpResponse:
    seen = previews.preview(left, right)
    may_join, may_force = request.user.has_perm(pages.MERGE), request.user.has_perm(pages.FORCE)
    is_hopeless = any(code not in pages_words.OVERRIDABLE for code in seen.blocked)
    return pages.show(
        request,
        "merge",
        "Merge two customers",
        status=status,
        left=_side(seen.left, seen),
        right=_side(seen.right, seen),
        fields=_fields(seen),
        consent=dossier.standing([seen.left.customer.pk, seen.right.customer.pk]),
        reasons=_reasons(seen),
        blocked=[pages_words.BLOCKED[code] for code in seen.blocked],
        total={name: seen.left.counts[name] + seen.right.counts[name] for name in seen.left.counts},
        is_suppressed=seen.is_suppressed,
        can_join=may_join and not is_hopeless and (not seen.blocked or may_force),
        can_propose=not may_join and not is_hopeless and "distinct_pair" not in seen.blocked,
        is_hopeless=is_hopeless,
        is_apart="distinct_pair" in seen.blocked,
        stamp=seen.stamp,
        seen=signing.dumps(_snapshot(seen), salt=SALT, compress=True),
        once=uuid7(),
        trouble=trouble,
        changed=changed,
    )


def _side(side: Side, seen: Preview) -> dict[str, Any]:
    said = {key: _shown_value(key, word.value) for key, word in _words(seen, side).items() if word}
    return {
        "root": side.customer,
        "name": naming.called(naming.of_values(said), side.identities),
        "identities": pages_words.addresses(side.identities),
        "counts": side.counts,
        "survives": side.customer.pk == seen.survivor.pk,
    }


def _words(seen: Preview, side: Side) -> dict[str, Any]:
    which = "left" if side is seen.left else "right"
    return {field.key: getattr(field, which) for field in seen.fields if field.key in naming.KEYS}


def _fields(seen: Preview) -> list[dict[str, Any]]:
    words = [word for field in seen.fields for word in (field.left, field.right) if word]
    called = pages.names(word.verified_by for word in words)
    return [
        {
            "number": number,
            "key": field.key,
            "label": dossier.label(field.key),
            "kept": "left" if field.kept == "both" else field.kept,
            "agrees": field.kept == "both",
            "sides": [(which, _said(field, which, called)) for which in SIDES],
        }
        for number, field in enumerate(seen.fields)
    ]


def _said(field: Field, which: str, called: dict[str, str]) -> dict[str, Any] | None:
    word = getattr(field, which)
    if word is None:
        return None
    by = pages_words.source(word.source)
    if word.verified_by:
        by = f"{'verified' if word.source == 'agent_verified' else 'typed'} by {called[word.verified_by]}"
    return {
        "value": _shown_value(field.key, word.value),
        "by": by,
        "at": word.at,
        "is_dated": dossier.is_dated(word.at),
    }


def _shown_value(key: str, value: Any) -> str:
    """As people may see it here: what is personal is masked, and stays so in what the form carries."""
    return attribute_showing.said(definitions.of(key), value, reveals=False)


def _reasons(seen: Preview) -> list[str]:
    """Why these two, in words, if anybody or anything has suggested it."""
    roots = {seen.left.customer.pk, seen.right.customer.pk}
    found = pages_suggestions.of_person(seen.left.customer)
    return next((row["reasons"] for row in found if {row["left"]["root"].pk, row["right"]["root"].pk} == roots), [])


def _snapshot(seen: Preview) -> dict[str, str]:
    """What somebody looks at, as name -> words, so that a change of it can be said."""
    found = {}
    for which, side in zip(SIDES, (seen.left, seen.right), strict=True):
        for row in side.identities:
            what = f"{pages_words.kind(row.namespace)} {pages_words.address(row)}"
            found[f"{which}: {what} ({str(row.public_id)[-4:]})"] = f"{row.get_proof_display()}"
        found[f"{which}: status"] = side.customer.status
        for field in seen.fields:
            if word := getattr(field, which):
                found[f"{which}: {field.key}"] = (
                    f"{_shown_value(field.key, word.value)} ({pages_words.source(word.source)})"
                )
    return found


def _difference(token: str, now: Preview) -> list[str]:
    """What is different from what was shown, in sentences."""
    try:
        before: dict[str, str] = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return []
    after = _snapshot(now)
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return [f"{name}: was {before.get(name, 'nothing')}, is {after.get(name, 'nothing')}" for name in names]
