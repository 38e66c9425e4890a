"""Where may a job speak, and in which form? Where the customer wrote last and may see it; else in a template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from conversations import approved, reach, threads
from conversations.content import Content
from conversations.journeys import progress, resume, stack
from conversations.journeys.scene import Scene
from conversations.models import JourneyRun, Session
from customers.models import Customer


def place(root: Customer, run: JourneyRun, now: datetime) -> Scene | None:
    """Where the run may speak: only where its values may be shown, in the person's conversation, begun if need be."""
    for way in reach.ways(root=root, now=now):
        there = Scene(way.session.conversation, way.session, root, now)
        if not _may_speak(run, there):
            continue
        language = str(there.attributes.get("language") or "en")
        if way.is_shut and approved.carrying(channel=way.session.channel, language=language, text="-") is None:
            continue
        conversation, _ = threads.open_conversation(root=root, origin_id=way.session.customer_id, at=now)
        session: Session = reach.take(way=way, conversation=conversation, now=now)
        wording = Wording(session.channel, language) if way.is_shut else None
        return Scene(conversation, session, root, now, is_excused=True, wording=wording)
    return None


def _may_speak(run: JourneyRun, there: Scene) -> bool:
    requires = progress.version_of(run).policy.requires
    return stack.is_seen(run, there) and resume.is_enough(there.assurance, requires)


@dataclass(frozen=True, slots=True)
class Wording:
    """How something is said where the provider's window is shut: inside a template of that channel."""

    channel: str
    language: str

    def __call__(self, content: Content) -> Content:
        words = " · ".join(line for line in content.plain_text().splitlines() if line.strip())
        return approved.carrying(channel=self.channel, language=self.language, text=words) or content
