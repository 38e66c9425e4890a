"""What do the pages about people share in the back office? Who may, who is meant, and the frame around a page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from customers.dossier import names
from customers.models import Customer

__all__ = ["actor", "names", "needs", "person", "rights", "show", "to_person"]

VIEW, CHANGE = "customers.view_customer", "customers.change_customer"
MERGE, SPLIT, FORCE = "customers.merge_customer", "customers.undo_link", "customers.force_merge"
REVEAL, SEE_CONSENT, ADD_CONSENT = "customers.reveal_identity", "customers.view_consent", "customers.add_consent"
PROPOSE = "customers.add_matchsuggestion"
ERASE, EXPORT = "customers.erase_customer", "customers.export_customer"
RIGHTS = {
    "propose": PROPOSE,
    "erase": ERASE,
    "export": EXPORT,
    "change": CHANGE,
    "merge": MERGE,
    "split": SPLIT,
    "force": FORCE,
    "reveal": REVEAL,
    "consent": ADD_CONSENT,
}


def needs(request: HttpRequest, *permissions: str) -> None:
    """`PermissionDenied` (403) unless the member of staff has all of these."""
    if not request.user.has_perms(permissions):
        raise PermissionDenied


def rights(request: HttpRequest) -> dict[str, bool]:
    """Which buttons a page shows; what a button leads to asks again."""
    return {name: request.user.has_perm(permission) for name, permission in RIGHTS.items()}


def actor(request: HttpRequest) -> str:
    """Who the ledgers name."""
    return f"user:{request.user.pk}"


def person(public_id: UUID) -> Customer:
    """The origin with this id, its root loaded; 404 if there never was one."""
    return get_object_or_404(Customer.objects.select_related("root"), public_id=public_id)


def show(request: HttpRequest, name: str, title: str, status: int = 200, **context: Any) -> HttpResponse:
    """A page of the back office, from `templates/backoffice/<name>.html`."""
    frame = {**admin.site.each_context(request), "title": title, "may": rights(request)}
    return render(request, f"backoffice/{name}.html", {**frame, **context}, status=status)


def to_person(customer: Customer, anchor: str = "") -> HttpResponse:
    """After something was done: the person's page."""
    where = redirect("admin:person", public_id=customer.public_id)
    where["Location"] += anchor
    return where
