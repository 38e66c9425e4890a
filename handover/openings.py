"""What does a message begin when no journey waits for it? A journey by its trigger, a human, or the main menu."""

from __future__ import annotations

from conversations import welcome
from conversations.journeys import commands, publishing, triggers
from conversations.journeys.effects import HandOver
from conversations.journeys.scene import Scene
from conversations.journeys.state import Command, Heard
from handover import courtesies, following, notices, questions, unfinished


def begin(scene: Scene, said: Heard, is_new: bool) -> None:
    """No journey is open: a greeting for who is known, then what the message names, an article, or the menu."""
    if said.payload.count(":") >= 2:  # a button of a run that is over
        scene.say(notices.words(scene, "stale"))
    elif _finds(scene, said, is_new):
        return
    following.main_menu(scene)


def _finds(scene: Scene, said: Heard, is_new: bool) -> bool:
    """Has the message found what it is for? A word that works everywhere is no question: no answer to it is no miss."""
    command = commands.recognise(said)
    is_back = command is None and welcome.greet(scene)
    if named(scene, said) or courtesies.answered(scene, said, is_new=is_new):
        return True
    if command == Command("menu"):
        return False
    if is_back and not questions.is_question(said) and unfinished.offer(scene):
        return True
    if questions.answered(scene, said) or _opens(scene, said, is_new):
        return True
    return command is None and questions.missed(scene, said)


def _opens(scene: Scene, said: Heard, is_new: bool) -> bool:
    """The journey that begins a conversation, where nothing else fits; Telegram's `/start` begins one, too."""
    begins = publishing.table().start
    if begins is None or not (is_new or said.text.strip() == "/start"):
        return False
    return following.start(scene, begins.journey)


def named(scene: Scene, said: Heard) -> bool:
    """A message that names what it wants: a journey by its trigger, or an agent. False if it does not."""
    if commands.recognise(said) == Command("agent"):
        following.hand_over(scene, None, HandOver(reason="asked"))
        return True
    table = publishing.table()
    found = triggers.match(said, table)
    # A keyword within a sentence gives way to an article that answers the sentence.
    if found is not None and triggers.match(said, table, whole=True) is None and questions.answered_surely(scene, said):
        return True
    return found is not None and following.start(scene, found.journey)
