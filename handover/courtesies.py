"""What is said to thanks, "ok" and a goodbye, while nothing is asked?"""

from __future__ import annotations

from conversations import courtesy, recall, threads
from conversations.answers import talk
from conversations.content import Text
from conversations.journeys.scene import Scene
from conversations.journeys.sentences import sentence
from conversations.journeys.state import Heard
from conversations.models import Conversation, Message
from handover import limits, notices, ratings

WELCOME = "welcome"


def answered(scene: Scene, said: Heard, *, is_new: bool = False) -> bool:
    """One sentence, and no search; a courtesy that begins a conversation (`is_new`) is a beginning like any other."""
    key = "" if said.payload or is_new else courtesy.of(said.text)
    if not key:
        return False
    scene.say(Text(sentence(key, talk.language(scene))), step_id=talk.STEP)
    return True


def is_farewell(scene: Scene, said: Heard, is_new: bool) -> bool:
    """Only thanks, within a day after an agent closed the matter, and nothing else was said since: no menu, no
    journey. The first one is answered with a word. Anything else makes it a matter of its own."""
    is_thanks = not said.payload and courtesy.is_thanks(said.text)
    is_closed = is_thanks and recall.is_resolved(scene=scene, within=limits.lasts("REOPEN_WITHIN"))
    if not is_closed or (not is_new and has_more(scene.conversation)):
        threads.no_aside(scene.conversation)
        return False
    if is_new:
        threads.set_aside(scene.conversation)
        scene.say(notices.words(scene, WELCOME), step_id=WELCOME)
    return True


def has_more(conversation: Conversation) -> bool:
    """Was anything said in this conversation but thanks or a rating, and our word for them?"""
    spoken = Message.objects.filter(session__conversation=conversation)
    return spoken.filter(author="bot").exclude(step_id__in=(WELCOME, ratings.STEP)).exists()
