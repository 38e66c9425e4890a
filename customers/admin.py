"""What does the admin show of customers? Lists and ledgers, masked; what changes state is an action elsewhere."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from customers.masking import masked
from customers.models import Attribute, AuditEntry, Conflict, Customer, Identity, Observation


class Ledger:
    """Nothing is added, changed or deleted by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Identities(Ledger, TabularInline):
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
    extra = 0

    @admin.display(description="value")
    def value(self, row: Identity) -> str:
        return masked(row.namespace, row.raw)


class Attributes(Ledger, TabularInline):
    """What holds of one customer; where it comes from is in the observations."""

    model = Attribute
    fields = readonly_fields = ("key", "source", "has_conflict")
    extra = 0

    @admin.display(description="source")
    def source(self, row: Attribute) -> str:
        return row.observation.source

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("observation")


@admin.register(Customer)
class CustomerAdmin(Ledger, ModelAdmin):
    """Roots and members; an exact public id is found, a person is found in the inbox."""

    list_display = ("public_id", "kind", "status", "first_seen_at", "last_seen_at")
    list_filter = ("kind", "status")
    search_fields = ("=public_id",)
    fields = ("public_id", "root", "kind", "status", "version", "first_seen_at", "last_seen_at", "erased_at")
    ordering = ("-last_seen_at", "-id")
    show_full_result_count = False
    inlines = (Identities, Attributes)


@admin.register(Identity)
class IdentityAdmin(Ledger, ModelAdmin):
    """Every address, masked."""

    list_display = ("public_id", "namespace", "value", "proof", "routable", "shared", "valid_from", "valid_to")
    list_filter = ("namespace", "proof", "routable")
    exclude = ("raw", "display", "key", "phone_tail", "email_local", "provider_hash")
    ordering = ("-id",)
    show_full_result_count = False

    @admin.display(description="value")
    def value(self, row: Identity) -> str:
        return masked(row.namespace, row.raw)


@admin.register(Observation)
class ObservationAdmin(Ledger, ModelAdmin):
    """Who said something about which attribute, and when; not what."""

    list_display = ("public_id", "key", "source", "effective_at", "time_quality", "verified_by", "pinned")
    list_filter = ("time_quality", "pinned")
    exclude = ("value",)
    ordering = ("-id",)
    show_full_result_count = False


@admin.register(Conflict)
class ConflictAdmin(Ledger, ModelAdmin):
    """The queue of disagreements."""

    list_display = ("public_id", "kind", "subject", "count", "status", "opened_at", "resolved_by")
    list_filter = ("status", "kind")
    ordering = ("-opened_at",)
    show_full_result_count = False


@admin.register(AuditEntry)
class AuditEntryAdmin(Ledger, ModelAdmin):
    """The audit trail."""

    list_display = ("at", "actor", "action", "object_id", "reason", "rows")
    list_filter = ("action",)
    search_fields = ("=object_id", "=actor")
    ordering = ("-id",)
    show_full_result_count = False
