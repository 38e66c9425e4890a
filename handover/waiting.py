"""What may a customer do who waits in a queue? Leave it; everything else is for the agent."""

from __future__ import annotations

from conversations import ownership
from conversations.content import Text
from conversations.journeys import commands, progress
from conversations.journeys.scene import Scene
from conversations.journeys.state import Heard
from conversations.models import Conversation, JourneyRun
from handover import following, intake, notices

Owner = Conversation.Owner


def hear(scene: Scene, said: Heard) -> None:
    """Whoever waits may leave the queue by *cancel* or *menu*; everything else is for the agent."""
    command = commands.recognise(said)
    if command is None or command.name not in ("cancel", "menu"):
        return
    ownership.move(
        conversation=scene.conversation,
        seen_epoch=scene.conversation.owner_epoch,
        to=Owner.BOT,
        allowed_owners=(Owner.QUEUE,),
        cause="left_queue",
        actor_kind="customer",
        queued_at=None,
        handover=None,
        mode="live",
    )
    scene.say(Text(notices.LEFT_QUEUE))
    waiting = intake.waiting_run(scene)
    if command.name == "cancel" and waiting is not None:
        following.came_out(scene, waiting, "closed")
        return
    if waiting is not None:
        progress.end(scene=scene, run=waiting, status=JourneyRun.Status.CANCELLED, reason="left_queue")
    following.main_menu(scene)
