"""Is a question still to be put to the language model, and with what? Asked before the call, and again after it."""

from __future__ import annotations

from django.db import transaction

from conversations import answering, outbox, reach, threads
from conversations.assistant import agreeing, materials, questions
from conversations.assistant.brief import Brief
from conversations.journeys.scene import Scene
from conversations.models import Conversation, Question
from handover import falling_back

State = Question.State


@transaction.atomic
def prepare(row: Question) -> Brief | None:
    """What the call needs, read under the locks of a turn; None if nothing is to be asked any more."""
    scene = scene_of(row)
    if scene is None:
        return None
    code = _why_not(scene, row)
    if code:
        not_answered(scene, row, code)
        return None
    return materials.gather(scene, row.message)


def scene_of(row: Question, **figures: object) -> Scene | None:
    """The place of the question with its locks, if everything stands as when it was asked; else it is discarded.

    `figures` of a call are kept with it. `tombstones.Erased` for who was erased meanwhile.
    """
    root = threads.lock_root(customer_id=row.customer_id)
    conversation = threads.lock(conversation_id=row.conversation_id)
    fresh = Question.objects.select_for_update(no_key=True).filter(pk=row.pk, attempts=row.attempts).first()
    if fresh is None or fresh.state not in Question.OPEN:
        return None
    scene = Scene(conversation, row.session, root)
    scene.is_cut = reach.is_mute(row.session, scene.now)
    if not questions.is_current(row, scene) or outbox.is_hushed(conversation):
        code = "taken_over" if conversation.owner_kind != Conversation.Owner.BOT else "moved_on"
        questions.settle(row, State.DISCARDED, code, **figures)
        return None
    return scene


def not_answered(scene: Scene, row: Question, code: str, **figures: object) -> None:
    """The next rule answers the customer."""
    questions.settle(row, State.FELL_BACK, code, **figures)
    falling_back.answer(scene, materials.words(row.message))


def _why_not(scene: Scene, row: Question) -> str:
    if not answering.is_on():
        return "off"
    if questions.is_exhausted(row):
        return "failed"
    return "" if agreeing.is_given(scene) else "no_consent"
