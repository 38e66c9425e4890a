"""What may a customer do who waits in a queue? Leave it, or ask again; everything else is for the agent."""

from __future__ import annotations

from conversations.journeys import commands, stack
from conversations.journeys.scene import Scene
from conversations.journeys.state import Heard
from conversations.models import Conversation, JourneyRun
from handover import following, intake, notices, owning, tickets

Owner = Conversation.Owner


def hear(scene: Scene, said: Heard) -> None:
    """Whoever waits may leave the queue by *cancel* or *menu*; a left message may become live by *agent*."""
    command = commands.recognise(said)
    wanted = command.name if command else ""
    is_ticket = scene.conversation.mode == "ticket"
    if wanted in ("cancel", "menu"):
        _leave(scene, wanted, is_ticket)
    elif is_ticket and wanted == "agent":
        tickets.ask_again(scene)
    elif is_ticket:
        tickets.remind(scene)


def _leave(scene: Scene, wanted: str, is_ticket: bool) -> None:
    waiting = intake.waiting_run(scene)
    if not is_ticket:
        _leave_queue(scene)
    elif wanted == "cancel":
        tickets.withdraw(scene)
    else:
        tickets.lend(scene)
    if wanted == "cancel" and waiting is not None:
        following.came_out(scene, waiting, "closed")
        return
    if waiting is not None:
        stack.end(scene=scene, run=waiting, status=JourneyRun.Status.CANCELLED, reason="left_queue")
    following.main_menu(scene)


def _leave_queue(scene: Scene) -> None:
    owning.move(
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
    scene.say(notices.words(scene, "left_queue"))
