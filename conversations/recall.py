"""What do we remember, so that nobody asks twice? One block, made the same way every time, for three readers.

`block` is for people of ours, who see all linked channels; `seen` is for the bot and the language model: only what the
session may look at. `text` is either as plain text.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Subquery

from conversations import shopping, topics
from conversations.journeys import progress
from conversations.journeys.moves import MAIN_MENU
from conversations.journeys.scene import Scene, remember
from conversations.models import Conversation, JourneyRun, Message, Session
from customers import attribute_showing, attributes, definitions

WITHIN = timedelta(days=settings.RECALL_WITHIN_DAYS)
LONGEST = 1200  # characters of `text`
LINE = 200  # characters of one line of it
PREVIOUS = 3  # conversations
PASSED = 20  # sessions that are looked at to find them
TIERS = ("tier", "segment")
PROOFS = {"none": "nothing proven in this session", "attested": "attested by the channel", "strong": "proven"}


@dataclass(frozen=True, slots=True)
class Recall:
    """The context block. `previous` are conversations that are over, the newest first; `last_event` is in words."""

    name: str = ""
    language: str = ""
    tier: str = ""
    proof: str = ""
    last_journey: dict[str, Any] | None = None
    answers: list[dict[str, str]] = field(default_factory=list)
    previous: list[dict[str, Any]] = field(default_factory=list)
    last_event: str = ""
    attributes: list[dict[str, str]] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def ready() -> None:
    """Called once, when Django is ready: journeys may name what is remembered."""
    remember("topic", topic)
    remember("last_journey", open_journey)


def block(*, root_id: int, run: JourneyRun | None = None, session: Session | None = None) -> Recall:
    """What an agent should know of the person; `run` is the journey in question, by default the newest open one.

    `session` is where they speak now: its proof is said, and its conversation is not among the previous ones.
    """
    known = attributes.values(root_id)
    run = run or open_run(root_id)
    return Recall(
        name=str(known.get("name") or ""),
        language=str(known.get("language") or ""),
        tier=_tier(known),
        proof=session.assurance if session else "",
        last_journey=last_journey(run) if run else None,
        answers=answers(run) if run else [],
        previous=_previous(_sessions(root_id), session, None),
        last_event=shopping.words(shopping.latest(root_id)),
        attributes=_visible(known),
        channels=sorted(set(_sessions(root_id).order_by().values_list("kind", flat=True).distinct())),
    )


def seen(scene: Scene) -> Recall:
    """The same for this session: what it has not proven is not there, and in public nothing is."""
    if not scene.is_private:
        return Recall()
    known = scene.attributes
    run = topics.open_run(scene)
    sessions = _sessions(scene.root.pk)
    heard = [one for one in sessions[: PASSED * 5] if scene.sees(one.identity_id, *one.proven)]
    return Recall(
        name=str(known.get("name") or ""),
        language=str(known.get("language") or ""),
        tier=_tier(known),
        proof=scene.session.assurance,
        last_journey=last_journey(run, str(known.get("language") or "")) if run else None,
        answers=answers(run) if run else [],
        previous=_previous(sessions, scene.session, scene),
        last_event=shopping.words(shopping.latest(scene.root.pk, scene)),
        attributes=_visible(known),
        channels=sorted({one.kind for one in heard}),
    )


def topic(scene: Scene, asking: int) -> str:
    """`context.topic` of a journey's texts: what was spoken about before that version asked; '' in public."""
    return topics.of_scene(scene, scene.now - WITHIN, besides=asking) if scene.is_private else ""


def open_journey(scene: Scene, asking: int) -> dict[str, Any]:
    """`context.last_journey`: where another open journey stands; empty when none is, or may be named here."""
    run = topics.open_run(scene, besides=asking) if scene.is_private else None
    return last_journey(run, str(scene.attributes.get("language") or "")) if run else {}


def text(known: Recall) -> str:
    """The block as lines of plain text, at most 1,200 characters: what does not fit is left out, the last first."""
    where = known.last_journey
    lines = [
        _line("Name", known.name),
        _line("Language", known.language),
        _line("Tier", known.tier),
        _line("Proof", PROOFS.get(known.proof, known.proof)),
        _line("Open journey", _journey(where) if where else ""),
        *(_line("Answered", f"{one['label']}: {one['value']}") for one in known.answers[-3:]),
        *(_line("Conversation", past(one)) for one in known.previous),
        _line("Last order or cart", known.last_event),
        *(_line(one["label"], one["value"]) for one in known.attributes),
        _line("Channels used", ", ".join(known.channels)),
    ]
    kept: list[str] = []
    for line in filter(None, lines):
        if sum(map(len, kept)) + len(kept) + len(line) <= LONGEST:
            kept.append(line)
    return "\n".join(kept)


def past(one: dict[str, Any]) -> str:
    """A conversation that is over, in one line: date, channel, topic, how it ended, who helped."""
    parts = (str(one["closed_at"] or "")[:10], one["channel"], one["topic"], one["reason"], one["agent"])
    return ", ".join(part for part in parts if part)


def open_run(root_id: int) -> JourneyRun | None:
    """The person's newest open journey in the foreground; menus and pre-chat questions are none."""
    rows = JourneyRun.objects.filter(
        customer__root_id=root_id, lane="foreground", purpose="journey", status__in=JourneyRun.OPEN
    ).exclude(version__journey__key=MAIN_MENU)
    return rows.select_related("session").order_by("-touched_at", "-pk").first()


def journey_of(root_id: int) -> dict[str, Any] | None:
    """Where the person's newest open journey in the foreground stands; None if there is none."""
    run = open_run(root_id)
    return last_journey(run) if run else None


def last_journey(run: JourneyRun, language: str = "") -> dict[str, Any]:
    """Where a journey stands, in plain data."""
    version = progress.version_of(run)
    return {
        "key": version.key,
        "title": version.called(language),
        "step": run.step_id,
        "label": version.label(run.step_id, language),
        "since": run.started_at.isoformat(),
        "touched_at": run.touched_at.isoformat(),
        "channel": run.last_channel,
        "status": run.status,
    }


def answers(run: JourneyRun, language: str = "") -> list[dict[str, str]]:
    """What was answered so far, in the author's words and order; private values are masked."""
    pairs = progress.version_of(run).answers(run.vars, language)
    return [{"label": label, "value": value} for label, value in pairs]


def is_resolved(*, scene: Scene, within: timedelta) -> bool:
    """Was the last matter closed as resolved, that short a time ago?"""
    closed = Conversation.objects.of_person(scene.root.pk).filter(state="closed", closed_at__gt=scene.now - WITHIN)
    last = closed.order_by("-closed_at").first()
    closed_at = last.closed_at if last is not None and last.close_reason == "resolved" else None
    return closed_at is not None and scene.now - closed_at <= within


def _tier(known: dict[str, Any]) -> str:
    return next((str(known[key]) for key in TIERS if known.get(key)), "")


def _visible(known: dict[str, Any]) -> list[dict[str, str]]:
    """The attributes that the bot may know, in the order of their definitions; sensitive ones masked."""
    found = [one for one in definitions.every().values() if one.is_bot_visible and not one.is_archived]
    listed = sorted((one for one in found if known.get(one.key) is not None), key=lambda one: (one.order, one.key))
    return [{"label": one.title, "value": attribute_showing.said(one, known[one.key], reveals=False)} for one in listed]


def _sessions(root_id: int) -> Any:
    """The sessions of every conversation of the person, the newest first."""
    return Session.objects.filter(conversation__customer__root_id=root_id).order_by("-opened_at", "-pk")


def _previous(sessions: Any, here: Session | None, scene: Scene | None) -> list[dict[str, Any]]:
    """The last conversations that are over; of those that nothing in this scene reaches, none."""
    spoke = Message.objects.filter(session__conversation=OuterRef("conversation"), author="agent").order_by("-pk")
    rows = sessions.filter(conversation__state=Conversation.State.CLOSED).select_related("conversation")
    rows = rows.exclude(conversation=here.conversation_id if here else None)
    found: dict[int, dict[str, Any]] = {}
    for row in rows.annotate(helped=Subquery(spoke.values("agent_name")[:1])).order_by("-conversation__closed_at")[
        : PASSED * 5
    ]:
        if scene is not None and not scene.sees(row.identity_id, *row.proven):
            continue
        if row.conversation_id in found or len(found) == PREVIOUS:
            continue
        found[row.conversation_id] = _said(row.conversation, row, scene)
    return list(found.values())


def _said(one: Conversation, session: Any, scene: Scene | None) -> dict[str, Any]:
    return {
        "id": str(one.public_id),
        "opened_at": _moment(one.opened_at),
        "closed_at": _moment(one.closed_at),
        "channel": session.kind,
        "topic": topics.of_conversation(one, scene),
        "reason": one.close_reason,
        "agent": session.helped or "",
    }


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _journey(where: dict[str, Any]) -> str:
    since = f"since {str(where['since'])[:10]}"
    return ", ".join(part for part in (where["title"], f"at {where['label']}", since, f"on {where['channel']}") if part)


def _line(label: str, value: str) -> str:
    """One line; what a customer has put into a value breaks none."""
    shown = " ".join(value.split())
    return f"{label}: {shown}"[:LINE] if shown else ""
