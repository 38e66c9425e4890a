"""Which ready words fit what an agent has typed behind the `/`, and how do they read in this conversation?"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from conversations.models import Conversation
from handover import ready
from handover.models import Agent, CannedReply

MOST = 30  # in one list


@dataclass(frozen=True, slots=True)
class Found:
    """One ready reply with its places filled in; `missing` are the places about which nothing is known."""

    row: CannedReply
    text: str
    missing: tuple[str, ...]


def find(*, conversation: Conversation, agent: Agent, typed: str = "") -> list[Found]:
    """What fits, best first: the shortcut as typed, one that begins so, the rest; the customer's language comes first.

    The agent's own come before a queue's, and those before everybody's.
    """
    rows = ready.visible(CannedReply.objects.select_related("queue"), agent)
    for word in typed.split()[:5]:
        rows = rows.filter(Q(shortcut__icontains=word) | Q(title__icontains=word) | Q(text__icontains=word))
    scope = ready.scope(conversation, agent)
    spoken = str(scope["conversation"]["language"])
    best = sorted(rows, key=lambda row: (*_rank(row, typed.casefold(), spoken), row.shortcut, row.pk))[:MOST]
    filled = [(row, ready.fill(row.text, scope)) for row in best]
    return [Found(row, words.text, words.missing) for row, words in filled]


def _rank(row: CannedReply, typed: str, spoken: str) -> tuple[bool, bool, int, int]:
    languages = [spoken, ""] if spoken else ["", "en"]
    language = languages.index(row.language) if row.language in languages else len(languages)
    whose = 0 if row.owner_id else 1 if row.queue_id else 2
    return row.shortcut != typed, not row.shortcut.startswith(typed), language, whose
