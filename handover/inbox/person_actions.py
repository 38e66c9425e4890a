"""What can an agent note about the customer beside the thread, and see of them? Each form calls one verb."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.problems import Problem
from conversations.models import Conversation
from customers import audit, consent, editing, settling
from customers.models import Conflict, Customer, Identity
from handover import blocking
from handover.inbox import access, person_doors, revealing, rights
from handover.inbox.access import for_agents
from handover.inbox.person_doors import Done
from handover.inbox.person_forms import ConsentForm, FactForm, SettleForm
from handover.models import Agent


@person_doors.about
def fact(request: HttpRequest, agent: Agent, conversation: Conversation) -> Done:
    """A fact as the agent heard it; checked with the customer, it holds against what is only said."""
    given = person_doors.read(FactForm, request)
    if given["key"] == blocking.KEY:
        blocking.refuse_others(agent)
    kept = editing.edit(
        customer=conversation.customer.root,
        key=given["key"],
        text=given["value"],
        by=rights.actor(agent),
        seen=given["seen"] or 0,
        is_verified=given["verified"],
    )
    return Done(_("Saved." if kept else "Noted. What is there was verified, so that somebody has to settle the two."))


@person_doors.about
def settle(request: HttpRequest, agent: Agent, conversation: Conversation, conflict_id: UUID) -> Done:
    """Keep, use or edit a value, or say that nothing is to be done. About an address it takes the right to change."""
    mine = Conflict.objects.filter(customer__root_id=conversation.customer.root_id)
    given = person_doors.read(SettleForm, request)
    found = get_object_or_404(mine, public_id=conflict_id)
    if not settling.is_about_value(found):
        rights.needs(agent, "change")
    by = rights.actor(agent)
    return Done(settling.settle(conflict=found, choice=given["choice"], own=given["own"], by=by))


@person_doors.about
def unblock(request: HttpRequest, agent: Agent, conversation: Conversation) -> Done:
    """People are there for them again."""
    is_new = blocking.unblock(conversation_id=conversation.pk, agent=agent)
    return Done(_("Unblocked: they can ask for a person again.") if is_new else _("They are not blocked."))


@person_doors.about
def allow(request: HttpRequest, agent: Agent, conversation: Conversation) -> Done:
    """One more word of consent, with how we know."""
    given, by = person_doors.read(ConsentForm, request), rights.actor(agent)
    mine = Identity.objects.live().of_cluster(conversation.customer.root_id)
    address = get_object_or_404(mine, public_id=given["address"])
    proof, at = {"note": given["evidence"]}, given["at"]
    consent.say(identity=address, purpose=given["purpose"], state=given["state"], at=at, evidence=proof, by=by)
    return Done(_("The word is added; the newest one by its time holds."))


@require_POST
@for_agents
def reveal(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """The addresses whole, for who may see them; it is written down who did."""
    found = access.conversation_for(agent, public_id)
    try:
        rights.needs(agent, "reveal")
    except Problem as problem:
        return person_doors.no(request, found, problem)
    root: Customer = found.customer.root
    audit.record(actor=rights.actor(agent), action="identity.reveal", object_id=str(root.public_id))
    addresses, facts = revealing.whole(root)
    if not access.is_script(request):
        return render(request, "inbox/person_whole.html", {"conversation": found, "shown": addresses, "facts": facts})
    shown = {str(row.public_id): text for row, _, text in addresses}
    return JsonResponse({"addresses": shown, "facts": revealing.hidden(root, facts)})
