"""Is somebody back whom we know, and what do we say then? Once, in private, and only what may be known there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db import transaction

from conversations import recall, sql, topics
from conversations.content import Text
from conversations.journeys.scene import Scene
from conversations.journeys.sentences import sentence
from conversations.models import Conversation, Greeting, Message, Session
from conversations.sessions import Place
from customers.models import Customer

AFTER = timedelta(minutes=settings.RECALL_AFTER_MINUTES)  # of silence
STEP = "welcome_back"
Standing = Literal["due", "said", "no"]


def greet(scene: Scene, *, is_heard: bool = True) -> bool:
    """Says it if it is due; True if they are welcomed with it, here or by the chat just before.

    `is_heard`: the customer's present message is stored already and breaks no silence.
    """
    due = standing(scene, is_heard=is_heard)
    if due == "said":
        note(scene)  # by the chat itself, before the session began: it counts for the session
        return True
    if due != "due" or scene.say(Text(words(scene)), step_id=STEP) is None:
        return False
    note(scene)
    return True


@transaction.atomic
def on_opening(*, place: Place, root: Customer, now: datetime) -> str:
    """The same words for a chat that is opened and in which nothing is said yet; '' if none are due.

    Shown once: what is noted here is not said again when the customer writes.
    """
    latest = sql.latest_session(place.identity.pk, place.channel)
    here = latest if latest is not None and latest.ended_at is None else None
    looking = Session(
        identity=place.identity,
        customer_id=place.identity.customer_id,
        channel=place.channel,
        kind=place.kind,
        proven=list(place.proven),
        assurance=place.assurance,
        is_public_place=place.is_public,
        opened_at=here.opened_at if here else now,
    )
    scene = Scene(Conversation(customer_id=place.identity.customer_id), looking, root, now=now)
    if standing(scene, is_heard=False) != "due" or _is_with_people(root):
        return ""
    found = words(scene)
    note(scene)
    return found


def standing(scene: Scene, *, is_heard: bool = True) -> Standing:
    """`due`: somebody proven, in private, back after half an hour and within thirty days, and not welcomed since.

    `said`: welcomed since they spoke last, before this session was begun. `no`: anything else.
    """
    if scene.session.assurance == "none" or not scene.session.proven or not scene.is_private or scene.is_stale:
        return "no"
    last = _last_word(scene, is_heard)
    if last is None or not AFTER <= scene.now - last <= recall.WITHIN:
        return "no"
    before = Greeting.objects.filter(identity_id=scene.session.identity_id, channel=scene.session.channel).first()
    if before is None or before.greeted_at < min(last, scene.session.opened_at):
        return "due"
    return "said" if last <= before.greeted_at < scene.session.opened_at else "no"


def words(scene: Scene) -> str:
    """The welcome, with the first name and the last topic as far as this session may know them."""
    language = str(scene.attributes.get("language") or "en")
    name = str(scene.attributes.get("first_name") or "").strip()
    hello = sentence("back_name", language, name=name) if name else sentence("back", language)
    about = topic(scene)
    return f"{hello} {sentence('back_topic', language, topic=about)}" if about else hello


def topic(scene: Scene) -> str:
    """What was last spoken about, as far as this session may know; '' if there is nothing to name."""
    return topics.of_scene(scene, scene.now - recall.WITHIN)


def note(scene: Scene) -> None:
    """Remembers that this endpoint was welcomed now."""
    session = scene.session
    Greeting.objects.update_or_create(
        identity_id=session.identity_id,
        channel=session.channel,
        defaults={"customer_id": session.customer_id, "greeted_at": scene.now},
    )


def _last_word(scene: Scene, is_heard: bool) -> datetime | None:
    """When the person has spoken last, wherever it was, before the message that this turn is about."""
    members = Customer.objects.filter(root_id=scene.root.pk).values_list("pk", flat=True)
    said = [_latest(pk, 2) for pk in members]
    times = sorted((pair for found in said for pair in found), reverse=True)
    if is_heard:
        times = times[1:]
    return times[0][0] if times else None


def _latest(customer_id: int, limit: int) -> list[tuple[datetime, int]]:
    """By the index of the timeline, one member at a time."""
    rows = Message.objects.filter(customer_id=customer_id, author=Message.Author.CUSTOMER)
    return list(rows.order_by("-occurred_at", "-pk").values_list("occurred_at", "pk")[:limit])


def _is_with_people(root: Customer) -> bool:
    open_ones = Conversation.objects.unclosed().of_person(root.pk)
    return open_ones.exclude(owner_kind=Conversation.Owner.BOT).exists()
