"""Who works here, for which queue? The team's set-up in the back office."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from unfold.admin import TabularInline
from unfold.decorators import display

from common.admin import Ledger, Page
from conversations.admin import ConversationPage
from conversations.models import Conversation
from handover import hours
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


class QueueForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    """A queue that could not do what it says is not kept."""

    class Meta:
        model = Queue
        fields = "__all__"
        help_texts = {
            "languages": "Codes such as en, es; empty: every language.",
            "referrers": "Shops, sites or sections whose customers come here; empty: all.",
            "channels": "Keys or kinds of channels for which this is the default queue.",
            "max_wait_minutes": "Longest wait, after which “when exhausted” holds.",
            "quiet_minutes": "A customer who is silent for so long is asked by the journey below; at least 2.",
        }

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("strategy") == Queue.Strategy.EXTERNAL and not given.get("connection"):
            self.add_error("connection", "The external strategy asks a connection.")
        if bool(given.get("quiet_minutes")) != bool(given.get("quiet_journey")):
            self.add_error("quiet_journey", "The minutes of silence and the journey belong together.")
        if given.get("quiet_minutes") and given["quiet_minutes"] < 2:
            self.add_error("quiet_minutes", "At least 2: the customer is asked one minute before.")
        behind, own = given.get("fallback"), self.instance.pk
        if behind is not None and own and (wrong := flaws.circle_with(own, behind.pk)):
            self.add_error("fallback", wrong)
        return given


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

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        for wrong in flaws.found() if request.method == "GET" else ():
            messages.warning(request, wrong)
        page: HttpResponseBase = super().changelist_view(request, extra_context)
        return page


class HoursForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    """Hours that nobody could read are not kept."""

    class Meta:
        model = BusinessHours
        fields = ("title", "time_zone", "weekly", "holidays")
        help_texts = {
            "time_zone": "Such as Europe/Stockholm.",
            "weekly": 'The shifts of each day: {"mon": ["09:00-12:30", "13:30-17:00"], "fri": ["22:00-06:00"]}.',
            "holidays": 'Days on which nobody is there: ["2026-12-24"].',
        }

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        try:
            hours.check(given.get("weekly") or {}, given.get("holidays") or [], given.get("time_zone") or "")
        except hours.Unclear as error:
            raise ValidationError(str(error)) from error
        return given


@admin.register(BusinessHours)
class BusinessHoursPage(Page):
    form = HoursForm
    list_display = ("title", "time_zone")
    search_fields = ("title",)


@admin.register(Agent)
class AgentPage(Lasting):
    list_display = ("name", "user", "manual_status", "last_seen_at", "capacity", "is_draining", "is_active")
    list_filter = ("manual_status", "is_active", "queues", "skills")
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    autocomplete_fields = ("user", "skills")
    readonly_fields = ("last_seen_at", "last_input_at", "not_responding_at", "missed_offers", "last_assigned_at")
    inlines = (MembershipRows,)


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
