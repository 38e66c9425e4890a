"""Which conversations does somebody on the staff read over the API, in which pages? What is handed out is counted."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import viewsets

from common.pages import CursorPages
from conversations.held import ERASED
from conversations.models import Conversation, Session
from handover import naming_owners, reads, sight


class NewestFirst(CursorPages):
    ordering = ("-last_message_at", "-id")
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class Conversations(NewestFirst):
    """Those of a page count as read."""

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any] | None:
        page = super().paginate_queryset(queryset, request, view)
        reads.note(user_id=request.user.pk, conversations=[one.pk for one in page or ()])
        return page


class NotesNewestFirst(NewestFirst):
    ordering = ("-created_at", "-id")


class ReadByStaff(viewsets.GenericViewSet[Conversation]):
    """What the caller may see; somebody of the office without a desk sees all. Each one counts as read."""

    pagination_class = Conversations

    def get_queryset(self) -> QuerySet[Conversation]:
        agent = getattr(self.request.user, "agent", None)
        seen = sight.visible_to(agent) if agent else Conversation.objects.exclude(close_reason=ERASED)
        sessions = Prefetch("sessions", Session.objects.order_by("id"))
        return naming_owners.named(seen).select_related("customer__root").prefetch_related(sessions)

    def get_object(self) -> Conversation:
        found = super().get_object()
        reads.note(user_id=self.request.user.pk or 0, conversations=(found.pk,))
        return found
