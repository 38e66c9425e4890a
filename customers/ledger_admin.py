"""What does the admin show of links between customers? Who joined whom, with undo at any age; consent, and codes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html_join
from unfold.decorators import action

from common.admin import Ledger, asks
from common.ids import uuid7
from customers import audit, dossier, merging
from customers.models import Challenge, Consent, Customer, Distinct, Erasure, Link, MergeEvent


@admin.register(Link)
class LinkPage(Ledger):
    """Every link ever made; undoing one leaves everything as if it had never been, whatever came after it."""

    list_display = ("public_id", "a", "b", "kind", "rule", "decided_by", "decided_at", "revoked_at")
    list_filter = ("kind", "rule", "revoked_at")
    list_select_related = ("a", "b")
    ordering = ("-id",)
    actions_detail = ("undo",)

    def has_undo_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("customers.undo_link")

    @action(
        description="Undo this link",
        permissions=["undo"],
        dialog=asks(
            "Part the two?", "Each gets back what was theirs, and no rule joins these two again.", "Undo the link"
        ),
    )
    def undo(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        link = Link.objects.get(pk=object_id)
        if link.revoked_at is not None:
            messages.warning(request, "This link was undone already.")
            return self.back(object_id)
        actor = f"user:{request.user.pk}"
        event = merging.split(links=[link], actor=actor, request_id=f"undo:{uuid7()}", reason="undone in the admin")
        audit.record(actor=actor, action="customer.split", object_id=str(link.public_id))
        parts = len(event.root_after)
        still = "Other links still join them." if parts == 1 else "They are two customers again."
        messages.success(request, f"The link is undone. {still}")
        return self.back(object_id)


@admin.register(MergeEvent)
class MergeEventPage(Ledger):
    """What merges and splits did, in their order."""

    list_display = ("at", "kind", "before", "after", "by", "reason", "version")
    list_filter = ("kind",)
    ordering = ("-id",)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Who they were and who decided it, read once for the whole page."""
        found = super().get_changelist_instance(request)
        rows = list(found.result_list)
        ids = {pk for row in rows for pk in (*row.root_before, *row.root_after)}
        people = dict(Customer.objects.filter(pk__in=ids).values_list("pk", "public_id"))
        called = dossier.names(row.actor for row in rows)
        for row in rows:
            row.people, row.called = people, called[row.actor]
        found.result_list = rows
        return found

    @admin.display(description="root before")
    def before(self, row: Any) -> str:
        return _people(row, row.root_before)

    @admin.display(description="root after")
    def after(self, row: Any) -> str:
        return _people(row, row.root_after)

    @admin.display(description="actor")
    def by(self, row: Any) -> str:
        return str(row.called)


def _people(row: Any, ids: Iterable[int]) -> str:
    """Each leads to their page; who is no row any more is left out."""
    found = [row.people[pk] for pk in ids if pk in row.people]
    links = [(reverse("admin:person", args=[public_id]), public_id) for public_id in found]
    return format_html_join(", ", '<a href="{}">{}</a>', links) or "-"


@admin.register(Distinct)
class DistinctPage(Ledger):
    """Whom nobody may join by a rule."""

    list_display = ("a", "b", "by", "reason", "at")
    list_select_related = ("a", "b")
    ordering = ("-id",)


@admin.register(Consent)
class ConsentPage(Ledger):
    """What was allowed and withdrawn, at which address, and how we know."""

    list_display = ("public_id", "identity", "purpose", "state", "occurred_at", "recorded_at")
    list_filter = ("purpose", "state")
    list_select_related = ("identity",)
    ordering = ("-id",)


@admin.register(Erasure)
class ErasurePage(Ledger):
    """Who was erased: ids of blank rows, when, and how many rows went. The receipt is a page of its own."""

    list_display = ("public_id", "state", "cause", "erased_at", "finished_at", "total", "requested_by")
    list_filter = ("state", "cause")
    exclude = ("place", "found", "request_id")
    ordering = ("-id",)


@admin.register(Challenge)
class ChallengePage(Ledger):
    """Which codes and links went out, and what came of them; never the codes."""

    list_display = ("public_id", "kind", "purpose", "opener_channel", "arrival_channel", "outcome", "expires_at")
    list_filter = ("kind", "outcome")
    exclude = ("digest", "target", "ip", "session_ref")
    ordering = ("-id",)
