"""Which channels are connected, and what came in and went out? Credentials can be written here, never read."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from channels_app.models import Attempt, Channel, InboundEvent, Visit, WidgetKey
from common.admin import Ledger, Page


class ChannelForm(forms.ModelForm):
    """New credentials are JSON in a write-only field; left empty, the stored ones stay."""

    new_credentials = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
        help_text='JSON, for example {"app_secret": "...", "access_token": "..."}. Stored encrypted and never shown again.',
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

    def get_readonly_fields(self, request: HttpRequest, obj: Channel | None = None) -> tuple[str, ...]:
        return ("stopped_reason", "key", "kind") if obj else ("stopped_reason",)


class WidgetKeyForm(forms.ModelForm):
    """The secret (or the public key in PEM) can be set, never read back."""

    new_secret = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
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


@admin.register(InboundEvent)
class InboundEventPage(Ledger):
    """What a provider posted; bodies stay sealed, quarantined events can be played again."""

    list_display = ("public_id", "channel", "kind", "state", "attempts", "error", "received_at")
    list_filter = ("state", "kind", "channel")
    list_select_related = ("channel",)
    search_fields = ("public_id__exact", "key__exact")
    ordering = ("-id",)
    exclude = ("body", "handle")


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
