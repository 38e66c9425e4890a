"""May a language model be asked what nobody else could answer? Off unless `LLM_URL` is set; it proposes, we dispose.

A turn only keeps the question (`ask`); `handover.answered` has it called, outside of every transaction, and does what
may be done with the reply.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from django.conf import settings

from common import checkups, clock, outages
from common.checkups import Finding
from conversations import realtime
from conversations.assistant import agreeing, calls, questions, reply
from conversations.assistant.brief import Brief, messages
from conversations.assistant.calls import CallFailed, Words
from conversations.assistant.reply import Proposal, Unusable
from conversations.journeys import scene as scenes
from conversations.journeys.scene import Scene
from conversations.journeys.state import Heard
from conversations.models import Message, Question

TYPED_BY = "Assistant"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a call: a proposal, or the code of why there is none; and what it cost."""

    proposal: Proposal | None
    code: str = ""
    model: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    milliseconds: int = 0
    calls: int = 0


def is_on() -> bool:
    """Has the operator named a model?"""
    return bool(settings.LLM_URL)


def ask(scene: Scene) -> bool:
    """Has the customer's newest message here answered by the model, soon; False if the next rule has to answer now.

    Who has said neither yes nor no is asked for their agreement first.
    """
    if not is_on() or not scene.is_private or scene.is_stale or not questions.is_within_budget(scene.root.pk):
        return False
    if agreeing.is_given(scene):
        message = _newest(scene)
        return message is not None and bool(questions.put(scene, message))
    return agreeing.stands(scene) == "unset" and agreeing.ask(scene)


def hear(scene: Scene, said: Heard) -> tuple[bool, Message | None]:
    """(is it the answer to our question for agreement, the message that the next rule has to answer now).

    The word is kept. After a yes the message is asked that was open when we asked.
    """
    is_yes = agreeing.answer(scene, said)
    if is_yes is None:
        return False, None
    agreeing.keep(scene, is_yes=is_yes)
    message = agreeing.before(scene)
    may_ask = is_yes and is_on() and agreeing.is_given(scene) and questions.is_within_budget(scene.root.pk)
    if message is None or not may_ask:
        return True, message
    questions.put(scene, message)
    return True, None


def put(brief: Brief) -> Result:
    """Asks the model and checks what it says: every way it may fail has a code. Never inside a transaction."""
    began = monotonic()
    try:
        words = calls.ask(messages(brief))
    except CallFailed as failed:
        return Result(None, failed.code, milliseconds=_since(began), calls=failed.calls)
    except Exception as error:  # noqa: BLE001 -- the edge to a foreign server: whatever it does, the next rule answers
        outages.raise_if_away(error)
        return Result(None, f"error_{type(error).__name__}"[:32], milliseconds=_since(began), calls=1)
    return _checked(words, brief, _since(began))


def show_typing(row: Question) -> None:
    """The customer sees that somebody is at it, where the channel can show that."""
    data = {"what": "typing", "by": "agent", "name": TYPED_BY, "session": str(row.session.public_id)}
    realtime.tell(f"typing:{row.conversation_id}", data)


def checkup() -> Finding:
    """Is it off, or does it answer?"""
    if not is_on():
        return Finding("OK", "off: LLM_URL is not set, nothing is sent to a language model")
    is_well, said = calls.is_reachable()
    if is_well:
        return Finding("OK", f"on: the API answers ({said}), model {settings.LLM_MODEL}")
    return Finding("WARN", f"on, but it does not answer: {said}", "Knowledge and menus answer meanwhile. See LLM_URL.")


def register() -> None:
    """Called once, when Django is ready."""
    checkups.register("language model", checkup)
    if is_on():
        checkups.register_backlog("questions to the model", questions.oldest_waiting, warn=60.0, fail=300.0)


def _checked(words: Words, brief: Brief, milliseconds: int) -> Result:
    proposal, code = None, ""
    try:
        proposal = reply.read(words.text, brief, now=clock.now(), phone=scenes.phone)
    except Unusable as refused:
        code = refused.code
    return Result(proposal, code, words.model, words.tokens_in, words.tokens_out, milliseconds, words.calls)


def _newest(scene: Scene) -> Message | None:
    rows = Message.objects.filter(session=scene.session, author=Message.Author.CUSTOMER)
    return rows.order_by("-pk").first()


def _since(began: float) -> int:
    return round((monotonic() - began) * 1000)
