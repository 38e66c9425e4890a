"""What does the admin show of customers? Lists and ledgers, masked; what changes state is an action elsewhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.html import format_html

from common.admin import Ledger, LedgerRows
from customers import definition_admin, import_admin, ledger_admin, pages_routes
from customers.masking import masked
from customers.models import Attribute, AuditEntry, Conflict, Customer, IdempotentAnswer, Identity, Observation

__all__ = ["definition_admin", "import_admin", "ledger_admin"]  # their pages register themselves


class Identities(LedgerRows):
    """The addresses of one origin, masked."""

    model = Identity
    fk_name = "customer"
    fields = readonly_fields = (
        "namespace",
        "scope",
        "value",
        "proof",
        "proven_at",
        "routable",
        "valid_from",
        "valid_to",
    )

    @admin.display(description="value")
    def value(self, row: Identity) -> str:
        return masked(row.namespace, row.raw)


class Attributes(LedgerRows):
    """What holds of one customer; where it comes from is in the observations."""

    model = Attribute
    fields = readonly_fields = ("key", "source", "has_conflict")

    @admin.display(description="source")
    def source(self, row: Attribute) -> str:
        return row.observation.source

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("observation")


class HasConflicts(admin.SimpleListFilter):
    """Those about whom a person has to decide something."""

    title, parameter_name = "conflicts", "has_conflicts"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "waits for a person"), ("no", "nothing open")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        waiting = Conflict.objects.open().values("customer__root_id")
        if self.value() == "yes":
            return queryset.filter(pk__in=waiting)
        return queryset.exclude(pk__in=waiting) if self.value() == "no" else queryset


@admin.register(Customer)
class CustomerAdmin(Ledger):
    """People, each by the origin that stands for them; any id they ever had finds them, and leads to their page."""

    list_display = ("public_id", "person", "kind", "status", "first_seen_at", "last_seen_at")
    list_filter = ("kind", "status", HasConflicts)
    search_fields = ("=public_id",)
    fields = ("public_id", "root", "kind", "status", "version", "first_seen_at", "last_seen_at", "erased_at")
    ordering = ("-last_seen_at", "-id")
    inlines = (Identities, Attributes)

    def get_urls(self) -> list[URLPattern]:
        return [*pages_routes.urls(), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        rows: QuerySet[Customer] = super().get_queryset(request)
        name = (request.resolver_match.url_name or "") if request.resolver_match else ""
        return rows.filter(pk=F("root_id")) if name.endswith("_changelist") else rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        try:
            wanted = UUID(search_term.strip())
        except ValueError:
            return (queryset.none() if search_term.strip() else queryset), False
        return queryset.filter(pk__in=Customer.objects.filter(public_id=wanted).values("root_id")), False

    @admin.display(description="person")
    def person(self, row: Customer) -> str:
        url = reverse("admin:person", args=[row.public_id])
        return format_html('<a href="{}" aria-label="Person {}" class="underline">Open</a>', url, row.public_id)


@admin.register(Identity)
class IdentityAdmin(Ledger):
    """Every address, masked."""

    list_display = ("public_id", "namespace", "value", "proof", "routable", "shared", "valid_from", "valid_to")
    list_filter = ("namespace", "proof", "routable")
    exclude = ("raw", "display", "key", "phone_tail", "email_local", "provider_hash")
    ordering = ("-id",)

    @admin.display(description="value")
    def value(self, row: Identity) -> str:
        return masked(row.namespace, row.raw)


@admin.register(Attribute)
class AttributeAdmin(Ledger):
    """What holds of customers, and who said it; not what."""

    list_display = ("root", "key", "source", "has_conflict")
    list_filter = ("has_conflict",)
    list_select_related = ("root", "observation")
    search_fields = ("=key",)
    exclude = ("match_key",)
    ordering = ("-id",)

    @admin.display(description="source")
    def source(self, row: Attribute) -> str:
        return row.observation.source


@admin.register(Observation)
class ObservationAdmin(Ledger):
    """Who said something about which attribute, and when; not what."""

    list_display = ("public_id", "key", "source", "effective_at", "time_quality", "verified_by", "pinned")
    list_filter = ("time_quality", "pinned")
    exclude = ("value",)
    ordering = ("-id",)


@admin.register(Conflict)
class ConflictAdmin(Ledger):
    """The queue of disagreements."""

    list_display = ("public_id", "kind", "subject", "count", "status", "opened_at", "resolved_by")
    list_filter = ("status", "kind")
    ordering = ("-opened_at",)


@admin.register(AuditEntry)
class AuditEntryAdmin(Ledger):
    """The audit trail."""

    list_display = ("at", "actor", "action", "object_id", "reason", "rows")
    list_filter = ("action",)
    search_fields = ("=object_id", "=actor")
    ordering = ("-id",)


@admin.register(IdempotentAnswer)
class IdempotentAnswerAdmin(Ledger):
    """Which requests were answered under which key; not the answers."""

    list_display = ("public_id", "actor", "status", "created_at")
    search_fields = ("=actor",)
    exclude = ("key", "answer", "body_digest")
    ordering = ("-id",)
