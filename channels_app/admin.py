"""Which channels are connected, and what came in and went out? Credentials can be written here, never read."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from channels_app import checks, delivery, ingest, template_admin
from channels_app.models import Attempt, Channel, InboundEvent, SpentToken, Visit, WidgetKey
from common.admin import Ledger, Page, asks, tell
from conversations.models import Delivery
from customers import audit


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    """New credentials are JSON in a write-only field; left empty, the stored ones stay."""

    new_credentials = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text='JSON, for example {"app_secret": "..."}. Stored encrypted and never shown again.',
    )

    class Meta:
        model = Channel
        fields = ("key", "kind", "title", "account", "config", "allowed_origins", "is_enabled")

    def clean_new_credentials(self) -> dict[str, str] | None:
        text = self.cleaned_data["new_credentials"].strip()
        if not text:
            return None
        try:
            given = json.loads(text)
        except ValueError as error:
            raise forms.ValidationError(f"This is not JSON: {error}") from error
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            raise forms.ValidationError("Give one JSON object whose values are texts.")
        return given

    def save(self, commit: bool = True) -> Any:
        given = self.cleaned_data.get("new_credentials")
        if given is not None:
            self.instance.credentials = {**(self.instance.credentials or {}), **given}
        return super().save(commit)


@admin.register(Channel)
class ChannelPage(Page):
    form = ChannelForm
    list_display = ("title", "kind", "key", "account", "is_enabled", "stopped_reason")
    list_filter = ("kind", "is_enabled")
    search_fields = ("title", "key", "account")
    readonly_fields = ("stopped_reason",)
    actions_detail = ("check_connection", "read_templates")
    also_saved = ("credentials",)

    def get_readonly_fields(self, request: HttpRequest, obj: Channel | None = None) -> tuple[str, ...]:
        return ("stopped_reason", "key", "kind") if obj else ("stopped_reason",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.cleaned_data.get("new_credentials"):
            audit.record(actor=f"user:{request.user.pk}", action="channel.secret", object_id=str(obj.public_id))

    @action(
        description="Check connection",
        permissions=["change"],
        dialog=asks(
            "Check the connection?", "Asks the provider, read-only. A stopped channel that is well goes on.", "Check"
        ),
    )
    def check_connection(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        for finding in checks.check(Channel.objects.get(pk=object_id)):
            messages.add_message(request, messages.SUCCESS if finding.is_well else messages.ERROR, finding.text)
        return self.back(object_id)


    @action(
        description="Read templates",
        permissions=["change"],
        dialog=asks("Read the templates?", "Lists what the provider has approved, read-only.", "Read"),
    )
    def read_templates(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        template_admin.read(request, Channel.objects.get(pk=object_id))
        return self.back(object_id)


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


@admin.register(InboundEvent)
class InboundEventPage(Ledger):
    """What a provider posted; bodies stay sealed, quarantined events can be played again."""

    list_display = ("public_id", "channel", "kind", "state", "attempts", "error", "received_at")
    list_filter = ("state", "kind", "channel")
    list_select_related = ("channel",)
    search_fields = ("public_id__exact", "key__exact")
    ordering = ("-id",)
    exclude = ("body", "handle")
    actions = ("replay_all",)
    actions_detail = ("replay",)

    def has_replay_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("channels_app.change_inboundevent")

    @action(description="Replay from quarantine", permissions=["replay"])
    def replay_all(self, request: HttpRequest, chosen: QuerySet[InboundEvent]) -> None:
        ids = list(chosen.values_list("pk", flat=True))
        tell(request, ingest.replay(ids), len(ids), "taken out of quarantine")

    @action(
        description="Replay",
        permissions=["replay"],
        dialog=asks("Play this event again?", "It leaves the quarantine and is processed like a new one.", "Replay"),
    )
    def replay(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        tell(request, ingest.replay([int(object_id)]), 1, "taken out of quarantine")
        return self.back(object_id)


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
