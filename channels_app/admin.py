"""Which channels are connected, and what came in and went out? Credentials can be written here, never read."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action

from channels_app import delivery
from channels_app.channel_admin import ChannelPage
from channels_app.key_admin import KeySetPage, WidgetKeyPage
from channels_app.models import Attempt, SpentToken, Visit
from channels_app.quarantine_admin import InboundEventPage
from channels_app.template_admin import MessageTemplatePage
from common.admin import Ledger, asks, tell
from conversations.models import Delivery

# Pages with a room of their own; Django finds them here.
__all__ = ["ChannelPage", "InboundEventPage", "KeySetPage", "MessageTemplatePage", "WidgetKeyPage"]


@admin.register(Delivery)
class DeliveryPage(Ledger):
    """What went out; a failed or unknown delivery can be queued anew."""

    list_display = ("public_id", "channel", "state", "reason", "attempts", "queued_at", "sent_at", "delivered_at")
    list_filter = ("state", "channel", "reason")
    search_fields = ("public_id__exact", "external_id__exact")
    ordering = ("-id",)
    actions = ("retry_all",)
    actions_detail = ("retry",)

    def has_retry_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("conversations.change_delivery")

    @action(description="Send again", permissions=["retry"])
    def retry_all(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> None:
        done = [delivery.retry(delivery_id=pk) for pk in chosen.values_list("pk", flat=True)]
        tell(request, sum(done), len(done), "queued again")

    @action(
        description="Send again",
        permissions=["retry"],
        dialog=asks("Send this message again?", "If the provider had taken it, the customer reads it twice.", "Send"),
    )
    def retry(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        tell(request, int(delivery.retry(delivery_id=int(object_id))), 1, "queued again")
        return self.back(object_id)


@admin.register(Attempt)
class AttemptPage(Ledger):
    list_display = ("delivery_id", "number", "outcome", "reason", "provider_code", "http_status", "started_at")
    list_filter = ("outcome", "reason")
    ordering = ("-id",)


@admin.register(Visit)
class VisitPage(Ledger):
    list_display = ("public_id", "channel", "created_at", "last_seen_at", "proven_until", "ended_at")
    list_filter = ("channel",)
    list_select_related = ("channel",)
    exclude = ("digest",)
    ordering = ("-id",)


@admin.register(SpentToken)
class SpentTokenPage(Ledger):
    list_display = ("visit_id", "expires_at")
    ordering = ("-id",)
    exclude = ("digest",)
