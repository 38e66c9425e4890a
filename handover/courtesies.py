"""What is said to thanks, "ok" and a goodbye, while nothing is asked?"""

from __future__ import annotations

from conversations import courtesy
from conversations.answers import talk
from conversations.content import Text
from conversations.journeys.scene import Scene
from conversations.journeys.sentences import sentence
from conversations.journeys.state import Heard


def answered(scene: Scene, said: Heard, *, is_new: bool = False) -> bool:
    """One sentence, and no search; a courtesy that begins a conversation (`is_new`) is a beginning like any other."""
    key = "" if said.payload or is_new else courtesy.of(said.text)
    if not key:
        return False
    scene.say(Text(sentence(key, talk.language(scene))), step_id=talk.STEP)
    return True
