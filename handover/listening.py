"""Who gets what a customer says where the bot speaks? A button, a run, a job behind it, or what begins anew."""

from __future__ import annotations

from conversations.journeys import stack
from conversations.journeys.scene import Scene
from conversations.journeys.state import Heard
from handover import (
    answered,
    beside,
    catching_up,
    courtesies,
    gestures,
    openings,
    picking,
    questions,
    ratings,
    telling,
    tongue,
    trying,
)


def hear(scene: Scene, said: Heard, *, action: str, is_new: bool) -> None:
    """A message or a gesture (`action`) of a customer, where the bot speaks; needs the locks of a turn."""
    run = stack.in_front(scene)
    if gestures.is_second_tap(scene, said.payload):
        return
    picking.measure(scene, run, said)
    if scene.is_flooded() or trying.begins(scene, said, action) or ratings.hear(scene, said, is_new):
        return
    asked = catching_up.hear(scene, said)
    if action:
        gestures.act(scene, action, said.payload)
        return
    if (
        tongue.hear(scene, run, said)
        or beside.took(scene, run, said, but_not=asked)
        or answered.hears(scene, said)
        or questions.taken(scene, said, run)
        or courtesies.is_farewell(scene, said, is_new)
    ):
        return
    if run is None:
        openings.begin(scene, said, is_new)
    else:
        telling.tell(scene, run, said)
