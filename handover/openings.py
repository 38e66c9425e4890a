"""What does a message begin when no journey waits for it? A journey by its trigger, a human, or the main menu."""

from __future__ import annotations

from conversations import recall
from conversations.content import Text
from conversations.journeys import commands, publishing, triggers
from conversations.journeys.effects import HandOver
from conversations.journeys.scene import Scene
from conversations.journeys.sentences import sentence
from conversations.journeys.state import Command, Heard
from handover import following


def begin(scene: Scene, said: Heard, is_new: bool) -> None:
    """No journey is open: what the message names, else a greeting for who is known, and the menu."""
    if said.payload.count(":") >= 2:  # a button of a run that is over
        scene.say(Text(sentence("stale")))
    elif named(scene, said):
        return
    elif is_new and (greeting := recall.greeting(scene=scene)):
        scene.say(Text(greeting))
    following.main_menu(scene)


def named(scene: Scene, said: Heard) -> bool:
    """A message that names what it wants: a journey by its trigger, or an agent. False if it does not."""
    if commands.recognise(said) == Command("agent"):
        following.hand_over(scene, None, HandOver(reason="asked"))
        return True
    found = triggers.match(said, publishing.table())
    return found is not None and following.start(scene, found.journey)
