"""What answers when the language model does not? What knowledge offers, a miss, or the main menu."""

from __future__ import annotations

from conversations.journeys import stack
from conversations.journeys.moves import MAIN_MENU
from conversations.journeys.scene import Scene
from conversations.journeys.state import Again, Heard
from handover import asides, following, questions


def answer(scene: Scene, text: str) -> None:
    """The next rule for these words of the customer: as if there were no model."""
    said = Heard(text, scene.now, channel=scene.session.channel, endpoint=str(scene.session.identity_id))
    run = stack.in_front(scene)
    if run is None:
        if not (questions.answered(scene, said, may_ask=False) or questions.missed(scene, said)):
            following.main_menu(scene)
    elif stack.key_of(run) != MAIN_MENU or not asides.at_main_menu(scene, run, said, may_ask=False):
        following.move(scene=scene, run=run, given=Again())
