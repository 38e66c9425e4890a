"""What does the back office do with a connected channel? Its form by kind, its connection, its health."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.decorators import action, display

from channels_app import channel_form, checks, connecting, health_page, readiness, registry, template_admin
from channels_app.channel_labels import label
from channels_app.models import Channel
from common.admin import Page, asks
from customers import audit


@admin.register(Channel)
class ChannelPage(Page):
    list_display = ("title", "kind", "key", "account", "is_enabled", "stopped_reason", "health")
    list_filter = ("kind", "is_enabled")
    search_fields = ("title", "key", "account")
    actions_detail = ("check_connection", "set_webhook", "see_health", "read_templates")
    also_saved = ("credentials", "config")

    def get_form(self, request: HttpRequest, obj: Channel | None = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = channel_form.form_of(obj) if obj else channel_form.NewChannelForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Channel | None = None) -> Any:
        return channel_form.groups_of(obj) if obj else [("", {"fields": channel_form.NewChannelForm.Meta.fields})]

    def get_readonly_fields(self, request: HttpRequest, obj: Channel | None = None) -> tuple[str, ...]:
        return ("stopped_reason", "key", "kind", "webhook_url") if obj else ()

    def get_urls(self) -> list[URLPattern]:
        own = path("<path:object_id>/health/", self.admin_site.admin_view(self.health_view), name="channel-health")
        return [own, *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if hosts := getattr(form, "new_hosts", []):
            actor, said = f"user:{request.user.pk}", ", ".join(hosts)
            audit.record(actor=actor, action="channel.host", object_id=str(obj.public_id), reason=said)
        if names := getattr(form, "new_secrets", []):
            actor, said = f"user:{request.user.pk}", ", ".join(names)
            audit.record(actor=actor, action="channel.secret", object_id=str(obj.public_id), reason=said)

    def response_add(self, request: HttpRequest, obj: Channel, post_url_continue: str | None = None) -> HttpResponse:
        """A new channel has no settings yet: on to them."""
        if names := readiness.missing(obj):
            said = ", ".join(label(name) for name in names)
            messages.warning(request, f"Saved. Now fill in: {said}. Then check the connection.")
        return redirect(reverse("admin:channels_app_channel_change", args=[obj.pk]))

    @display(description="webhook URL")
    def webhook_url(self, channel: Channel) -> str:
        url = channel_form.webhook_url(channel)
        return (
            format_html('<code class="select-all break-all">{}</code>', url)
            if url
            else "none: it needs a webhook word, or none at all"
        )

    @display(description="health")
    def health(self, channel: Channel) -> str:
        url = reverse("admin:channel-health", args=[channel.pk])
        return format_html('<a class="text-primary-600 dark:text-primary-500 underline" href="{}">Health</a>', url)

    @action(description="Health", url_path="see-health")
    def see_health(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(reverse("admin:channel-health", args=[object_id]))

    def has_templates_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Only some providers have templates to read."""
        kind = Channel.objects.filter(pk=object_id or 0).values_list("kind", flat=True).first()
        return kind in registry.kinds() and registry.adapter(kind).capabilities.templates

    def health_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """For those who may see channels; asking the provider is for those who may change them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return health_page.health(request, object_id, may_check=self.has_change_permission(request))

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
        description="Set webhook",
        permissions=["change"],
        dialog=asks("Set the webhook?", "Tells the provider where to post to us, where it has a call for that.", "Set"),
    )
    def set_webhook(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        for finding in connecting.connect(Channel.objects.get(pk=object_id)):
            messages.add_message(request, messages.SUCCESS if finding.is_well else messages.ERROR, finding.text)
        return self.back(object_id)

    @action(
        description="Read templates",
        permissions=["change", "templates"],
        dialog=asks("Read the templates?", "Lists what the provider has approved, read-only.", "Read"),
    )
    def read_templates(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        template_admin.read(request, Channel.objects.get(pk=object_id))
        return self.back(object_id)
