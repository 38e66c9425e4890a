"""Which links to other systems does an agent see beside a conversation, and how do they follow one?

The side bar's rule holds: what is masked there is in no address, but for those who may reveal it. Theirs is made when
they follow the link, and written down like every look at a whole address.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from common.problems import Problem
from conversations.models import Conversation
from customers import attributes, audit, dossier
from customers.models import Customer, Identity
from handover import context_links
from handover.inbox import access, person_doors, rights
from handover.inbox.access import for_agents
from handover.models import Agent, ContextLink


@dataclass(frozen=True, slots=True)
class Page:
    """One link, as it stands in the side bar."""

    title: str
    url: str


def pages(
    conversation: Conversation,
    held: Sequence[Identity],
    facts: Mapping[str, str],
    at_hand: Collection[int],
    *,
    may: bool,
) -> list[Page]:
    """The links whose places have values. `facts`: attributes that are shown, `at_hand`: the addresses that are whole.

    `may`: the agent may reveal the rest. One query, and two more for those who may where a link would need it.
    """
    root: Customer = conversation.customer.root
    shown = context_links.told(root, [row for row in held if row.pk in at_hand], facts)
    found, whole = [], None
    for link in context_links.every():
        url = context_links.filled(link.url, shown)
        if not url and may:
            whole = _whole(root, held) if whole is None else whole
            is_known = bool(context_links.filled(link.url, whole))
            url = reverse("inbox:context", args=[conversation.public_id, link.public_id]) if is_known else ""
        if url:
            found.append(Page(link.title, url))
    return found


@require_safe
@for_agents
def follow(request: HttpRequest, agent: Agent, public_id: UUID, link_id: UUID) -> HttpResponse:
    """To the page, with what is masked in the side bar: for those who may see it, and it is written down who did."""
    found = access.conversation_for(agent, public_id)
    try:
        rights.needs(agent, "reveal")
    except Problem as problem:
        return person_doors.no(request, found, problem)
    link, root = get_object_or_404(ContextLink, public_id=link_id), found.customer.root
    url = context_links.filled(link.url, _whole(root, dossier.held(root)))
    if not url:
        raise Http404
    audit.record(actor=rights.actor(agent), action="identity.reveal", object_id=str(root.public_id))
    return redirect(url)


def _whole(root: Customer, held: Iterable[Identity]) -> dict[str, str]:
    facts = {one.key: one.value for one in attributes.shown(root, reveals=True)}
    return context_links.told(root, held, facts)


doors = [path("c/<uuid:public_id>/context/<uuid:link_id>", follow, name="context")]
