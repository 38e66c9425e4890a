"""What does one person's page show, and what can be done there? Reveal, add a word of consent, settle, go on."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from common import clock
from common.problems import Problem
from customers import (
    audit,
    consent,
    dossier,
    editing,
    merging,
    naming,
    pages,
    pages_conflicts,
    pages_said,
    pages_suggestions,
    pages_words,
)
from customers.models import Consent, Customer, Identity, Link
from customers.previews import open_conflicts


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
    if not known or at is None:
        messages.error(request, "Say the purpose, the word, and when it was said.")
        return pages.to_person(root, "#consent")
    proof = {"note": given.get("evidence", "").strip()[: consent.LONGEST]}
    purpose, state, by = given["purpose"], given["state"], pages.actor(request)
    try:
        consent.say(identity=address, purpose=purpose, state=state, at=at, evidence=proof, by=by)
        messages.success(request, "The word is added; the newest one by its time holds.")
    except Problem as problem:
        messages.error(request, problem.detail or problem.title)
    return pages.to_person(root, "#consent")


@require_POST
def put_right(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A fact as a member of staff knows it; what changed meanwhile is said, and nothing overwritten unseen."""
    pages.needs(request, pages.VIEW, pages.CHANGE)
    root, given = pages.person(public_id).root, request.POST
    key, seen = given.get("key", ""), given.get("seen", "")
    if not seen.isdecimal():
        messages.error(request, "Say which attribute it is about.")
        return pages.to_person(root, "#facts")
    try:
        holds = editing.edit(
            customer=root,
            key=key,
            text=given.get("value", "").strip()[:500],
            by=pages.actor(request),
            seen=int(seen),
            is_verified=given.get("verified") == "on",
        )
        kept = "Noted. What is there was verified, so that somebody has to settle the two."
        messages.success(request, "Saved." if holds else kept)
    except Problem as problem:
        messages.error(request, problem.detail or problem.title)
    return pages.to_person(root, "#facts")


@require_safe
def timeline(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Everything said with the person, on every channel, page by page."""
    pages.needs(request, pages.VIEW, pages_said.MESSAGES)
    root = pages.person(public_id).root
    lines, following = pages_said.page(root, before=request.GET.get("before", ""))
    return pages.show(request, "timeline", "Timeline", root=root, lines=lines, following=following)


@require_POST
def undo(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Undoes one link of any age. Of a decision just made (`apart=0`), or an accepted suggestion, nothing is left."""
    pages.needs(request, pages.VIEW, pages.SPLIT)
    link = get_object_or_404(Link.objects.select_related("a__root"), public_id=link_id)
    if link.revoked_at is None:
        who = pages.actor(request)
        event = merging.split(
            links=[link],
            actor=who,
            request_id=f"undo:{link_id}",
            reason="undone in the admin",
            stay_apart=request.POST.get("apart") != "0" and not link.accepts_a_suggestion,
        )
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
    held = dossier.held(root)
    has_said, sees_consent = request.user.has_perm(pages_said.MESSAGES), request.user.has_perm(pages.SEE_CONSENT)
    lines, _ = pages_said.page(root, limit=10) if has_said else ((), "")
    conflicts = pages_conflicts.rows(open_conflicts(root))
    facts = dossier.facts(root, conflicts, reveals=is_whole)
    told = {one["key"]: one["value"] for one in facts}
    whole = {row.pk for row in held} if is_whole else ()
    return pages.show(
        request,
        "person",
        "Person",
        root=root,
        origin=origin,
        called=naming.called(naming.of_values(told), [row for row in held if row.valid_to is None]),
        members=members,
        identities=dossier.addresses(held, [one["row"] for one in conflicts], whole=whole),
        live=[row for row in held if row.valid_to is None],
        links=dossier.links(root),
        attributes=facts,
        addable=dossier.addable(facts),
        conflicts=[row for row in conflicts if not row["is_value"]],
        standing=dossier.standing([root.pk], whole=whole) if sees_consent else (),
        consents=dossier.ledger(held) if sees_consent else None,
        purposes=list(pages_words.PURPOSES.items()),
        states=[(state, pages_words.STATES[state]) for state in Consent.State.values],
        suggestions=pages_suggestions.of_person(root),
        lines=lines,
        has_said=has_said,
        merged=_just_merged(request, root),
        is_whole=is_whole,
    )


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
