"""What does one person's page show, and what can be done there? Reveal, add a word of consent, settle, go on."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from common import clock
from customers import audit, consent, merging, pages, pages_conflicts, pages_said, pages_suggestions, pages_words
from customers.models import Consent, Customer, Identity, Link, Observation
from customers.previews import open_conflicts

HISTORY = 200  # words on all attributes that the page looks back
Rows = list[dict[str, Any]]


@require_safe
def page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The person, by any id they ever had."""
    pages.needs(request, pages.VIEW)
    return _page(request, pages.person(public_id))


@require_POST
def reveal(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The same page with the addresses whole; a POST, for it is written down who saw them."""
    pages.needs(request, pages.VIEW, pages.REVEAL)
    origin = pages.person(public_id)
    audit.record(actor=pages.actor(request), action="identity.reveal", object_id=str(origin.root.public_id))
    return _page(request, origin, is_whole=True)


@require_POST
def add_consent(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One more word on a purpose at an address, with how we know."""
    pages.needs(request, pages.VIEW, pages.ADD_CONSENT)
    root, given = pages.person(public_id).root, request.POST
    address = get_object_or_404(Identity.objects.live().of_cluster(root.pk), public_id=_uuid(given.get("address")))
    at = _moment(given.get("at", ""))
    known = given.get("purpose") in Consent.Purpose.values and given.get("state") in Consent.State.values
    if not known or at is None or at > clock.now() or not given.get("evidence", "").strip():
        messages.error(request, "Say the purpose, the word, and how we know it; the time may not be in the future.")
        return pages.to_person(root, "#consent")
    proof = {"note": given["evidence"].strip()[:300], "actor": pages.actor(request)}
    consent.record(identity=address, purpose=given["purpose"], state=given["state"], occurred_at=at, evidence=proof)
    audit.record(actor=pages.actor(request), action="consent.record", object_id=str(address.public_id))
    messages.success(request, "The word is added; the newest one by its time holds.")
    return pages.to_person(root, "#consent")


@require_safe
def timeline(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Everything said with the person, on every channel, page by page."""
    pages.needs(request, pages.VIEW, pages_said.MESSAGES)
    root = pages.person(public_id).root
    lines, following = pages_said.page(root, before=request.GET.get("before", ""))
    return pages.show(request, "timeline", "Timeline", root=root, lines=lines, following=following)


@require_POST
def undo(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Undoes one link of any age."""
    pages.needs(request, pages.VIEW, pages.SPLIT)
    link = get_object_or_404(Link.objects.select_related("a__root"), public_id=link_id)
    if link.revoked_at is None:
        who = pages.actor(request)
        event = merging.split(links=[link], actor=who, request_id=f"undo:{link_id}", reason="undone in the admin")
        audit.record(actor=who, action="customer.split", object_id=str(link.public_id))
        still = "Other links still join them." if len(event.root_after) == 1 else "They are two customers again."
        messages.success(request, f"The link is undone. {still}")
    else:
        messages.warning(request, "This link was undone already.")
    return redirect("admin:person", public_id=link.a.public_id)


def _page(request: HttpRequest, origin: Customer, *, is_whole: bool = False) -> HttpResponse:
    root = origin.root
    if Customer.Status.ERASED in (root.status, origin.status):
        return pages.show(request, "erased", "Erased customer", status=410, root=root)
    members = list(Customer.objects.cluster(root).order_by("first_seen_at", "pk"))
    held = list(Identity.objects.of_cluster(root.pk).order_by("valid_to", "namespace", "pk"))
    has_said, sees_consent = request.user.has_perm(pages_said.MESSAGES), request.user.has_perm(pages.SEE_CONSENT)
    lines, _ = pages_said.page(root, limit=10) if has_said else ((), "")
    conflicts = pages_conflicts.rows(open_conflicts(root))
    return pages.show(
        request,
        "person",
        "Person",
        root=root,
        origin=origin,
        members=members,
        identities=pages_words.addresses(held, is_whole=is_whole),
        live=[row for row in held if row.valid_to is None],
        links=_links(root),
        attributes=_attributes(root, conflicts),
        conflicts=[row for row in conflicts if not row["is_value"]],
        consents=_consents(held) if sees_consent else None,
        purposes=Consent.Purpose.choices,
        states=Consent.State.choices,
        suggestions=pages_suggestions.of_person(root),
        lines=lines,
        has_said=has_said,
        merged=_just_merged(request, root),
        is_whole=is_whole,
    )


def _links(root: Customer) -> Rows:
    rows = list(Link.objects.of_cluster(root.pk).select_related("a", "b").order_by("-decided_at", "-pk")[:100])
    called = pages.names([row.decided_by for row in rows] + [row.revoked_by for row in rows])
    return [
        {
            "row": row,
            "rule": pages_words.rule(row.rule),
            "evidence": pages_words.evidence(row.evidence),
            "by": called[row.decided_by],
            "undone_by": called[row.revoked_by],
        }
        for row in rows
    ]


def _attributes(root: Customer, conflicts: Rows) -> Rows:
    """What holds, the words before it, and what waits to be settled; by key."""
    said: dict[str, list[Observation]] = defaultdict(list)
    words = Observation.objects.filter(customer__root_id=root.pk).order_by("-effective_at", "-pk")[:HISTORY]
    for word in words:
        said[word.key].append(word)
    held = list(root.attributes.select_related("observation").order_by("key"))
    called = pages.names([word.verified_by for word in words] + [row.observation.verified_by for row in held])
    open_ones = {row["key"]: row for row in conflicts if row["is_value"]}
    return [
        {
            "key": row.key,
            "word": _word(row.observation, called),
            "history": [_word(word, called) for word in said[row.key]],
            "conflict": open_ones.get(row.key),
            "has_conflict": row.has_conflict,
        }
        for row in held
    ]


def _word(word: Observation, called: dict[str, str]) -> dict[str, Any]:
    return {
        "row": word,
        "value": pages_words.value(word.value),
        "source": pages_words.source(word.source),
        "by": called[word.verified_by],
    }


def _consents(held: list[Identity]) -> Rows:
    homes = {row.pk: row for row in held}
    rows = list(Consent.objects.filter(identity_id__in=homes).order_by("-occurred_at", "-pk")[:100])
    called = pages.names(str(row.evidence.get("actor", "")) for row in rows)
    return [
        {
            "row": row,
            "address": pages_words.address(homes[row.identity_id]),
            "kind": pages_words.kind(homes[row.identity_id].namespace),
            "evidence": pages_words.evidence(row.evidence),
            "by": called[str(row.evidence.get("actor", ""))],
        }
        for row in rows
    ]


def _just_merged(request: HttpRequest, root: Customer) -> Link | None:
    """The link of the merge that led here, while it can be undone."""
    wanted = _uuid(request.GET.get("merged"))
    return Link.objects.live().of_cluster(root.pk).filter(public_id=wanted).first() if wanted else None


def _moment(text: str) -> datetime | None:
    """When somebody said it, in UTC; now if nothing is given, None if it is no time."""
    try:
        at = parse_datetime(text) if text else clock.now()
    except ValueError:
        return None
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
