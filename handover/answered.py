"""What becomes of a question that was put to the language model? It is called, and what may be done is done; or not.

Whatever fails, the next rule answers: knowledge, or the main menu. If an agent or the customer has moved on meanwhile,
nothing is said at all.
"""

from __future__ import annotations

import logging

from django.db import transaction

from common import outages
from conversations import answering, outbox, sessions, threads
from conversations.answering import Result
from conversations.answers import talk
from conversations.assistant import agreeing, materials, questions
from conversations.assistant.brief import Brief
from conversations.content import Text
from conversations.journeys import stack
from conversations.journeys.effects import HandOver
from conversations.journeys.moves import MAIN_MENU
from conversations.journeys.scene import Scene
from conversations.journeys.state import Again, Heard
from conversations.models import Conversation, Question
from customers.tombstones import Erased
from handover import following
from handover import questions as asked

log = logging.getLogger(__name__)

State = Question.State
STEP = "assistant"
REASON = "assistant"


def hears(scene: Scene, said: Heard) -> bool:
    """An answer to the bot's question whether a model may read along; False if it is none."""
    is_yes = agreeing.answer(scene, said)
    if is_yes is None:
        return False
    message = answering.agree(scene, is_yes=is_yes)
    if message is not None:
        fall_back(scene, materials.words(message))
    return True


def serve() -> bool:
    """Answers one question that is due; False if there is none. Each of its three parts ends before the next."""
    row = questions.claim()
    if row is None:
        return False
    try:
        brief = _prepare(row)
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


def fall_back(scene: Scene, text: str) -> None:
    """The next rule: what knowledge offers, a miss, the open main menu once more, or a new one."""
    said = Heard(text, scene.now, channel=scene.session.channel, endpoint=str(scene.session.identity_id))
    run = stack.in_front(scene)
    if run is None:
        if not (asked.answered(scene, said, may_ask=False) or asked.missed(scene, said)):
            following.main_menu(scene)
    elif stack.key_of(run) != MAIN_MENU or not asked.at_main_menu(scene, run, said, may_ask=False):
        following.move(scene=scene, run=run, given=Again())


@transaction.atomic
def _prepare(row: Question) -> Brief | None:
    """What the call needs, read under the locks of a turn; None if nothing is to be asked any more."""
    scene = _scene(row)
    if scene is None:
        return None
    if not answering.is_on() or not agreeing.is_given(scene) or questions.is_exhausted(row):
        code = "off" if not answering.is_on() else "failed" if questions.is_exhausted(row) else "no_consent"
        _not_answered(scene, row, code)
        return None
    return materials.gather(scene, row.message)


@transaction.atomic
def _apply(row: Question, result: Result) -> None:
    """Does what was proposed, if nobody has moved since; the figures of the call are kept in any case."""
    figures = {
        "model": result.model,
        "action": result.proposal.action if result.proposal else "",
        "tokens_in": result.tokens_in,
        "tokens_out": result.tokens_out,
        "milliseconds": result.milliseconds,
        "calls": row.calls + result.calls,
    }
    scene = _scene(row, **figures)
    if scene is None:
        return
    if result.proposal is None or result.proposal.action == "none":
        _not_answered(scene, row, result.code or "none", **figures)
    elif _carry_out(scene, result):
        questions.settle(row, State.APPLIED, "said", **figures)
    else:
        _not_answered(scene, row, "not_possible", **figures)


def _scene(row: Question, **figures: object) -> Scene | None:
    """The place of the question with its locks, if everything stands as when it was asked; else it is discarded."""
    root = threads.lock_root(customer_id=row.customer_id)
    conversation = threads.lock(conversation_id=row.conversation_id)
    fresh = Question.objects.select_for_update(no_key=True).filter(pk=row.pk, attempts=row.attempts).first()
    if fresh is None or fresh.state not in Question.OPEN:
        return None
    scene = Scene(conversation, row.session, root)
    scene.is_cut = bool(sessions.closed_reason(row.session, scene.now))
    if not questions.is_current(row, scene) or outbox.is_hushed(conversation):
        code = "taken_over" if conversation.owner_kind != Conversation.Owner.BOT else "moved_on"
        questions.settle(row, State.DISCARDED, code, **figures)
        return None
    return scene


def _carry_out(scene: Scene, result: Result) -> bool:
    """The only four things that a reply may lead to."""
    wish = result.proposal
    assert wish is not None
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


def _not_answered(scene: Scene, row: Question, code: str, **figures: object) -> None:
    questions.settle(row, State.FELL_BACK, code, **figures)
    fall_back(scene, materials.words(row.message))
