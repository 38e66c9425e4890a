"""What does the run in front do with a message?"""

from __future__ import annotations

from conversations import welcome
from conversations.journeys.scene import Scene
from conversations.journeys.state import Expire, Heard, Hidden, Offer, Proving, Resume, Waiting
from conversations.models import JourneyRun
from handover import asides, following, keeping, meanings, openings, proofs


def tell(scene: Scene, run: JourneyRun, said: Heard) -> None:
    """Its answer, its way back, or what came for it while the bot could not speak; what it may not hear goes on.

    Where others read along nothing else begins in its place: there is one run in front, and it stays as it is.
    """
    given = meanings.of(scene, run, said)
    if isinstance(given, Waiting):  # what it waits for has come while the bot could not speak
        given = keeping.take(run) or given
    if isinstance(given, Resume | Offer | Expire):
        welcome.greet(scene)
    if isinstance(given, Proving):
        proofs.take(scene=scene, run=run, said=said)
    elif isinstance(given, Hidden) and given.reason == "proof" and openings.named(scene, said):
        return
    elif not asides.aside(scene, run, given, said):
        following.move(scene=scene, run=run, given=given)
