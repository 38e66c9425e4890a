"""Which channels are connected, and what came in and went out? Credentials can be written here, never read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from channels_app import delivery
from channels_app.channel_admin import ChannelPage
from channels_app.models import Attempt, SpentToken, Visit, WidgetKey
from channels_app.quarantine_admin import InboundEventPage
from channels_app.template_admin import MessageTemplatePage
from common.admin import Ledger, Page, asks, tell
from conversations.models import Delivery
from customers import audit

# Pages with a room of their own; Django finds them here.
__all__ = ["ChannelPage", "InboundEventPage", "MessageTemplatePage"]


class WidgetKeyForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    """The secret (or the public key in PEM) can be set, never read back."""

    new_secret = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text="HS256: at least 32 characters. RS256 and EdDSA: the site's public key in PEM. Never shown again.",
    )

    class Meta:
        model = WidgetKey
        fields = ("channel", "kid", "algorithm", "not_before", "not_after", "revoked_at")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        secret = data.get("new_secret", "").strip()
        if not secret and not self.instance.pk:
            self.add_error("new_secret", "A new key needs its secret.")
        if secret and data.get("algorithm") == "HS256" and len(secret) < 32:
            self.add_error("new_secret", "An HS256 secret needs at least 32 characters.")
        if secret and data.get("algorithm") != "HS256" and "PUBLIC KEY" not in secret:
            self.add_error("new_secret", "This algorithm needs a public key in PEM.")
        return data

    def save(self, commit: bool = True) -> Any:
        if secret := self.cleaned_data.get("new_secret", "").strip():
            self.instance.secret = secret
        return super().save(commit)


@admin.register(WidgetKey)
class WidgetKeyPage(Page):
    form = WidgetKeyForm
    list_display = ("kid", "channel", "algorithm", "not_before", "not_after", "revoked_at", "last_used_at")
    list_filter = ("algorithm", "channel")
    list_select_related = ("channel",)
    autocomplete_fields = ("channel",)
    readonly_fields = ("last_used_at",)
    also_saved = ("secret",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.cleaned_data.get("new_secret"):
            audit.record(actor=f"user:{request.user.pk}", action="widget_key.secret", object_id=str(obj.public_id))


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
