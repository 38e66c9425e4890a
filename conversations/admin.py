"""What does the back office see of conversations and journeys?"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from common.admin import Ledger, LedgerRows, Page, asks
from conversations.journeys import publishing
from conversations.models import (
    Attachment,
    Conversation,
    ConversationEvent,
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


@admin.register(Session)
class SessionPage(Ledger):
    list_display = ("public_id", "channel", "kind", "assurance", "opened_at", "last_inbound_at", "ended_at")
    list_filter = ("kind", "assurance", "channel")
    search_fields = ("public_id__exact", "conversation__public_id__exact")
    ordering = ("-id",)
    exclude = ("thread",)


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
    exclude = ("name", "reference", "file")
    ordering = ("-id",)


class VersionRows(LedgerRows):
    model = JourneyVersion
    fk_name = "journey"
    fields = ("number", "sha256", "published_by", "published_at", "notes")
    readonly_fields = fields
    ordering = ("-number",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[JourneyVersion]:
        rows: QuerySet[JourneyVersion] = super().get_queryset(request)
        return rows.select_related("published_by")


class JourneyForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    """The draft is any text, broken or not; only its journey's key is fixed."""

    class Meta:
        model = Journey
        fields = ("key", "title", "is_enabled", "draft")
        widgets: ClassVar[dict[str, Any]] = {
            "draft": UnfoldAdminTextareaWidget(
                attrs={"rows": 30, "spellcheck": "false", "wrap": "off", "style": "font-family: monospace"}
            )
        }


@admin.register(Journey)
class JourneyPage(Page):
    """Write the draft, check it, publish it; a draft may be broken, a version may not."""

    form = JourneyForm
    list_display = ("title", "key", "live", "is_enabled", "updated_at")
    list_select_related = ("live_version",)
    search_fields = ("title", "key")
    ordering = ("key",)
    fields = ("key", "title", "is_enabled", "draft", "live_version")
    inlines = (VersionRows,)
    actions_detail = ("examine", "publish")

    def get_readonly_fields(self, request: HttpRequest, obj: Journey | None = None) -> tuple[str, ...]:
        return ("live_version", "key") if obj else ("live_version",)

    @display(description="live version")
    def live(self, journey: Journey) -> str:
        return f"v{journey.live_version.number}" if journey.live_version else "not published"

    @action(description="Check", permissions=["change"])
    def examine(self, request: HttpRequest, object_id: str) -> HttpResponse:
        found = publishing.check(Journey.objects.get(pk=object_id).draft).findings
        for finding in found:
            level = messages.ERROR if finding.level == "error" else messages.WARNING
            text = f"Line {finding.line} ({finding.rule}): {finding.message} {finding.remedy}"
            messages.add_message(request, level, text)
        if not found:
            messages.success(request, "Nothing is wrong with the saved draft: it can be published.")
        return redirect("admin:conversations_journey_change", object_id)

    @action(
        description="Publish",
        permissions=["change"],
        dialog=asks("Publish the saved draft?", "New runs take it; runs that have begun stay on theirs.", "Publish"),
    )
    def publish(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        journey = Journey.objects.get(pk=object_id)
        try:
            version = publishing.publish(text=journey.draft, by=request.user, only=journey.key)
        except publishing.Refused as refusal:
            messages.error(request, f"Not published: {refusal.detail}")
        else:
            messages.success(request, f"Version {version.number} is live.")
        return self.back(object_id)


@admin.register(JourneyVersion)
class VersionPage(Ledger):
    list_display = ("journey", "number", "published_by", "published_at", "notes")
    list_filter = ("journey",)
    list_select_related = ("journey", "published_by")
    ordering = ("-id",)


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


@admin.register(StepLog)
class StepPage(Ledger):
    """Which steps ran; what the customer answered stays sealed."""

    list_display = ("step_id", "step_type", "outcome", "channel", "at")
    list_filter = ("step_type", "channel")
    search_fields = ("run__public_id__exact",)
    ordering = ("-id",)
    exclude = ("input",)
