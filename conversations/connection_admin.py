"""What does the back office do with connections? Their form, a test, the breaker, and what was asked last."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.decorators import action, display

from common.admin import Ledger, Page, asks
from conversations import connections
from conversations.connection_form import ConnectionForm
from conversations.journeys import breaker, disclosing
from conversations.models import Connection, ConnectionState, WebRequest
from customers import audit

PLACES = {"closed": "closed: calls go", "open": "open: nothing is called", "half_open": "half open: one call probes"}


@admin.register(Connection)
class ConnectionPage(Page):
    form = ConnectionForm
    list_display = ("title", "key", "base_url", "is_enabled", "breaker", "last_test")
    list_filter = ("is_enabled",)
    list_select_related = ("state",)
    search_fields = ("key", "title", "base_url")
    actions_detail = ("see_requests", "test", "close_breaker", "switch")
    also_saved = ("headers",)
    fieldsets = (
        ("", {"fields": ("key", "title", "base_url", "is_enabled", "breaker", "last_test")}),
        ("Secrets", {"fields": ("secret_headers", "drop_headers")}),
        ("Limits", {"fields": ("methods", "ports", "seconds", "max_bytes", "per_minute")}),
        ("Paths", {"fields": ("health_path", "cancel_path")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        rows: QuerySet[Connection] = super().get_queryset(request)
        return rows.annotate(moment=Now())

    def get_readonly_fields(self, request: HttpRequest, obj: Connection | None = None) -> tuple[str, ...]:
        return ("key", "breaker", "last_test") if obj else ("breaker", "last_test")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        actor, said = f"user:{request.user.pk}", {"connection.secret": form.has_new_headers}
        for what, is_so in {**said, "connection.host": form.is_elsewhere}.items():
            if is_so:
                audit.record(actor=actor, action=what, object_id=str(obj.public_id))

    @display(description="breaker")
    def breaker(self, connection: Any) -> str:
        moment = getattr(connection, "moment", None)  # not on the form for a new one
        return PLACES[breaker.stands(_state(connection), moment) if moment else "closed"]

    @display(description="last test")
    def last_test(self, connection: Any) -> str:
        state = _state(connection)
        if state is None or state.tested_at is None:
            return "never"
        return f"{state.tested_at:%-d %b %Y %H:%M} UTC: {state.test_result}"

    @action(description="Requests", url_path="see-requests")
    def see_requests(self, request: HttpRequest, object_id: str) -> HttpResponse:
        rows = reverse("admin:conversations_webrequest_changelist")
        return redirect(f"{rows}?connection__id__exact={int(object_id)}")

    @action(
        description="Test",
        permissions=["change"],
        dialog=asks("Test this connection?", "Asks for its health path once, with its secret headers.", "Test"),
    )
    def test(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        found = Connection.objects.get(pk=object_id)
        is_well, said = connections.test(connection=found, actor=f"user:{request.user.pk}")
        messages.add_message(request, messages.SUCCESS if is_well else messages.ERROR, said)
        return self.back(object_id)

    @action(
        description="Close the breaker",
        url_path="close-breaker",
        permissions=["change"],
        dialog=asks("Close the breaker?", "The next call goes, whatever was before.", "Close"),
    )
    def close_breaker(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        connections.close_breaker(connection=Connection.objects.get(pk=object_id), actor=f"user:{request.user.pk}")
        messages.success(request, "The breaker is closed.")
        return self.back(object_id)

    @action(
        description="Switch on or off",
        permissions=["change"],
        dialog=asks("Switch it over?", "Off: nothing is called; journeys take their error edge at once.", "Switch"),
    )
    def switch(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        found = Connection.objects.get(pk=object_id)
        connections.switch(connection=found, is_enabled=not found.is_enabled, actor=f"user:{request.user.pk}")
        messages.success(request, f"It is {'on' if found.is_enabled else 'off'} now.")
        return self.back(object_id)


@admin.register(WebRequest)
class WebRequestPage(Ledger):
    """What was asked and answered, without anything private; the words go after a week."""

    list_display = ("created_at", "connection", "step_id", "state", "outcome", "attempts", "milliseconds")
    list_filter = ("state", "connection", "error")
    list_select_related = ("connection",)
    ordering = ("-id",)
    fields = (
        "connection", "step_id", "state", "outcome", "attempts", "milliseconds", "asked", "answered", "created_at",
        "answered_at", "settled_at",
    )  # fmt: skip
    readonly_fields = ("outcome", "asked", "answered")

    @display(description="outcome")
    def outcome(self, row: WebRequest) -> str:
        return row.error or (str(row.status) if row.status else "–")

    @display(description="asked")
    def asked(self, row: WebRequest) -> str:
        return _told(row)[0]

    @display(description="answered")
    def answered(self, row: WebRequest) -> str:
        return _told(row)[1] or "–"


def _told(row: WebRequest) -> tuple[str, str]:
    """Both sides of a request, worked out once: the page draws each of its fields several times."""
    found: tuple[str, str] = row.__dict__.setdefault("told", None) or (disclosing.asked(row), disclosing.answered(row))
    row.__dict__["told"] = found
    return found


def _state(connection: Connection) -> ConnectionState | None:
    return getattr(connection, "state", None)
