"""What do the desk's dialogs do? Each form calls one verb and says in a sentence what came of it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from conversations.models import Conversation
from handover import blocking, desk, holding, leading
from handover.inbox import targets
from handover.inbox.actions import BadForm, on_conversation, read
from handover.inbox.desk_forms import AssignForm, BlockForm, EscalateForm, ParkForm, ReleaseForm, TopicsForm
from handover.models import Agent, Queue, Reservation


@on_conversation
def assign(request: HttpRequest, agent: Agent, conversation: Conversation) -> str:
    """To oneself, to a queue, or to a colleague, who is asked first unless a supervisor says otherwise."""
    given = read(AssignForm, request).cleaned_data
    if given["to"] == "me":
        desk.claim(conversation_id=conversation.pk, agent=agent, seen_epoch=given["seen_epoch"])
        return _("It is yours.")
    target = _target(given["to"])
    if given["at_once"] and isinstance(target, Agent):
        with transaction.atomic():  # a note without its move would count as moved when the dialog is sent again
            if given["note"]:
                desk.note(conversation_id=conversation.pk, agent=agent, text=given["note"], client_id=_id(given))
            leading.force_assign(conversation_id=conversation.pk, agent=agent, to=target)
        return _("It is on %(name)s's desk.") % {"name": target.name}
    moved = desk.transfer(
        conversation_id=conversation.pk,
        agent=agent,
        note=given["note"],
        client_id=_id(given),
        seen_epoch=given["seen_epoch"],
        **_where(target),
    )
    return _came_of(moved)


@on_conversation
def escalate(request: HttpRequest, agent: Agent, conversation: Conversation) -> str:
    """To whoever knows or may more."""
    given = read(EscalateForm, request).cleaned_data
    target = _target(given["to"]) if given["to"] else None
    moved = desk.escalate(
        conversation_id=conversation.pk,
        agent=agent,
        reason=given["reason"],
        note=given["note"],
        client_id=_id(given),
        seen_epoch=given["seen_epoch"],
        **(_where(target) if target else {}),
    )
    return _came_of(moved)


@on_conversation
def release(request: HttpRequest, agent: Agent, conversation: Conversation) -> str:
    """Back to the bot: where it stopped, or where the dialog says."""
    given = read(ReleaseForm, request).cleaned_data
    desk.release(conversation_id=conversation.pk, agent=agent, to=given["to"] or "stopped", step=given["step"])
    return _("The bot goes on.") if given["to"] else ""


@on_conversation
def park(request: HttpRequest, agent: Agent, conversation: Conversation) -> str:
    """Off the desk until then."""
    given = read(ParkForm, request).cleaned_data
    desk.park(
        conversation_id=conversation.pk,
        agent=agent,
        reason=given["reason"],
        until=given["until_at"],
        seen_seq=given["seen_seq"],
        seen_epoch=given["seen_epoch"] or 0,  # a page that does not say what it shows changes no parking
    )
    return _("Parked. It comes back by itself.")


@on_conversation
def unpark(request: HttpRequest, agent: Agent, conversation: Conversation) -> str:
    """Back on the desk."""
    desk.unpark(conversation_id=conversation.pk, agent=agent)
    return ""


@on_conversation
def reopen(request: HttpRequest, agent: Agent, conversation: Conversation) -> str:
    """Open and the agent's own again."""
    desk.reopen(conversation_id=conversation.pk, agent=agent)
    return _("Open again, and yours.")


@on_conversation
def barge_in(request: HttpRequest, agent: Agent, conversation: Conversation) -> str:
    """The supervisor's own from now on."""
    leading.barge_in(conversation_id=conversation.pk, agent=agent)
    return _("It is yours.")


@on_conversation
def block(request: HttpRequest, agent: Agent, conversation: Conversation) -> str:
    """The customer is kept from people."""
    given = read(BlockForm, request).cleaned_data
    is_new = blocking.block(
        conversation_id=conversation.pk,
        agent=agent,
        reason=given["reason"],
        note=given["note"],
        client_id=_id(given),
    )
    return _("Blocked: the bot goes on with them.") if is_new else _("They are blocked already.")


@on_conversation
def topics(request: HttpRequest, agent: Agent, conversation: Conversation) -> str:
    """What it was about; and, when it is closed, what came of it."""
    given = read(TopicsForm, request).cleaned_data
    keys = [tag.key for tag in given["tags"]]
    if conversation.state == Conversation.State.CLOSED:
        outcome = given["disposition"].key if given["disposition"] else ""
        desk.wrap_up(conversation_id=conversation.pk, agent=agent, disposition=outcome, tags=keys)
    else:
        desk.tag(conversation_id=conversation.pk, agent=agent, keys=keys)
    return _("Noted.")


@on_conversation
def wrap_up(request: HttpRequest, agent: Agent, conversation: Conversation) -> str:
    """The minute after the closing is over."""
    desk.wrap_up(conversation_id=conversation.pk, agent=agent)
    return ""


def _target(value: str) -> Queue | Agent:
    found = targets.read(value)
    if found is None:
        raise BadForm(_("Choose a queue or a colleague."))
    return found


def _where(target: Queue | Agent) -> dict[str, Any]:
    return {"queue": target} if isinstance(target, Queue) else {"to": target}


def _id(given: dict[str, Any]) -> str:
    return str(given["client_id"] or "")


def _came_of(moved: Conversation) -> str:
    """Where it is now: of a form that was sent twice, what became of it since; '' if nobody has it any more."""
    asked = moved.reservations.filter(status=Reservation.Status.PENDING, kind=Reservation.Kind.TRANSFER)
    if (name := asked.values_list("agent__name", flat=True).first()) is not None:
        return _("%(name)s is asked.") % {"name": name}
    if moved.owner_kind == Conversation.Owner.QUEUE:
        queue = Queue.objects.get(pk=moved.owner_id or 0)
        if moved.mode == "ticket":
            return _("Nobody is there now: it waits in %(queue)s as a message.") % {"queue": queue.title}
        return _("It waits in %(queue)s.") % {"queue": queue.title}
    if holding.has_agent(moved):
        return _("It is on %(name)s's desk.") % {"name": holding.owner_name(moved)}
    return ""
