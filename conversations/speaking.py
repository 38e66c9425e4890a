"""Which language does the bot speak with somebody, and how does it come to know?

Said or told first; else guessed from words; else what the customer's app or browser is set to.
"""

from __future__ import annotations

import re
from datetime import timedelta

from django.conf import settings

from conversations.answers.words import base
from conversations.journeys import publishing, tongues
from conversations.journeys.scene import Scene
from conversations.journeys.sentences import LANGUAGES
from customers import attributes
from customers.models import Attribute

KEY = "language"
SET, GUESSED, SAID = "inferred:profile", "inferred:words", "bot"
FIRST = timedelta(seconds=1)  # an app's setting counts as older than the words that it came with
_TAG = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*\s*(?:;\s*q=([01](?:\.\d{1,3})?)\s*)?")


def guessed(text: str) -> str:
    """The language that a message seems to be in; empty if its words do not tell."""
    return tongues.guess(text, publishing.table().tongues)


def accepted(tags: str) -> str:
    """Of the tags of an app or browser (`es-AR`; `fr,de;q=0.8`) the first of which we speak the language, or ''."""
    found = [_TAG.fullmatch(tag) for tag in tags[:200].split(",")]
    ranked = sorted((tag for tag in found if tag), key=lambda tag: -float(tag[2] or 1))
    return next((tag[1].lower() for tag in ranked if tag[1].lower() in LANGUAGES and tag[2] not in ("0", "0.0")), "")


def set_to(scene: Scene, tags: str) -> None:
    """Speaks what the customer's app is set to while nobody has said anything and no words have told it."""
    spoken = accepted(tags)
    known = scene.attributes.get(KEY) if spoken else None
    if not spoken or (base(str(known)) == spoken if known else spoken == base(settings.KNOWLEDGE_LANGUAGE)):
        return
    if known and not _is_only_set(scene):
        return
    if known or not attributes.values(scene.root.pk).get(KEY):
        _observe(scene, spoken, SET, f"profile:{scene.conversation.pk}:{scene.conversation.head_seq}", FIRST)
    scene.attributes[KEY] = spoken


def suppose(scene: Scene, language: str) -> None:
    """Speaks a language from now on because the customer seems to; nothing that anybody has said is overridden, only
    what an app is set to.

    The default language is what is spoken anyway and is not written down.
    """
    spoken, known = base(language), scene.attributes.get(KEY)
    if spoken not in LANGUAGES or (not known and spoken == base(settings.KNOWLEDGE_LANGUAGE)):
        return
    if known and (base(str(known)) == spoken or not _is_only_set(scene)):
        return
    if known or not attributes.values(scene.root.pk).get(KEY):  # said where this may not look: not for this turn only
        _observe(scene, spoken, GUESSED, f"words:{scene.session.identity_id}:{spoken}")
    scene.attributes[KEY] = spoken


def choose(scene: Scene, language: str) -> None:
    """Speaks the language that the customer has named."""
    _observe(scene, language, SAID, f"language:{scene.session.pk}:{scene.conversation.head_seq}")
    scene.attributes[KEY] = language


def _is_only_set(scene: Scene) -> bool:
    """Is what is known only what an app or browser is set to?"""
    shown = Attribute.objects.filter(root_id=scene.root.pk, key=KEY)
    return shown.values_list("observation__source", flat=True).first() == SET


def _observe(scene: Scene, language: str, source: str, event: str, before: timedelta = timedelta()) -> None:
    """What the house does not take as a language is spoken in this turn and not kept."""
    try:
        attributes.observe(
            customer=scene.session.identity.customer,
            identity=scene.session.identity,
            key=KEY,
            value=language,
            source=source,
            occurred_at=scene.now - before,
            source_event_id=event,
        )
    except attributes.Refused:
        scene.alert("attribute_refused", attribute=KEY)
