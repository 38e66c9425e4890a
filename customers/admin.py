"""What does the admin show of customers? Lists and ledgers, masked; what changes state is an action elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from unfold.views import ChangeList

from common.admin import Ledger, LedgerRows
from customers import definition_admin, finding, import_admin, ledger_admin, naming, pages_routes
from customers.masking import masked
from customers.models import Attribute, AuditEntry, Conflict, Customer, IdempotentAnswer, Identity, Observation

__all__ = ["definition_admin", "import_admin", "ledger_admin"]  # their pages register themselves
SEARCHED = (
    "You can look for a whole e-mail address, phone number, user id, customer number, name or customer id, "
    "or the last 8 digits of a phone."
)


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


class Standing(admin.SimpleListFilter):
    """Those who were erased only when somebody asks for them, or looks for one by id."""

    title, parameter_name = "status", "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status.value, status.label) for status in Customer.Status]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": "All but erased"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        if wanted := self.value():
            return queryset.filter(status=wanted)
        return queryset if request.GET.get("q") else queryset.exclude(status=Customer.Status.ERASED)


class People(ChangeList):
    """The list with what tells people apart; an empty one says what can be looked for."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        cards = naming.cards([row.pk for row in rows])
        for row in rows:
            row.card = cards[row.pk]
        self.result_list = rows
        if self.query and not rows:
            messages.info(request, f"Nobody is found by this. {SEARCHED}")


@admin.register(Customer)
class CustomerAdmin(Ledger):
    """People, each by the origin that stands for them; any id they ever had finds them, and leads to their page."""

    list_display = ("person", "address", "channels", "kind", "status", "first_seen_at", "last_seen_at")
    list_filter = ("kind", Standing, HasConflicts)
    list_display_links = None
    search_help_text = SEARCHED
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
        asked = search_term.strip()
        try:
            known = Customer.objects.filter(public_id=UUID(asked)).values("root_id")
        except ValueError:
            return (queryset.filter(finding.people(asked)) if asked else queryset), False
        return queryset.filter(pk__in=known), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return People

    @admin.display(description="person")
    def person(self, row: Any) -> str:
        url = reverse("admin:person", args=[row.public_id])
        name = "Erased" if row.status == Customer.Status.ERASED else row.card.name
        return format_html('<a href="{}" class="underline"><bdi>{}</bdi></a>', url, name)

    @admin.display(description="main address")
    def address(self, row: Any) -> str:
        return str(row.card.address)

    @admin.display(description="channels")
    def channels(self, row: Any) -> str:
        return ", ".join(row.card.channels)


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
