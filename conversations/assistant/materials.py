"""What goes into one call? The question's words, what is remembered, the last messages, passages and journeys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.conf import settings

from conversations import content, knowledge, recall
from conversations.answers.plain import plain
from conversations.assistant import brief
from conversations.assistant.brief import Brief, Offer, Passage, Slot
from conversations.assistant.masking import KINDS, Masking
from conversations.journeys import disclosing, progress, publishing
from conversations.journeys.definition import Definition
from conversations.journeys.moves import MAIN_MENU
from conversations.journeys.scene import Scene
from conversations.models import JourneyRun, Message

NAMES = ("name", "first_name", "last_name")
RUNS = 50  # of the person, the newest: their private answers are hidden
SHORT = 5  # characters of a piece of an answer that is a word of everybody
WHO = {Message.Author.CUSTOMER: "customer", Message.Author.AGENT: "agent"}


def gather(scene: Scene, message: Message) -> Brief:
    """Everything for one call, as far as this session may see it."""
    question = words(message)
    return Brief(
        question=question,
        context=recall.text(recall.seen(scene)),
        history=tuple(_history(scene, message)),
        passages=tuple(passages(scene, question)),
        journeys=tuple(offers(publishing.live())),
        persona=settings.LLM_PERSONA or brief.PERSONA,
        masking=masking(scene),
    )


def words(message: Message) -> str:
    """A message as plain text."""
    return content.from_json(message.content).plain_text()


def passages(scene: Scene, question: str) -> Iterable[Passage]:
    """The articles that come nearest, as far as they may be said here."""
    for hit in knowledge.ask(scene=scene, text=question).hits[: brief.PASSAGES]:
        article = knowledge.get(hit)
        yield Passage(article.key, article.title, plain(article.body))


def offers(live: Iterable[str]) -> list[Offer]:
    """The journeys that a customer may begin by a word of their own; main menu and pre-chat questions are none."""
    found = []
    for key in sorted(live):
        version = publishing.definition(publishing.live()[key])
        if key != MAIN_MENU and any("keyword" in trigger for trigger in version.triggers):
            found.append(Offer(key, version.title, tuple(_slots(version))))
    return found


def masking(scene: Scene) -> Masking:
    """By the setting; names and answers to private questions are all that we know, whatever this session may see."""
    kinds = frozenset(settings.LLM_MASK) & frozenset(KINDS)
    return Masking(kinds, scene.known_by(NAMES), str(scene.attributes.get("first_name") or ""), tuple(_secrets(scene)))


def _secrets(scene: Scene) -> Iterator[str]:
    """The values of private vars in the person's runs, as a whole and piece by piece."""
    for run in JourneyRun.objects.filter(customer__root_id=scene.root.pk).order_by("-pk")[:RUNS]:
        for name in disclosing.private(progress.version_of(run)):
            for text in _texts(run.vars.get(name.partition(".")[2])):
                yield text
                yield from (part for part in re.split(r"[,;\n]", text) if len(part.split()) > 1 or len(part) > SHORT)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _slots(version: Definition) -> Iterable[Slot]:
    """What its questions keep for themselves; what would become an attribute of the customer is asked, not guessed."""
    for step in version.steps.values():
        rules = version.vars.get(step.var, {})
        if step.type == "ask" and not rules.get("save_to") and not rules.get("pii") and not step.data.get("pii"):
            yield Slot(step.var, step.data.get("expect", {}))


def _history(scene: Scene, message: Message) -> Iterable[tuple[str, str]]:
    """The last words before the question in this session, without the answers to private questions.

    Another channel's are not told.
    """
    rows = Message.objects.filter(session=scene.session, pk__lt=message.pk).select_related("run").order_by("-pk")
    found = list(reversed(rows[: brief.HISTORY * 2]))
    told: list[tuple[str, str]] = []
    is_private = len(found) == brief.HISTORY * 2  # nobody knows what question the first of many answers
    for row in found:
        if row.run is not None and row.author == Message.Author.BOT:
            is_private = _asks_in_private(row.run, row.step_id)
        if not (is_private and row.author == Message.Author.CUSTOMER):
            told.append((WHO.get(Message.Author(row.author), "bot"), words(row)))
    return told[-brief.HISTORY :]


def _asks_in_private(run: JourneyRun, step_id: str) -> bool:
    """Does this step ask for something private, or is it gone, so that nobody knows?"""
    version = progress.version_of(run)
    step = version.steps.get(step_id)
    return step is None or (bool(step.var) and f"vars.{step.var}" in disclosing.private(version))
