"""How does a program narrow the conversations? By the same filter as the lists of the inbox."""

from __future__ import annotations

from typing import Any

import django_filters  # type: ignore[import-untyped]  # it ships no types
from django.db.models import Q, QuerySet

from conversations import words
from conversations.models import Conversation
from customers import audit
from handover import filters, listing
from handover.models import Agent

FOUND_MOST = 200  # conversations in which words are found, the newest


class ConversationFilter(django_filters.FilterSet):  # type: ignore[misc]  # see the import
    """`owner`, `queue`, `kind`, `tag`, `waiting`, `unread`, `mentions`, `sla`, `mode` and `q` as in the inbox."""

    customer = django_filters.UUIDFilter(field_name="customer__root__public_id")
    channel = django_filters.CharFilter(field_name="sessions__channel", distinct=True, help_text="Key of a channel.")
    kind = django_filters.CharFilter(method="narrowed", help_text="Kind of channel over which any of it ran: web ...")
    owner = django_filters.CharFilter(method="narrowed", help_text="me, nobody, colleagues, bot or external.")
    queue = django_filters.CharFilter(method="narrowed", help_text="Key of the queue that it waits in or came through.")
    tag = django_filters.CharFilter(method="narrowed", help_text="Key of a topic.")
    waiting = django_filters.CharFilter(method="narrowed", help_text="Who owes the next word: us or customer.")
    unread = django_filters.CharFilter(method="narrowed", help_text="yes: written to since the caller looked.")
    mentions = django_filters.CharFilter(method="narrowed", help_text="yes: a note names the caller, unseen.")
    sla = django_filters.CharFilter(method="narrowed", help_text="near: a promise is nearly due; over: it is overdue.")
    mode = django_filters.CharFilter(method="narrowed", help_text="live, or ticket: a message that was left.")
    q = django_filters.CharFilter(method="searched", help_text="People by address or name, and words written.")

    class Meta:
        model = Conversation
        fields = ("state", "owner_kind", "waiting_on", "skill")

    def narrowed(self, rows: QuerySet[Conversation], name: str, value: str) -> QuerySet[Conversation]:
        """One part of the filter; `filters.BadFilter` if it means nothing."""
        agent = self._agent()
        asked = filters.read({("channel" if name == "kind" else name): value, "state": "any"}, agent)
        return listing.narrow(rows, asked, agent)

    def searched(self, rows: QuerySet[Conversation], name: str, value: str) -> QuerySet[Conversation]:
        """Of the people that it names, and the newest in which the words stand; noted in the audit log."""
        asked = filters.read({"q": value})
        hits = words.find(asked=words.wanted(asked.q), among=rows, limit=FOUND_MOST).hits
        audit.record(actor=f"user:{self.request.user.pk}", action="inbox.search", rows=len(hits))
        named = Q(customer__root__in=listing.people(asked.q, rows))
        return rows.filter(named | Q(pk__in=[hit.conversation_id for hit in hits]))

    def _agent(self) -> Agent | None:
        found: Any = getattr(self.request.user, "agent", None)
        return found if isinstance(found, Agent) else None
