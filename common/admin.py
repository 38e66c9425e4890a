"""What do all back-office pages share? Read-only ledgers, no count over big tables, no value a page must not show."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Field, JSONField, Model
from django.forms import Field as FormField
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.admin import ModelAdmin, TabularInline
from unfold.dataclasses import ActionDialog

from common.json_field import ShapedJSON


class Page(ModelAdmin):
    """A thin page: big tables are not counted to say how many rows a filter left.

    Saving writes the fields that the form changed, so that a page left open does not undo what happened since;
    `also_saved` names columns that a form sets by itself.
    """

    show_full_result_count = False
    list_per_page = 50
    compressed_fields = True
    also_saved: tuple[str, ...] = ()

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **more: Any) -> FormField | None:
        """JSON has the shape that its column begins with: a row of another one breaks whoever reads it."""
        if isinstance(db_field, JSONField) and db_field.default in (dict, list):
            more = {**more, "form_class": ShapedJSON, "shape": db_field.default}
        found: FormField | None = super().formfield_for_dbfield(db_field, request, **more)
        return found

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm[Any], change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
            return
        automatic = {field.name for field in obj._meta.concrete_fields if getattr(field, "auto_now", False)}
        own = {field.name for field in obj._meta.concrete_fields} & set(form.changed_data)
        obj.save(update_fields=own | automatic | set(self.also_saved))

    def back(self, obj_id: object | None = None) -> HttpResponse:
        """After a confirmed action: the browser loads the row's page, or the list."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        url = reverse(f"{name}_change", args=[obj_id]) if obj_id else reverse(f"{name}_changelist")
        return HttpResponse(headers={"HX-Redirect": url})


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


def asks(title: str, text: str, button: str) -> ActionDialog:
    """A dialog before an action: opening the link changes nothing, its form is a POST with a CSRF token."""
    return ActionDialog(title=title, description=text, form_class=None, form_submit_text=button)


def tell(request: HttpRequest, done: int, of: int, what: str) -> None:
    """Says how many rows an action reached, as a warning when it did not reach all."""
    level = messages.SUCCESS if done == of else messages.WARNING
    messages.add_message(request, level, f"{done} of {of} {what}.")
