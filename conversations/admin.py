"""What does the back office see of conversations and journeys?"""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from unfold.decorators import action, display

from common.admin import Ledger, LedgerRows, Page
from conversations.answers.admin import ArticlePage
from conversations.authoring import files, routes
from conversations.connection_admin import ConnectionPage, WebRequestPage
from conversations.models import (
    Attachment,
    Conversation,
    ConversationEvent,
    Journey,
    JourneyRun,
    JourneyVersion,
    Message,
    RemoteTask,
    Session,
    StepLog,
    Timer,
)
from conversations.question_admin import QuestionPage

# Pages with a room of their own; Django finds them here.
__all__ = ["ArticlePage", "ConnectionPage", "QuestionPage", "WebRequestPage"]


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


@admin.register(Journey)
class JourneyPage(Page):
    """The list leads to the editor (`authoring`); this page only says whether new runs may begin."""

    list_display = ("editor", "key", "live", "is_enabled", "draft_at", "updated_at")
    list_display_links = ("key",)
    list_select_related = ("live_version",)
    search_fields = ("title", "key")
    ordering = ("key",)
    fields = ("key", "title", "is_enabled", "live_version")
    readonly_fields = ("key", "title", "live_version")
    actions_detail = ("write",)

    def get_urls(self) -> list[URLPattern]:
        return [*routes.urls(), *super().get_urls()]

    def add_view(self, request: HttpRequest, *args: object, **more: object) -> HttpResponse:
        return files.begin(request)

    def has_delete_permission(self, request: HttpRequest, obj: Journey | None = None) -> bool:
        return False

    @display(description="title", ordering="title")
    def editor(self, journey: Journey) -> str:
        where = reverse("admin:journey-editor", kwargs={"key": journey.key})
        return format_html('<a href="{}">{}</a>', where, journey.title)

    @display(description="live version")
    def live(self, journey: Journey) -> str:
        return f"v{journey.live_version.number}" if journey.live_version else "not published"

    @action(description="Open the editor", permissions=["view"])
    def write(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:journey-editor", key=Journey.objects.get(pk=object_id).key)


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


@admin.register(RemoteTask)
class TaskPage(Ledger):
    """Which jobs run elsewhere, and how far they are; what was sent and reported stays sealed."""

    list_display = ("public_id", "connection", "step_id", "state", "attempt", "reported_at", "deadline")
    list_filter = ("state", "connection")
    search_fields = ("public_id__exact", "run__public_id__exact", "customer__public_id__exact")
    ordering = ("-id",)
    exclude = ("cancel", "report")
