"""Which keys may a site sign with? Made here, two at a time, or read from its own list; no secret is ever shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from channels_app import jwks, public_keys
from channels_app.key_models import KeySet
from channels_app.models import WidgetKey
from common import clock
from common.admin import Ledger, Page, asks
from customers import audit

LIVE_MOST = 2  # the old one and the new one, while a site rotates
SHORTEST = 32  # characters of a shared secret


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
        if (channel := data.get("channel")) and channel.kind != "web":
            self.add_error("channel", "Only a web widget has keys: a site signs who is logged in for its widget.")
        secret = data.get("new_secret", "").strip()
        if not secret and not self.instance.pk:
            self.add_error("new_secret", "A new key needs its secret.")
        if secret and (said := _unfit(str(data.get("algorithm")), secret)):
            self.add_error("new_secret", said)
        begins, ends = data.get("not_before"), data.get("not_after")
        if begins and ends and begins >= ends:
            self.add_error("not_after", "It would end before it begins.")
        if not self.errors and _is_third(self.instance, data):
            self.add_error("kid", "Two keys of this widget are live already: end or revoke one of them first.")
        return data

    def save(self, commit: bool = True) -> Any:
        if secret := self.cleaned_data.get("new_secret", "").strip():
            self.instance.secret = secret
        return super().save(commit)


def _unfit(algorithm: str, secret: str) -> str:
    if algorithm != "HS256":
        return public_keys.trouble(algorithm, secret)
    if "PUBLIC KEY" in secret:
        return "A public key is no secret: everybody could sign with it. Choose RS256 or EdDSA."
    return "" if len(secret) >= SHORTEST else f"An HS256 secret needs at least {SHORTEST} characters."


def _is_third(key: WidgetKey, data: dict[str, Any]) -> bool:
    """Are there two others in force, now or while this one would be?"""
    now = clock.now()
    if data.get("revoked_at") or ((ends := data.get("not_after")) and ends <= now):
        return False
    others = WidgetKey.objects.filter(channel=data["channel"], source=WidgetKey.Source.HAND, revoked_at__isnull=True)
    begins = max(data.get("not_before") or now, now)
    live = others.exclude(pk=key.pk).filter(Q(not_after__isnull=True) | Q(not_after__gt=begins))
    return live.count() >= LIVE_MOST


@admin.register(WidgetKey)
class WidgetKeyPage(Page):
    form = WidgetKeyForm
    list_display = ("kid", "channel", "algorithm", "source", "not_before", "not_after", "revoked_at", "last_used_at")
    list_filter = ("algorithm", "source", "channel")
    list_select_related = ("channel",)
    autocomplete_fields = ("channel",)
    readonly_fields = ("source", "last_used_at")
    also_saved = ("secret",)
    actions_detail = ("revoke",)

    def has_revoke_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("channels_app.change_widgetkey")

    @action(
        description="Revoke",
        permissions=["revoke"],
        dialog=asks("Revoke this key?", "Logins that it signed end within seconds, and no new one is taken.", "Revoke"),
    )
    def revoke(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        """Also a key of the site's list: it stays revoked whatever the list says."""
        row = WidgetKey.objects.get(pk=object_id)
        WidgetKey.objects.filter(pk=row.pk, revoked_at__isnull=True).update(revoked_at=clock.now())
        audit.record(actor=f"user:{request.user.pk}", action="widget_key.revoked", object_id=str(row.public_id))
        return self.back(object_id)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What the site's list says is changed there."""
        return super().has_change_permission(request, obj) and (obj is None or obj.source == WidgetKey.Source.HAND)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.cleaned_data.get("new_secret"):
            audit.record(actor=f"user:{request.user.pk}", action="widget_key.secret", object_id=str(obj.public_id))
        if "revoked_at" in form.changed_data:
            audit.record(actor=f"user:{request.user.pk}", action="widget_key.revoked", object_id=str(obj.public_id))


@admin.register(KeySet)
class KeySetPage(Ledger):
    """A site's own list: when it was read, and what came of it. Its address is a setting of the channel."""

    list_display = ("channel", "url", "fetched_at", "asked_at", "trouble")
    list_select_related = ("channel",)
    ordering = ("channel",)
    actions_detail = ("read_now",)

    def has_read_now_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("channels_app.change_widgetkey")

    @action(
        description="Read now",
        permissions=["read_now"],
        dialog=asks("Read the list now?", "Asks the site, once a minute at most.", "Read"),
    )
    def read_now(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        row = KeySet.objects.select_related("channel").get(channel_id=int(object_id))
        is_read = jwks.refresh(channel=row.channel)
        row.refresh_from_db()
        said = "Read." if is_read else row.trouble or "It was read less than a minute ago."
        messages.add_message(request, messages.SUCCESS if is_read else messages.WARNING, said)
        return self.back(object_id)
