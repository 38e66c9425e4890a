"""Has the customer agreed that a language model reads their words? Asked once, by the bot; kept as a consent."""

from __future__ import annotations

import hashlib

from django.conf import settings

from conversations.content import Choice, Option
from conversations.journeys.matching import normal
from conversations.journeys.scene import Scene
from conversations.journeys.sentences import labels, sentence
from conversations.journeys.state import Heard
from conversations.models import Message
from customers import clusters, consent
from customers.models import Consent

STEP = "ai_consent"
YES, NO = "ai:yes", "ai:no"
WORDS = {"1": True, "2": False} | {
    normal(word): is_yes for is_yes, name in ((True, "yes"), (False, "no")) for word in labels(name)
}
PURPOSE = Consent.Purpose.AI_PROCESSING


def is_given(scene: Scene) -> bool:
    """A yes at the address that speaks here; whoever is suppressed is not processed."""
    return stands(scene) == Consent.State.IN and not clusters.is_suppressed(scene.root.pk)


def stands(scene: Scene) -> str:
    """`in`, `out` or `unset`."""
    return consent.state(identity=scene.session.identity, purpose=PURPOSE, at=scene.now)


def ask(scene: Scene) -> bool:
    """Asks whether the words may be passed on; False if that was said here before and nobody has answered."""
    if _asked(scene) is not None:
        return False
    language = _language(scene)
    options = (
        Option("yes", sentence("yes", language), YES, number=1),
        Option("no", sentence("no", language), NO, number=2),
    )
    return scene.say(Choice(sentence("ai_ask", language), options), step_id=STEP) is not None


def answer(scene: Scene, said: Heard) -> bool | None:
    """What a message says to our open question: yes, no, or None if it is no answer to it."""
    if said.payload in (YES, NO):
        return said.payload == YES
    word = normal(said.text)
    if said.payload or not settings.LLM_URL or word not in WORDS or not _is_open(scene):
        return None
    return WORDS[word]


def keep(scene: Scene, *, is_yes: bool) -> None:
    """Appends the word, with what was asked and where."""
    asked = _asked(scene)
    text = sentence("ai_ask", _language(scene))
    consent.record(
        identity=scene.session.identity,
        purpose=PURPOSE,
        state=Consent.State.IN if is_yes else Consent.State.OUT,
        occurred_at=scene.now,
        evidence={
            "source": "bot",
            "channel": scene.session.channel,
            "message": str(asked.public_id) if asked else "",
            "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
            "language": _language(scene),
        },
    )


def before(scene: Scene) -> Message | None:
    """The message that was open when we asked: the one to be answered after a yes."""
    asked = _asked(scene)
    if asked is None:
        return None
    rows = Message.objects.filter(session=scene.session, author=Message.Author.CUSTOMER, pk__lt=asked.pk)
    return rows.order_by("-pk").first()


def _asked(scene: Scene) -> Message | None:
    rows = Message.objects.filter(session=scene.session, author=Message.Author.BOT, step_id=STEP)
    return rows.order_by("-pk").first()


def _is_open(scene: Scene) -> bool:
    """Was it the last thing the bot has said here?"""
    rows = Message.objects.filter(session=scene.session, author=Message.Author.BOT)
    return rows.order_by("-pk").values_list("step_id", flat=True).first() == STEP


def _language(scene: Scene) -> str:
    return str(scene.attributes.get("language") or "en")
