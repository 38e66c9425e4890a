"""How does an administrator erase a person, or hand out what is held of them? What goes is shown; then a receipt."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from common.ids import uuid7
from customers import pages, pages_words, privacy, privacy_erasing, privacy_export, privacy_receipt
from customers.models import Customer, Erasure, Identity, Link
from customers.privacy import Linked, Person

LINKS_SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Names what would go and asks why; a POST erases. Of people who were joined, parting is offered first."""
    pages.needs(request, pages.VIEW, pages.ERASE)
    origin = pages.person(public_id)
    if origin.status == Customer.Status.ERASED:
        return _to_receipt(origin)
    if request.method != "POST":
        return _asked(request, origin)
    reason, typed = request.POST.get("reason", "").strip(), request.POST.get("confirm", "").strip().lower()
    if not reason or typed != "erase":
        return _asked(request, origin, trouble="Give the reason, and type “erase” to confirm.", status=400)
    try:
        done = privacy_erasing.erase(
            customer=origin,
            actor=pages.actor(request),
            reason=reason,
            request_id=f"admin:{request.user.pk}:{request.POST.get('once', '')[:36] or uuid7()}",
            whole_cluster=request.POST.get("whole_cluster") == "on",
        )
    except Linked:
        trouble = "Others are joined with this person. Part them first, or say that all of them are this one person."
        return _asked(request, origin, trouble=trouble, status=409)
    messages.success(request, "Nobody can reach this person any more. What was kept is being erased.")
    return redirect("admin:erasure", erasure_id=done.public_id)


@require_safe
def receipt(request: HttpRequest, erasure_id: UUID) -> HttpResponseBase:
    """What went, what is held elsewhere; `?download` gives it as a file."""
    pages.needs(request, pages.VIEW, pages.ERASE)
    work = get_object_or_404(Erasure, public_id=erasure_id)
    found = privacy_receipt.of(work)
    if "download" in request.GET:
        name = f"erasure-{work.public_id}.json"
        return JsonResponse(found, headers={"Content-Disposition": f'attachment; filename="{name}"'})
    called = pages.names([work.requested_by])
    return pages.show(request, "erase_receipt", "Erasure", work=work, receipt=found, by=called[work.requested_by])


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Says what is held of the person; a POST gives all of it as a zip, and it is written down who took it."""
    pages.needs(request, pages.VIEW, pages.EXPORT)
    origin = pages.person(public_id)
    if origin.status == Customer.Status.ERASED:
        return pages.show(request, "erased", "Erased customer", status=410, root=origin)
    if request.method != "POST":
        members, person = _members(origin.root)
        counts = sorted(privacy.counts(person).items())
        return pages.show(request, "export", "Export a person", root=origin.root, members=members, counts=counts)
    with_notes = request.POST.get("with_notes") == "on"
    pack = privacy_export.export(customer=origin, actor=pages.actor(request), with_notes=with_notes)
    return FileResponse(pack, as_attachment=True, filename=privacy_export.name_of(origin))


def _asked(request: HttpRequest, origin: Customer, *, trouble: str = "", status: int = 200) -> HttpResponse:
    root = origin.root
    members, person = _members(root)
    held = Identity.objects.of_cluster(root.pk).order_by("namespace", "pk")
    return pages.show(
        request,
        "erase",
        "Erase a person",
        status=status,
        root=root,
        members=members,
        parts=_parts(members, root),
        identities=pages_words.addresses(held),
        counts=sorted(privacy.counts(person).items()),
        held_elsewhere=privacy.held_elsewhere(person),
        once=uuid7(),
        trouble=trouble,
    )


def _members(root: Customer) -> tuple[list[Customer], Person]:
    """Who is this person, and as whose rows are what is held."""
    members = list(Customer.objects.cluster(root).order_by("first_seen_at", "pk"))
    return members, Person.of(member.pk for member in members)


def _parts(members: list[Customer], root: Customer) -> list[dict[str, Any]]:
    """What joins them, so that it can be undone before."""
    if len(members) < 2:
        return []
    rows = Link.objects.live().of_cluster(root.pk).select_related("a", "b").order_by("pk")
    return [{"row": row, "rule": pages_words.rule(row.rule)} for row in rows[:LINKS_SHOWN]]


def _to_receipt(origin: Customer) -> HttpResponse:
    found = privacy.erasure_of(origin)
    if found is None:
        return redirect("admin:person", public_id=origin.public_id)
    return redirect("admin:erasure", erasure_id=found.public_id)
