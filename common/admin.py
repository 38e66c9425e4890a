"""What do all back-office pages share? Read-only ledgers, no count over big tables, no value a page must not show."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline


class Page(ModelAdmin):
    """A thin page: big tables are not counted to say how many rows a filter left."""

    show_full_result_count = False
    list_per_page = 50
    compressed_fields = True


class Ledger(Page):
    """A table that only actions write: to be looked at, never edited here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class LedgerRows(TabularInline):
    """Rows of a ledger under their parent."""

    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
