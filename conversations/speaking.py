"""Which language does the bot speak with somebody, and how does it come to know? Said or told first, guessed else."""

from __future__ import annotations

from django.conf import settings

from conversations.answers.words import base
from conversations.journeys import publishing, tongues
from conversations.journeys.scene import Scene
from conversations.journeys.sentences import LANGUAGES
from customers import attributes

KEY = "language"
GUESSED, SAID = "inferred:words", "bot"


def guessed(text: str) -> str:
    """The language that a message seems to be in; empty if its words do not tell."""
    return tongues.guess(text, publishing.table().tongues)


def suppose(scene: Scene, language: str) -> None:
    """Speaks a language from now on because the customer seems to; nothing that anybody has said is overridden.

    The default language is what is spoken anyway and is not written down.
    """
    spoken = base(language)
    if spoken not in LANGUAGES or spoken == base(settings.KNOWLEDGE_LANGUAGE) or scene.attributes.get(KEY):
        return
    if not attributes.values(scene.root.pk).get(KEY):  # said where this session may not look: not for this turn only
        _observe(scene, spoken, GUESSED, f"words:{scene.session.identity_id}:{spoken}")
    scene.attributes[KEY] = spoken


def choose(scene: Scene, language: str) -> None:
    """Speaks the language that the customer has named."""
    _observe(scene, language, SAID, f"language:{scene.session.pk}:{scene.conversation.head_seq}")
    scene.attributes[KEY] = language


def _observe(scene: Scene, language: str, source: str, event: str) -> None:
    """What the house does not take as a language is spoken in this turn and not kept."""
    try:
        attributes.observe(
            customer=scene.session.identity.customer,
            identity=scene.session.identity,
            key=KEY,
            value=language,
            source=source,
            occurred_at=scene.now,
            source_event_id=event,
        )
    except attributes.Refused:
        scene.alert("attribute_refused", attribute=KEY)
