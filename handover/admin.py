"""Who works here, for which queue? The team's set-up in the back office."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Field, Model, OuterRef, QuerySet, Subquery
from django.forms import Field as FormField
from django.forms import ModelForm
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from unfold.admin import TabularInline
from unfold.decorators import display

from common.admin import Ledger, Page
from conversations.admin import ConversationPage
from conversations.models import Conversation
from handover.desk_admin import (
    BulkActionPage,
    CannedReplyPage,
    ContextLinkPage,
    DispositionPage,
    EngineMarkPage,
    MacroPage,
    RatingPage,
    ReferrerRulePage,
    ReservationPage,
    SavedViewPage,
    SlaClockPage,
    SlaPolicyPage,
    TagPage,
    WrapUpPage,
)
from handover.models import Affinity, Agent, BusinessHours, Membership, Note, Queue, Skill
from handover.routing import flaws
from handover.team_forms import HoursForm, QueueForm, SpeakersForm

# Pages with a room of their own; Django finds them here.
__all__ = [
    "BulkActionPage",
    "CannedReplyPage",
    "ContextLinkPage",
    "DispositionPage",
    "EngineMarkPage",
    "MacroPage",
    "RatingPage",
    "ReferrerRulePage",
    "ReservationPage",
    "SavedViewPage",
    "SlaClockPage",
    "SlaPolicyPage",
    "TagPage",
    "WrapUpPage",
]


class MembershipRows(TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("agent", "queue")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        rows: QuerySet[Membership] = super().get_queryset(request)
        return rows.select_related("agent", "queue")


@admin.register(Skill)
class SkillPage(Page):
    list_display = ("title", "key")
    search_fields = ("title", "key")


class Lasting(Page):
    """Conversations name their owner by kind and id: whoever owned any is archived or deactivated, never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Queue)
class QueuePage(Lasting):
    form = QueueForm
    list_display = ("title", "key", "strategy", "delivery", "intake", "is_open", "hours", "is_default", "fallback")
    list_filter = ("is_open", "is_archived", "is_vip", "strategy", "skills")
    list_select_related = ("fallback", "hours")
    search_fields = ("title", "key")
    autocomplete_fields = ("skills", "fallback", "hours", "sla", "connection")
    fieldsets = (
        (None, {"fields": ("title", "key", "is_open", "is_default", "is_archived", "hours")}),
        ("For whom", {"fields": ("skills", "languages", "referrers", "channels", "is_vip", "intake")}),
        ("Who gets it", {"fields": ("strategy", "delivery", "connection", "allow_cross_queue", "takes_idle")}),
        (
            "While they wait",
            {"fields": ("sla", "max_wait_minutes", "when_exhausted", "fallback", "quiet_minutes", "quiet_journey")},
        ),
        ("Afterwards", {"fields": ("asks_rating",)}),
    )
    inlines = (MembershipRows,)

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm[Any], change: bool) -> None:
        """There is one default queue: what becomes it takes it from the other."""
        before = Queue.objects.filter(is_default=True).exclude(pk=obj.pk).first()
        if before is not None and "is_default" in form.changed_data and form.cleaned_data["is_default"]:
            Queue.objects.filter(pk=before.pk).update(is_default=False)
            messages.warning(request, f"“{before}” is not the default queue any more: “{obj}” is.")
        super().save_model(request, obj, form, change)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        for wrong in flaws.found() if request.method == "GET" else ():
            messages.warning(request, wrong)
        page: HttpResponseBase = super().changelist_view(request, extra_context)
        return page


@admin.register(BusinessHours)
class BusinessHoursPage(Page):
    form = HoursForm
    list_display = ("title", "time_zone")
    search_fields = ("title",)


@admin.register(Agent)
class AgentPage(Lasting):
    """Where they say to be, and whether they get new work, is said on the board: a page left open undoes neither."""

    form = SpeakersForm
    list_display = ("name", "user", "manual_status", "last_seen_at", "capacity", "is_draining", "is_active")
    list_filter = ("manual_status", "is_active", "queues", "skills")
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    autocomplete_fields = ("user", "skills")
    readonly_fields = (
        "manual_status", "is_draining", "last_seen_at", "last_input_at", "not_responding_at", "missed_offers",
        "last_assigned_at",
    )  # fmt: skip
    inlines = (MembershipRows,)

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **more: Any) -> FormField | None:
        """What they set at their own desk is compared with what the page showed."""
        if db_field.name in ("language", "uses_single_keys", "hears_sounds", "sees_notifications"):
            more = {**more, "show_hidden_initial": True}
        return super().formfield_for_dbfield(db_field, request, **more)


@admin.register(Membership)
class MembershipPage(Page):
    list_display = ("agent", "queue", "role")
    list_filter = ("queue", "role")
    list_select_related = ("agent", "queue")
    autocomplete_fields = ("agent", "queue")


@admin.register(Affinity)
class AffinityPage(Ledger):
    list_display = ("customer", "scope", "agent", "queue", "handled_at")
    list_select_related = ("customer", "agent", "queue")
    list_filter = ("agent", "queue")


@admin.register(Note)
class NotePage(Ledger):
    """Notes are read in the inbox, where access is checked; here only that they exist."""

    list_display = ("public_id", "kind", "agent", "created_at")
    list_filter = ("kind", "agent")
    list_select_related = ("agent",)
    exclude = ("text", "card")


admin.site.unregister(Conversation)


@admin.register(Conversation)
class OwnedConversationPage(ConversationPage):
    """Conversations know their owner by kind and id; here are the people and queues behind these."""

    list_display = ("public_id", "state", "owner", "mode", "waiting_on", "last_message_at", "owner_epoch")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        rows: QuerySet[Conversation] = super().get_queryset(request)
        agents = Agent.objects.filter(pk=OuterRef("owner_id")).values("name")
        queues = Queue.objects.filter(pk=OuterRef("owner_id")).values("title")
        return rows.annotate(agent_name=Subquery(agents), queue_title=Subquery(queues))

    @display(description="owner", ordering="owner_kind")
    def owner(self, conversation: Conversation) -> str:
        names = {"agent": "agent_name", "queue": "queue_title"}
        name = getattr(conversation, names.get(conversation.owner_kind, ""), None)
        return name or conversation.get_owner_kind_display()
