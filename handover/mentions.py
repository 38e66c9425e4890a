"""Whom does a note name? `@` and a colleague's name or login; only those who may see the conversation."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from common import clock
from conversations import realtime
from conversations.models import Conversation
from handover import sight
from handover.models import Agent, Mention, Note

MOST = 20  # colleagues in one note


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a note's words."""

    text: str
    is_name: bool = False


def colleagues(conversation: Conversation, *, but: Agent | None = None) -> list[Agent]:
    """Who may be named in a note here: active agents who see the conversation, by name. Five queries."""
    agents = Agent.objects.filter(is_active=True, user__is_active=True).select_related("user").order_by("name", "pk")
    seen = sight.of([agent.pk for agent in agents], [conversation.pk])
    return [agent for agent in agents if seen.get(agent.pk) and (but is None or agent.pk != but.pk)]


def write(note: Note) -> list[Agent]:
    """Stores whom a new note names, and wakes their screens on commit. Nobody is named twice, nor by themselves."""
    if "@" not in note.text:
        return []
    named = among(note.text, [one for one in colleagues(note.conversation) if one.pk != note.agent_id])[:MOST]
    Mention.objects.bulk_create([Mention(note=note, agent=agent) for agent in named], ignore_conflicts=True)
    author = note.agent.name if note.agent else ""
    data = {"conversation": str(note.conversation.public_id), "name": author}
    for agent in named:
        told = {"type": "mention", "data": data}
        transaction.on_commit(partial(realtime.tell, f"agent:{agent.pk}", told))
    return named


def among(text: str, agents: Collection[Agent]) -> list[Agent]:
    """Those of the agents whom the text names, the longest name first where one begins like another."""
    by_name: dict[str, list[Agent]] = {}
    for agent in agents:
        for name in {folded(agent.name), folded(agent.user.username)}:
            by_name.setdefault(name, []).append(agent)
    found = {agent.pk: agent for _, _, name in _spots(text, by_name) for agent in by_name[name]}
    return list(found.values())


def folded(text: str) -> str:
    """As names are compared: without regard to case, in every script, nor to the dot of an i, which Turkish minds."""
    return text.casefold().replace("\u0307", "").replace("ı", "i")


def pieces(text: str, names: Collection[str]) -> list[Piece]:
    """The text cut where it names somebody, so that a name can be shown as one."""
    found, last = [], 0
    for start, end, _ in _spots(text, {folded(name) for name in names}):
        found += [Piece(text[last:start]), Piece(text[start:end], is_name=True)]
        last = end
    return [piece for piece in (*found, Piece(text[last:])) if piece.text]


def _spots(text: str, names: Collection[str]) -> Iterator[tuple[int, int, str]]:
    """From where to where there is an `@` with a name behind it, and which of these names, which are folded.

    A letter may be longer or shorter when it is folded, so each keeps its place in the text.
    """
    wanted = "|".join(re.escape(name) for name in sorted(filter(None, names), key=len, reverse=True))
    if not wanted or "@" not in text:
        return
    letters = [(letter, place) for place, whole in enumerate(text) for letter in folded(whole)]
    read = "".join(letter for letter, _ in letters)
    for found in re.finditer(rf"(?<![\w@])@({wanted})(?!\w)", read):
        yield letters[found.start()][1], letters[found.end() - 1][1] + 1, found[1]


def unseen(agent: Agent) -> int:
    """In how many conversations that they may see somebody has named this agent since they looked."""
    named = Mention.objects.filter(agent=agent, seen_at__isnull=True).values("note__conversation_id")
    return sight.visible_to(agent).filter(pk__in=named).count()


def is_new(conversation: Conversation, agent: Agent) -> bool:
    """Does a note here name the agent that they have not seen?"""
    return Mention.objects.filter(agent=agent, note__conversation=conversation, seen_at__isnull=True).exists()


def of_notes(note_ids: Collection[int]) -> dict[int, list[str]]:
    """The names of those whom the notes name, by note. One query, none when there are no notes."""
    found: dict[int, list[str]] = {}
    rows = Mention.objects.filter(note__in=note_ids).values_list("note_id", "agent__name", "agent__user__username")
    for note_id, *names in rows if note_ids else ():
        found.setdefault(note_id, []).extend(names)
    return found


def seen(*, conversation: Conversation, agent: Agent) -> int:
    """The agent has the notes of this conversation before them; returns how many were new."""
    fresh = Mention.objects.filter(agent=agent, note__conversation=conversation, seen_at__isnull=True)
    number = fresh.update(seen_at=clock.now())
    if number:
        transaction.on_commit(partial(realtime.tell, f"agent:{agent.pk}", {"type": "marks", "data": {}}))
    return number
