"""What does the back office see of conversations and journeys?"""

from __future__ import annotations

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html, format_html_join
from unfold.decorators import action, display

from common.admin import Ledger, LedgerRows, Page
from conversations.journeys import publishing
from conversations.models import (
    Attachment,
    Conversation,
    ConversationEvent,
    Delivery,
    Journey,
    JourneyRun,
    JourneyVersion,
    Message,
    Session,
    StepLog,
    Timer,
)


class SessionRows(LedgerRows):
    model = Session
    fields = ("channel", "kind", "assurance", "opened_at", "last_inbound_at", "window_expires_at", "ended_at")
    readonly_fields = fields


@admin.register(Conversation)
class ConversationPage(Ledger):
    list_display = ("public_id", "state", "owner_kind", "owner_id", "owner_epoch", "waiting_on", "last_message_at")
    list_filter = ("state", "owner_kind", "mode", "waiting_on", "close_reason")
    search_fields = ("public_id__exact", "customer__public_id__exact")
    list_select_related = ("customer",)
    ordering = ("-last_message_at",)
    inlines = (SessionRows,)


@admin.register(Message)
class MessagePage(Ledger):
    """Words are read in the inbox, where access is checked per conversation; here only what surrounds them."""

    list_display = ("public_id", "author", "kind", "channel", "occurred_at", "recorded_at")
    list_filter = ("author", "kind", "session__kind")
    list_select_related = ("session",)
    search_fields = ("public_id__exact", "external_id__exact")
    ordering = ("-id",)
    exclude = ("content",)

    @display(description="channel")
    def channel(self, message: Message) -> str:
        return message.session.channel


@admin.register(Delivery)
class DeliveryPage(Ledger):
    list_display = ("public_id", "channel", "state", "reason", "attempts", "queued_at", "sent_at", "delivered_at")
    list_filter = ("state", "channel", "reason")
    search_fields = ("public_id__exact", "external_id__exact")
    ordering = ("-id",)


@admin.register(ConversationEvent)
class EventPage(Ledger):
    list_display = ("conversation_id", "seq", "kind", "actor_kind", "occurred_at", "recorded_at")
    list_filter = ("kind", "actor_kind")
    search_fields = ("conversation__public_id__exact",)
    ordering = ("-id",)


@admin.register(Timer)
class TimerPage(Ledger):
    list_display = ("kind", "object_id", "guard", "due_at")
    list_filter = ("kind",)


@admin.register(Attachment)
class AttachmentPage(Ledger):
    list_display = ("public_id", "media_type", "size", "state", "recorded_at")
    list_filter = ("state", "media_type")
    exclude = ("name", "reference")


class VersionRows(LedgerRows):
    model = JourneyVersion
    fk_name = "journey"
    fields = ("number", "sha256", "published_by", "published_at", "notes")
    readonly_fields = fields
    ordering = ("-number",)


@admin.register(Journey)
class JourneyPage(Page):
    """Write the draft, check it, publish it; a draft may be broken, a version may not."""

    list_display = ("title", "key", "live", "is_enabled", "updated_at")
    list_select_related = ("live_version",)
    fields = ("key", "title", "is_enabled", "draft", "findings", "live_version")
    readonly_fields = ("live_version", "findings")
    inlines = (VersionRows,)
    actions_detail = ("publish",)

    @display(description="live version")
    def live(self, journey: Journey) -> str:
        return f"v{journey.live_version.number}" if journey.live_version else "not published"

    @display(description="what the linter says of the saved draft")
    def findings(self, journey: Journey) -> str:
        rows = [(f.level, f.line, f.rule, f.message, f.remedy) for f in publishing.check(journey.draft).findings]
        if not rows:
            return "Nothing: this draft can be published."
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{} in line {} ({}): {} {}</li>", rows))

    @action(description="Publish the saved draft", permissions=["change"])
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        journey = Journey.objects.get(pk=object_id)
        try:
            version = publishing.publish(text=journey.draft, by=request.user)
        except publishing.Refused as refusal:
            messages.error(request, f"Not published: {refusal.detail}")
        else:
            messages.success(request, f"Version {version.number} is live; runs that have begun stay on theirs.")
        return redirect("admin:conversations_journey_change", object_id)


class StepRows(LedgerRows):
    model = StepLog
    fields = ("seq", "step_id", "step_type", "outcome", "channel", "at")
    readonly_fields = fields
    ordering = ("id",)


@admin.register(JourneyRun)
class RunPage(Ledger):
    list_display = ("public_id", "version", "status", "step_id", "lane", "last_channel", "touched_at")
    list_filter = ("status", "lane", "purpose", "version__journey")
    list_select_related = ("version",)
    search_fields = ("public_id__exact", "customer__public_id__exact")
    ordering = ("-touched_at",)
    exclude = ("vars", "wait", "tries")
    inlines = (StepRows,)
