"""What becomes of a question that no journey waits for? An article answers, some are offered, or it is a miss."""

from __future__ import annotations

from conversations import answering, knowledge, speaking
from conversations.answers import misses, talk
from conversations.answers import words as text
from conversations.journeys import stack
from conversations.journeys.effects import HandOver
from conversations.journeys.moves import MAIN_MENU
from conversations.journeys.scene import Scene
from conversations.journeys.state import Again, Heard
from conversations.models import Article, JourneyRun
from handover import following, notices, unfinished

Status = JourneyRun.Status
REASON = "article"


def answered(scene: Scene, said: Heard, *, may_ask: bool = True) -> bool:
    """No journey is open: an article answers, or up to three are offered. False if there is none.

    `may_ask`: where that is not sure, the language model, if there is one, is asked before anything is offered.
    """
    if not is_question(said):
        return False
    found = knowledge.ask(scene=scene, text=said.text)
    if found.decision == "sure":
        _tell_sure(scene, said, found)
    elif may_ask and answering.ask(scene):
        return True
    elif found.decision == "unsure":
        talk.offer(scene, [hit.id for hit in found.hits])
    return found.decision != "none"


def answered_surely(scene: Scene, said: Heard) -> bool:
    """Only what leaves no doubt: for words that would mean something else otherwise."""
    if not is_question(said):
        return False
    found = knowledge.ask(scene=scene, text=said.text)
    if found.decision == "sure":
        _tell_sure(scene, said, found)
    return found.decision == "sure"


def missed(scene: Scene, said: Heard) -> bool:
    """Nobody knew an answer: the editors are told. True if it was the second time and an agent was offered."""
    if not is_question(said):
        return False
    is_second = talk.is_second_miss(scene)
    misses.note(scene=scene, text=said.text, language=knowledge.language_of(scene))
    talk.note(scene, talk.MISSED)
    if is_second:
        talk.offer_agent(scene)
    return is_second


def taken(scene: Scene, said: Heard, run: JourneyRun | None) -> bool:
    """One of the titles that were offered is wanted: by tap always, by number or title while nothing else was asked."""
    if said.payload.startswith(talk.RATE):
        talk.rate(scene, said.payload)
        return True
    is_free = run is None or run.status == Status.SUSPENDED
    if not is_free and not said.payload.startswith(talk.TAP):
        return False
    wanted = talk.taken(scene, said)
    if isinstance(wanted, Article):
        if run is None or is_free:
            tell(scene, wanted)
        else:
            tell_beside(scene, wanted, run)
    elif wanted == "again":
        talk.offer_again(scene)
    elif wanted == "stale":
        scene.say(notices.words(scene, "stale"))
        _main_menu(scene, None if is_free else run)
    elif wanted == "agent":
        following.hand_over(scene, None, HandOver(reason="asked"))
    elif wanted == "menu" or (wanted == "continue" and not unfinished.go_on(scene, talk.journey_of(scene, said))):
        following.main_menu(scene)
    return wanted is not None


def tell_beside(scene: Scene, article: Article, run: JourneyRun) -> None:
    """Says the answer in the middle of something, and asks its question again. Nobody is called: it is said how."""
    if stack.key_of(run) == MAIN_MENU and article.hand_over:
        tell(scene, article)
        return
    talk.say(scene, article)
    if article.hand_over:
        scene.say(notices.words(scene, "agent_hint"))
    following.move(scene=scene, run=run, given=Again())


def tell(scene: Scene, article: Article) -> None:
    """Says the answer; a person follows, as after a handover step, if the article says so."""
    talk.say(scene, article)
    asked = article.hand_over
    if not asked:
        return
    wish = HandOver(
        skill=asked.get("skill", ""),
        referrer=asked.get("referrer", ""),
        channel=asked.get("channel", ""),
        reason=REASON,
    )
    following.hand_over(scene, None, wish)


def _tell_sure(scene: Scene, said: Heard, found: knowledge.Found) -> None:
    """Words that only an article in another language answers are in that language, unless they tell another one."""
    if speaking.guessed(said.text) in ("", found.language):
        speaking.suppose(scene, found.language)
    tell(scene, knowledge.get(found.best))


def is_question(said: Heard) -> bool:
    """Are these words that ask for something? A tap, a number or a greeting is not."""
    return not said.payload and text.is_question(said.text)


def _main_menu(scene: Scene, run: JourneyRun | None) -> None:
    if run is None:
        following.main_menu(scene)
    else:
        following.move(scene=scene, run=run, given=Again())
