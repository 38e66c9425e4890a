"""What does the widget know to say before anybody has written? The card of a journey that stopped somewhere else."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from channels_app import visits
from channels_app.models import Visit
from common import clock
from conversations.journeys import engine, progress, resume
from conversations.journeys.state import Assurance, Context, place
from conversations.models import Conversation, JourneyRun
from customers import identity
from customers.models import Identity

ASSURED: dict[str, Assurance] = {"none": "none", "attested": "verified", "strong": "strong"}
KINDS = {"whatsapp": "WhatsApp", "telegram": "Telegram", "discord": "Discord", "email": "e-mail", "web": "this chat"}


def resume_card(visit: Visit) -> dict[str, Any] | None:
    """The journey that this browser may go on with, in its own resume words; None if there is nothing it may know of.

    Its values were said by an address that the visit has proven; while a person of ours speaks, nothing is offered.
    """
    now = clock.now()
    proven, head = visits.proven(visit, now), visits.endpoint(visit, now)
    run = _in_front(head.customer.root_id, _visible(proven))
    if run is None or run.conversation.owner_kind != Conversation.Owner.BOT:
        return None
    where = place(visit.channel.key, str(head.pk))
    context = Context(place=where, assurance=ASSURED[visits.assurance(visit, now)])
    version, state = progress.version_of(run), progress.state_of(run)
    if resume.verdict(version, state, now, context, pull=True) not in ("resume", "offer"):
        return None
    said = engine.prompt(version, state, now, context, resumed=True)
    return {
        "run": str(run.public_id),
        "title": version.title,
        "step": version.label(run.step_id),
        "text": said[0].content.plain_text() if said else "",
        "channel": KINDS.get(run.session.kind, run.session.kind),
        "at": run.touched_at.isoformat(),
    }


def _visible(proven: list[Identity]) -> set[int]:
    """Everything whose words may be shown to somebody who has proven these."""
    return set(identity.visible_to(proven=proven).values_list("pk", flat=True))


def _in_front(root_id: int, visible: set[int]) -> JourneyRun | None:
    """The person's open run that comes first; one that was never said in front of these eyes does not exist."""
    for run in _open_runs(root_id):
        if not visible.isdisjoint({run.session.identity_id, *run.session.proven}):
            return run
    return None


def _open_runs(root_id: int) -> QuerySet[JourneyRun]:
    waiting = (JourneyRun.Status.ACTIVE, JourneyRun.Status.WAITING)
    rows = JourneyRun.objects.filter(customer__root_id=root_id, lane="foreground", status__in=waiting)
    return rows.select_related("session", "conversation").order_by("-touched_at", "-pk")
