"""What goes into one call? The question's words, what is remembered, the last messages, passages and journeys."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from conversations import content, knowledge, recall
from conversations.answers.plain import plain
from conversations.assistant import brief
from conversations.assistant.brief import Brief, Offer, Passage, Slot
from conversations.assistant.masking import KINDS, Masking
from conversations.journeys import publishing
from conversations.journeys.definition import Definition
from conversations.journeys.moves import MAIN_MENU
from conversations.journeys.scene import Scene
from conversations.models import Message

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
    """By the setting; the names are all that we know, whatever this session may see."""
    known = scene.attributes
    names = [str(known[key]) for key in ("name", "first_name", "last_name") if known.get(key)]
    kinds = frozenset(settings.LLM_MASK) & frozenset(KINDS)
    return Masking(kinds, tuple(names), str(known.get("first_name") or ""))


def _slots(version: Definition) -> Iterable[Slot]:
    """What its questions keep for themselves; what would become an attribute of the customer is asked, not guessed."""
    for step in version.steps.values():
        rules = version.vars.get(step.var, {})
        if step.type == "ask" and not rules.get("save_to") and not rules.get("pii") and not step.data.get("pii"):
            yield Slot(step.var, step.data.get("expect", {}))


def _history(scene: Scene, message: Message) -> Iterable[tuple[str, str]]:
    """The last words before the question in this session: another channel's are not told."""
    rows = Message.objects.filter(session=scene.session, pk__lt=message.pk).order_by("-pk")[: brief.HISTORY]
    for row in reversed(rows):
        yield WHO.get(Message.Author(row.author), "bot"), words(row)
