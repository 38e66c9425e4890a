"""Which conversations does somebody on the staff read over the API, in which pages? What is handed out is counted."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import viewsets

from common.pages import CursorPages
from conversations.held import ERASED
from conversations.models import Conversation, Session
from handover import engines, naming_owners, reads, sight


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
    """What the caller may see; an administrator without a desk sees all, an engine what concerns engines. Each one
    counts as read."""

    pagination_class = Conversations

    def get_queryset(self) -> QuerySet[Conversation]:
        sessions = Prefetch("sessions", Session.objects.order_by("id"))
        return naming_owners.named(self._seen()).select_related("customer__root").prefetch_related(sessions)

    def is_engine(self) -> bool:
        """Is it an account with the right of an outside engine?"""
        return bool(self.request.user.has_perm(engines.RIGHT))

    def _seen(self) -> QuerySet[Conversation]:
        agent = getattr(self.request.user, "agent", None)
        if agent is not None:
            return sight.visible_to(agent)
        is_administrator = self.request.user.is_authenticated and self.request.user.is_superuser
        return Conversation.objects.exclude(close_reason=ERASED) if is_administrator else engines.readable()

    def get_object(self) -> Conversation:
        found = super().get_object()
        reads.note(user_id=self.request.user.pk or 0, conversations=(found.pk,))
        return found
