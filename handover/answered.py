"""What becomes of a question that was put to the language model? It is called, and what may be done is done; or not.

Whatever fails, the next rule answers: knowledge, or the main menu. If an agent or the customer has moved on meanwhile,
nothing is said at all.
"""

from __future__ import annotations

import logging

from django.db import transaction

from common import outages
from conversations import answering
from conversations.answers import talk
from conversations.assistant import materials, questions
from conversations.assistant.reply import Proposal
from conversations.content import Text
from conversations.journeys.effects import HandOver
from conversations.journeys.scene import Scene
from conversations.journeys.state import Heard
from conversations.models import Question
from customers.tombstones import Erased
from handover import asking, falling_back, following

log = logging.getLogger(__name__)

State = Question.State
STEP = "assistant"
REASON = "assistant"


def hears(scene: Scene, said: Heard) -> bool:
    """An answer to the bot's question whether a model may read along; False if it is none."""
    is_heard, message = answering.hear(scene, said)
    if message is not None:
        falling_back.answer(scene, materials.words(message))
    return is_heard


def serve() -> bool:
    """Answers one question that is due; False if there is none. Each of its three parts ends before the next."""
    row = questions.claim()
    if row is None:
        return False
    try:
        brief = asking.prepare(row)
        if brief is not None:
            answering.show_typing(row)
            _apply(row, answering.put(brief))
    except Erased:
        log.info("question %s: its customer was erased", row.pk)
    except Exception as error:  # noqa: BLE001 -- the quarantine of a question: the others go on, its lease puts it off
        outages.raise_if_away(error)
        log.error("question %s failed: %s", row.pk, type(error).__name__)
        if questions.is_exhausted(row):
            questions.settle(row, State.FELL_BACK, "failed")
    return True


@transaction.atomic
def _apply(row: Question, result: answering.Result) -> None:
    """Does what was proposed, if nobody has moved since; the figures of the call are kept in any case."""
    figures = {
        "model": result.model,
        "action": result.proposal.action if result.proposal else "",
        "tokens_in": result.tokens_in,
        "tokens_out": result.tokens_out,
        "milliseconds": result.milliseconds,
        "calls": row.calls + result.calls,
    }
    scene = asking.scene_of(row, **figures)
    if scene is None:
        return
    if result.proposal is None or result.proposal.action == "none":
        asking.not_answered(scene, row, result.code or "none", **figures)
    elif _carry_out(scene, result.proposal):
        questions.settle(row, State.APPLIED, "said", **figures)
    else:
        asking.not_answered(scene, row, "not_possible", **figures)


def _carry_out(scene: Scene, wish: Proposal) -> bool:
    """The only four things that a reply may lead to."""
    if wish.action == "answer":
        if scene.say(Text(wish.reply), step_id=STEP) is None:
            return False
        talk.note(scene, talk.ANSWERED, article=wish.citations[0], by=REASON)
        return True
    if wish.action == "clarify":
        return scene.say(Text(wish.reply), step_id=STEP) is not None
    if wish.action == "start_journey":
        return following.start(scene, wish.journey, wish.slots or None)
    following.hand_over(scene, None, HandOver(reason=REASON))
    return True
