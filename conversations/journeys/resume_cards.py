"""Which open journey may be offered to somebody who looks at a screen, before they say anything?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from conversations.journeys import resume as resume_rules
from conversations.journeys.moves import MAIN_MENU
from conversations.journeys.progress import state_of, version_of
from conversations.journeys.state import Assurance, Context
from conversations.models import Conversation, JourneyRun
from customers import attributes
from customers.models import Customer


@dataclass(frozen=True, slots=True)
class ResumeCard:
    """A journey that may be gone on with, in the person's language; `status` is `auto` within a day, else `offer`."""

    run: UUID
    title: str
    step: str
    since: datetime
    kind: str
    status: str
    language: str = ""


def resumable(
    *, root: Customer, visible: Collection[int], assurance: Assurance, now: datetime, here: str = ""
) -> ResumeCard | None:
    """The person's open journey as a card for somebody who may look at what the `visible` identities have said.

    None hides what may not be seen, and what does not exist, alike. `here`: the place that looks (`state.place`); a
    question that stands there already is no card.
    """
    found = JourneyRun.objects.filter(customer__root_id=root.pk, lane="foreground", status__in=JourneyRun.OPEN)
    for run in found.select_related("session", "conversation").order_by("-touched_at", "-pk"):
        version = version_of(run)
        if version.key == MAIN_MENU or set(visible).isdisjoint({run.session.identity_id, *run.session.proven}):
            continue
        context = Context(place=here, assurance=assurance)
        verdict = resume_rules.verdict(version, state_of(run), now, context, pull=True)
        if verdict not in ("resume", "offer") or run.conversation.owner_kind != Conversation.Owner.BOT:
            return None
        status = "auto" if now - run.touched_at <= resume_rules.AUTO and version.policy.resume == "auto" else "offer"
        language = str(attributes.values(root.pk).get("language") or "")
        title, label = version.called(language), version.label(run.step_id, language)
        return ResumeCard(run.public_id, title, label, run.touched_at, run.session.kind, status, language)
    return None
