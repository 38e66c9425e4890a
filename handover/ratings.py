"""How was it? Asked once after a conversation was closed, heard on the channel where it was asked (CSAT, 1 to 5).

The answer is a tap, a number or stars, with words (`verdicts`) or without; after it a word may follow. Neither opens
the matter again, but a question does, and who was not content and says why is heard by people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from uuid import UUID

from django.db.models import QuerySet

from common import clock
from conversations import events, threads
from conversations.content import Choice, Option, Text
from conversations.journeys.scene import Scene
from conversations.journeys.state import Heard
from conversations.models import Conversation, Message
from conversations.sessions import Place
from handover import discontent, limits, remarks
from handover.models import Agent, Queue, Rating
from handover.verdicts import Verdict

PREFIX = "rate:"
STEP = RATED = "rating"
COMMENT_WITHIN = timedelta(minutes=15)
LONGEST = 2000  # characters of the word that follows
SCORES = ("1", "2", "3", "4", "5")


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language; `scale` from the worst to the best."""

    ask: str
    scale: tuple[str, str, str, str, str]
    thanks: str
    noted: str


_ENGLISH = Words(
    "How did we do? Choose from 1 to 5.",
    ("Very bad", "Bad", "So-so", "Good", "Very good"),
    "Thank you. If you like, add a word about it.",
    "Thank you, I have passed that on.",
)
_SPANISH = Words(
    "¿Qué tal lo hemos hecho? Elige del 1 al 5.",
    ("Muy mal", "Mal", "Regular", "Bien", "Muy bien"),
    "Gracias. Si quieres, añade unas palabras.",
    "Gracias, lo he transmitido.",
)
_GERMAN = Words(
    "Wie waren wir? Wählen Sie von 1 bis 5.",
    ("Sehr schlecht", "Schlecht", "Geht so", "Gut", "Sehr gut"),
    "Danke. Wenn Sie mögen, schreiben Sie ein Wort dazu.",
    "Danke, ich habe es weitergegeben.",
)
LANGUAGES = MappingProxyType({"en": _ENGLISH, "es": _SPANISH, "de": _GERMAN})
LABELS = {label.casefold(): score for words in LANGUAGES.values() for score, label in enumerate(words.scale, start=1)}


def ask(scene: Scene, about: Conversation, agent: Agent, queue: Queue | None) -> None:
    """Asks here how it was, in that conversation; `asking_how` says when."""
    made = Rating.objects.create(
        conversation=about,
        customer_id=scene.session.customer_id,
        session=scene.session,
        agent=agent,
        queue=queue,
        asked_at=scene.now,
        closes_at=scene.now + limits.lasts("REOPEN_WITHIN"),
    )
    words = _words(scene)
    options = tuple(
        Option(id=str(score), label=label, payload=f"{PREFIX}{made.public_id}:{score}", number=score)
        for score, label in enumerate(words.scale, start=1)
    )
    scene.say(Choice(words.ask, options), step_id=STEP)


def hear(scene: Scene, said: Heard, is_new: bool) -> bool:
    """Is this an answer to how it was? Then it is noted, and nothing else is made of it. `is_new`: nothing else is
    said in this conversation."""
    if said.payload:
        return said.payload.startswith(PREFIX) and _tapped(scene, said.payload, is_new)
    if (rated := _rated(scene.conversation)) is not None:
        return _comments(scene, said, rated)
    given = _given(said.text, scene.session.kind, scene.session.channel)
    rating = _asked(*_here(scene)) if given is not None else None
    return rating is not None and given is not None and _rate(scene, rating, given, is_new)


def _tapped(scene: Scene, payload: str, is_new: bool) -> bool:
    """A tap names its question; one that is not theirs, or not of this place, means nothing."""
    wanted, _, score = payload.removeprefix(PREFIX).rpartition(":")
    try:
        public_id = UUID(wanted)
    except ValueError:
        return True
    rating = _of_place(*_here(scene)).filter(public_id=public_id).first()
    if rating is None or score not in SCORES or rating.closes_at <= scene.now:
        return True
    return _rate(scene, rating, Verdict(int(score)), is_new)


def _rate(scene: Scene, rating: Rating, given: Verdict, is_new: bool) -> bool:
    """The last tap counts, until a word was added; words that came with the score are it."""
    if rating.comment:
        return True
    rating.score, rating.answered_at = given.score, scene.now
    rating.closes_at = scene.now + COMMENT_WITHIN
    rating.save(update_fields=["score", "answered_at", "closes_at"])
    if is_new:
        threads.set_aside(scene.conversation)
    _note(rating, "rated", score=given.score)
    if given.words:
        _keep(scene, rating, given.words)
        return True
    _remember(scene, rating.pk)
    scene.say(Text(_words(scene).thanks), step_id=STEP)
    return True


def _comments(scene: Scene, said: Heard, rated: int) -> bool:
    """The first words after the score, unless they ask or want something else."""
    _remember(scene, None)
    rating = _open_for_a_word(rated, *_here(scene))
    if rating is None or not remarks.asks_nothing(said.text) or remarks.names_a_wish(said):
        return False
    _keep(scene, rating, said.text)
    return True


def _keep(scene: Scene, rating: Rating, words: str) -> None:
    rating.comment, rating.closes_at = words[:LONGEST], scene.now
    rating.save(update_fields=["comment", "closes_at"])
    _note(rating, "rating_commented")
    if not discontent.heard(scene, rating):
        scene.say(Text(_words(scene).noted), step_id=STEP)


def _remember(scene: Scene, rated: int | None) -> None:
    """With the conversation that the answer began, so that no other turn has to look for it."""
    known = {name: value for name, value in (scene.conversation.handover or {}).items() if name != RATED}
    scene.conversation.handover = ({**known, RATED: rated} if rated is not None else known) or None
    scene.conversation.save(update_fields=["handover"])


def _given(said: str, kind: str, channel: str) -> Verdict | None:
    return remarks.given(said, kind=kind, channel=channel, labels=LABELS)


def is_answer(text: str, *, root_id: int, identity_id: int, channel: str, kind: str) -> bool:
    """Would these words be taken as an answer there? Asked before a closed conversation goes on by them."""
    return _given(text, kind, channel) is not None and _asked(root_id, identity_id, channel) is not None


def is_comment(aside: Conversation, text: str, place: Place, root_id: int) -> bool:
    """Would these words be taken as the ones that follow the score given in that conversation?"""
    rated = _rated(aside)
    if rated is None or not remarks.asks_nothing(text):
        return False
    return _open_for_a_word(rated, root_id, place.identity.pk, place.channel) is not None


def _rated(conversation: Conversation) -> int | None:
    """What was rated in it just now."""
    return (conversation.handover or {}).get(RATED)


def _open_for_a_word(rated: int, root_id: int, identity_id: int, channel: str) -> Rating | None:
    found = _of_place(root_id, identity_id, channel).filter(pk=rated, closes_at__gt=clock.now()).first()
    return found if found is not None and not found.comment else None


def _asked(root_id: int, identity_id: int, channel: str) -> Rating | None:
    """What was asked there and may still be answered, if nothing else was said there since."""
    spoken = Message.objects.filter(session__identity_id=identity_id, session__channel=channel)
    last = spoken.exclude(author=Message.Author.CUSTOMER).order_by("-occurred_at", "-pk")
    if last.values_list("step_id", flat=True).first() != STEP:
        return None
    asked = _of_place(root_id, identity_id, channel).filter(closes_at__gt=clock.now(), score__isnull=True)
    return asked.order_by("-asked_at").first()


def _of_place(root_id: int, identity_id: int, channel: str) -> QuerySet[Rating]:
    mine = Rating.objects.filter(customer__root_id=root_id)
    return mine.filter(session__identity_id=identity_id, session__channel=channel)


def _here(scene: Scene) -> tuple[int, int, str]:
    return scene.root.pk, scene.session.identity_id, scene.session.channel


def _note(rating: Rating, kind: str, **data: int) -> None:
    """On the conversation that was rated, where its agent sees it."""
    rated: Conversation = threads.lock(conversation_id=rating.conversation_id)
    events.append(conversation=rated, kind=kind, actor_kind="customer", data=data)


def _words(scene: Scene) -> Words:
    return LANGUAGES.get(str(scene.attributes.get("language") or "en")[:2], _ENGLISH)
