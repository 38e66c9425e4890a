"""What does the back office show of one channel's health, and of a quarantined event's body? Two pages of the admin."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from channels_app import channel_form, checks, condition, quarantine
from channels_app.models import Channel, InboundEvent


def health(request: HttpRequest, object_id: str, *, may_check: bool) -> HttpResponse:
    """The numbers and findings; a POST asks the provider anew."""
    channel = get_object_or_404(Channel, pk=object_id)
    if request.method == "POST":
        if not may_check:
            raise PermissionDenied
        for finding in checks.check(channel):
            messages.add_message(request, messages.SUCCESS if finding.is_well else messages.ERROR, finding.text)
        return redirect(request.path)
    events = reverse("admin:channels_app_inboundevent_changelist")
    context = {
        **admin.site.each_context(request),
        "title": f"{channel.title}: health",
        "channel": channel,
        "condition": condition.of(channel),
        "webhook_url": channel_form.webhook_url(channel),
        "quarantine_url": f"{events}?state__exact=quarantined&channel__id__exact={channel.pk}",
        "may_check": may_check,
    }
    return render(request, "backoffice/health.html", context)


def body(request: HttpRequest, object_id: str, *, may_see: bool) -> HttpResponse:
    """What the provider posted, as text; seeing it is a POST, for it is written down who did."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not may_see:
        raise PermissionDenied
    event = get_object_or_404(InboundEvent.objects.select_related("channel"), pk=object_id)
    shown = quarantine.reveal(event=event, actor=f"user:{request.user.pk}")
    context = {**admin.site.each_context(request), "title": "Raw event", "event": event, "body": shown}
    return render(request, "backoffice/raw_event.html", context)
