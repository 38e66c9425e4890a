"""What does the back office do with what providers posted? Bodies stay sealed; what failed can be played again."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.decorators import action, display

from channels_app import health_page, quarantine
from channels_app.models import InboundEvent
from common.admin import Ledger, asks, tell


@admin.register(InboundEvent)
class InboundEventPage(Ledger):
    list_display = ("public_id", "channel", "kind", "state", "attempts", "error", "outcome", "received_at")
    list_filter = ("state", "kind", "channel")
    list_select_related = ("channel",)
    search_fields = ("public_id__exact", "key__exact")
    ordering = ("-id",)
    exclude = ("body", "handle")
    readonly_fields = ("raw",)
    actions = ("replay_all",)
    actions_detail = ("replay",)

    def has_replay_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("channels_app.change_inboundevent")

    def get_urls(self) -> list[URLPattern]:
        own = path("<path:object_id>/raw/", self.admin_site.admin_view(self.raw_view), name="inbound-raw")
        return [own, *super().get_urls()]

    @display(description="body")
    def raw(self, event: InboundEvent) -> str:
        """A button of the page's own form would save: this one posts elsewhere."""
        url = reverse("admin:inbound-raw", args=[event.pk])
        button = '<button type="submit" formaction="{}" formmethod="post" class="underline">Show the raw body</button>'
        return format_html(button + " (noted in the audit trail)", url)

    def raw_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return health_page.body(request, object_id, may_see=request.user.has_perm("channels_app.reveal_inboundevent"))

    @action(description="Replay from quarantine", permissions=["replay"])
    def replay_all(self, request: HttpRequest, chosen: QuerySet[InboundEvent]) -> None:
        ids = list(chosen.values_list("pk", flat=True))
        tell(request, quarantine.replay(ids=ids, actor=f"user:{request.user.pk}"), len(ids), "taken out of quarantine")

    @action(
        description="Replay",
        permissions=["replay"],
        dialog=asks("Play this event again?", "It leaves the quarantine and is processed like a new one.", "Replay"),
    )
    def replay(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        done = quarantine.replay(ids=[int(object_id)], actor=f"user:{request.user.pk}")
        tell(request, done, 1, "taken out of quarantine")
        return self.back(object_id)
