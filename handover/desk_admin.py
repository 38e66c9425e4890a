"""What is promised, offered, said at the end, and set up for the desk? Back-office pages of the human side."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from common.admin import Ledger, Page
from handover import context_links
from handover.models import (
    BulkAction,
    CannedReply,
    ContextLink,
    Disposition,
    EngineMark,
    Macro,
    Rating,
    ReferrerRule,
    Reservation,
    SavedView,
    SlaClock,
    SlaPolicy,
    Tag,
    WrapUp,
)
from handover.words_forms import MacroStepsForm, ReplyWordsForm, ViewFilterForm


@admin.register(SlaPolicy)
class SlaPolicyPage(Page):
    list_display = ("title", "first_minutes", "next_minutes", "resolution_minutes", "warn_percent", "breach_priority")
    search_fields = ("title",)


@admin.register(ReferrerRule)
class ReferrerRulePage(Page):
    list_display = ("pattern", "referrer", "rank")
    search_fields = ("pattern", "referrer")


@admin.register(Tag)
class TagPage(Page):
    list_display = ("title", "key", "is_archived")
    list_filter = ("is_archived",)
    search_fields = ("title", "key")


@admin.register(Disposition)
class DispositionPage(Page):
    list_display = ("title", "key", "is_archived")
    list_filter = ("is_archived",)
    search_fields = ("title", "key")


@admin.register(CannedReply)
class CannedReplyPage(Page):
    form = ReplyWordsForm
    list_display = ("shortcut", "title", "language", "queue", "owner", "updated_at")
    list_filter = ("language", "queue")
    list_select_related = ("queue", "owner")
    search_fields = ("shortcut", "title", "text")
    autocomplete_fields = ("queue", "owner")


@admin.register(Macro)
class MacroPage(Page):
    form = MacroStepsForm
    list_display = ("title", "queue", "owner", "updated_at")
    list_filter = ("queue",)
    list_select_related = ("queue", "owner")
    search_fields = ("title",)
    autocomplete_fields = ("queue", "owner")


class ContextLinkForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    """An address that can only lead where it says."""

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if flaw := context_links.flaw(url):
            raise ValidationError(flaw)
        return url


@admin.register(ContextLink)
class ContextLinkPage(Page):
    """Links of the side bar: what their places are filled with is decided for each agent."""

    form = ContextLinkForm
    list_display = ("title", "url", "position")
    search_fields = ("title", "url")


@admin.register(SavedView)
class SavedViewPage(Page):
    form = ViewFilterForm
    list_display = ("title", "queue", "owner", "position")
    list_filter = ("queue",)
    list_select_related = ("queue", "owner")
    search_fields = ("title",)
    autocomplete_fields = ("queue", "owner")


@admin.register(SlaClock)
class SlaClockPage(Ledger):
    list_display = ("conversation", "kind", "queue", "started_at", "due_at", "warned_at", "breached_at", "met_at")
    list_filter = ("kind", "queue", "policy")
    list_select_related = ("conversation", "queue")


@admin.register(Reservation)
class ReservationPage(Ledger):
    list_display = ("conversation", "agent", "kind", "status", "offered_at", "expires_at", "answered_at")
    list_filter = ("status", "kind", "agent")
    list_select_related = ("conversation", "agent")


@admin.register(Rating)
class RatingPage(Ledger):
    """What the customer wrote is read in the inbox, where access is checked."""

    list_display = ("conversation", "score", "agent", "queue", "asked_at", "answered_at")
    list_filter = ("score", "queue", "agent")
    list_select_related = ("conversation", "agent", "queue")
    exclude = ("comment",)


@admin.register(WrapUp)
class WrapUpPage(Ledger):
    list_display = ("conversation", "agent", "disposition", "started_at", "ends_at", "done_at")
    list_filter = ("disposition", "agent")
    list_select_related = ("conversation", "agent", "disposition")


@admin.register(BulkAction)
class BulkActionPage(Ledger):
    list_display = ("verb", "agent", "status", "created_at", "done_at")
    list_filter = ("status", "verb", "agent")
    list_select_related = ("agent",)


@admin.register(EngineMark)
class EngineMarkPage(Ledger):
    list_display = ("conversation", "source", "event_id", "occurred_at")
    list_filter = ("source",)
    list_select_related = ("conversation",)
