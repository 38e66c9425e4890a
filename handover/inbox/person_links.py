"""Is the customer beside the thread somebody else, too? Agents propose; who may join customers decides, and undoes."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from common.ids import uuid7
from conversations.models import Conversation
from customers import audit, merging, suggestions
from customers.models import Link, MatchSuggestion
from handover.inbox import person_doors, rights
from handover.inbox.person_doors import Done
from handover.inbox.person_forms import ProposeForm
from handover.models import Agent


@person_doors.about
def propose(request: HttpRequest, agent: Agent, conversation: Conversation) -> Done:
    """This customer and another one may be the same person; who may join them decides."""
    given = person_doors.read(ProposeForm, request)
    other = get_object_or_404(rights.people(agent), public_id=given["other"])
    by, root = rights.actor(agent), conversation.customer.root
    suggestions.propose(one=root, other=other, by=by, note=given["note"])
    audit.record(actor=by, action="suggestion.propose", object_id=str(root.public_id))
    return Done(_("Proposed. Somebody who may join customers decides."))


@person_doors.about
def match(request: HttpRequest, agent: Agent, conversation: Conversation, suggestion_id: UUID, verb: str) -> Done:
    """Accept joins the two, reject says for good that they are two, snooze asks again in a week."""
    root = conversation.customer.root_id
    mine = MatchSuggestion.objects.shown().filter(Q(a__root_id=root) | Q(b__root_id=root))
    if verb != "snooze":
        rights.needs(agent, "merge")
    found = get_object_or_404(mine.select_related("a__root", "b__root"), public_id=suggestion_id)
    if verb == "accept":
        return _accept(found, agent, conversation)
    if verb == "reject":
        suggestions.reject(suggestion=found, actor=rights.actor(agent), reason="rejected at the desk")
        audit.record(actor=rights.actor(agent), action="suggestion.reject", object_id=str(found.public_id))
        return Done(_("They are two people; nobody is asked again."))
    suggestions.snooze(suggestion=found, actor=rights.actor(agent))
    return Done(_("Asked again in a week."))


@person_doors.about
def undo(request: HttpRequest, agent: Agent, conversation: Conversation, link_id: UUID) -> Done:
    """Parts what one link joined, of any age; a suggestion that it accepted is open again."""
    rights.needs(agent, "split")
    mine = Link.objects.live().of_cluster(conversation.customer.root_id)
    link, by = get_object_or_404(mine, public_id=link_id), rights.actor(agent)
    event = merging.split(
        links=[link],
        actor=by,
        request_id=f"undo:{link_id}",
        reason="undone at the desk",
        stay_apart=not link.accepts_a_suggestion,
    )
    audit.record(actor=by, action="customer.split", object_id=str(link.public_id))
    if len(event.root_after) == 1:
        return Done(_("The link is undone. Other links still join them."))
    return Done(_("The link is undone. They are two customers again."))


def _accept(found: MatchSuggestion, agent: Agent, conversation: Conversation) -> Done:
    by, request_id = rights.actor(agent), f"suggestion:{uuid7()}"
    done = suggestions.accept(suggestion=found, actor=by, request_id=request_id)
    audit.record(actor=by, action="customer.merge", object_id=str(done.root.public_id), request_id=request_id)
    can_undo = done.link is not None and rights.of(agent).split
    back = reverse("inbox:person-undo", args=[conversation.public_id, done.link.public_id]) if can_undo else ""  # type: ignore[union-attr]  # can_undo says so
    return Done(_("They are one person now."), back)
