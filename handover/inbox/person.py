"""Who is the customer beside the thread? Addresses with proof, facts with their history, links, consent: for one agent.

The back office tells the same in the same words (`customers.dossier`); here only the address at hand is whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conversations.models import Conversation, Session
from customers import attributes, dossier, pages_conflicts, pages_suggestions, pages_words, previews
from customers.attribute_showing import Shown
from customers.models import Consent, Customer, Identity
from customers.namespaces import Namespace
from handover import listing
from handover.inbox import naming, rights, rows
from handover.inbox.rights import Rights
from handover.models import Agent

PREVIOUS = 8
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Side:
    """The side panel; what a row holds is said by `customers.dossier`."""

    root: Customer
    may: Rights
    addresses: Rows
    facts: Rows
    matches: Rows
    troubles: Rows  # conflicts that are not about the value of a fact
    links: Rows
    members: Sequence[Customer]
    consents: Rows
    previous: Sequence[rows.Row]
    is_sender_unproven: bool  # the mail came from somebody who may not be who they say
    purposes: Sequence[tuple[str, str]]
    states: Sequence[tuple[str, str]]
    addable: Sequence[tuple[str, str]]
    is_open: bool

    @property
    def live(self) -> Rows:
        return [row for row in self.addresses if row["is_live"]]

    @property
    def has_earlier(self) -> bool:
        return len(self.live) < len(self.addresses)

    @property
    def has_masked(self) -> bool:
        hidden = any(not row["is_whole"] and row["row"].namespace != Namespace.VISITOR for row in self.live)
        return hidden or any(one["masked"] for one in self.facts)


def side(conversation: Conversation, agent: Agent) -> Side:
    """The panel of one conversation; the number of queries does not grow with what there is to tell."""
    root = Customer.objects.get(pk=conversation.customer.root_id)
    at_hand = _at_hand(conversation)
    conflicts = pages_conflicts.rows(previews.open_conflicts(root))
    held = dossier.held(root)
    addresses = dossier.addresses(held, [row["row"] for row in conflicts], whole=at_hand)
    links, facts = dossier.links(root), dossier.facts(root, conflicts)
    return Side(
        root=root,
        may=rights.of(agent),
        addresses=[_as_written(row, at_hand) for row in addresses],
        facts=facts,
        matches=_matches(root, agent),
        troubles=[row for row in conflicts if not row["is_value"]],
        links=links,
        members=list(Customer.objects.cluster(root).order_by("first_seen_at", "pk")) if links else [root],
        consents=dossier.standing([root.pk], whole=at_hand),
        previous=_previous(conversation, root, agent),
        is_sender_unproven=any(row.pk in at_hand and row.namespace == Namespace.EMAIL_FROM for row in held),
        purposes=list(pages_words.PURPOSES.items()),
        states=[(state, pages_words.STATES[state]) for state in Consent.State.values],
        addable=dossier.addable(facts),
        is_open=conversation.state != Conversation.State.CLOSED,
    )


def whole(root: Customer) -> tuple[list[tuple[Identity, str, str]], list[Shown]]:
    """Every live address (row, kind, as people write it) and every fact; a browser's token is nobody's to see."""
    live = Identity.objects.live().of_cluster(root.pk).order_by("namespace", "pk")
    addresses = [(row, pages_words.kind(row.namespace), naming.label(row)) for row in live]
    return addresses, attributes.shown(root, reveals=True)


def hidden(root: Customer, facts: Sequence[Shown]) -> dict[str, str]:
    """Of these the values that are masked in the panel, by the word that they stand for: a newer one is not covered."""
    words = dict(root.attributes.values_list("key", "observation_id"))
    masked = {one.key for one in attributes.shown(root) if one.masked}
    return {str(words[one.key]): one.value for one in facts if one.key in masked and one.key in words}


def _at_hand(conversation: Conversation) -> set[int]:
    """The addresses that this conversation is held over: the agent writes to them, so they are no secret."""
    return set(Session.objects.filter(conversation=conversation).values_list("identity_id", flat=True))


def _as_written(row: dict[str, Any], at_hand: set[int]) -> dict[str, Any]:
    home: Identity = row["row"]
    if home.namespace == Namespace.VISITOR or row["is_whole"]:
        row["shown"] = naming.label(home)
    return {**row, "is_at_hand": home.pk in at_hand and row["is_live"]}


def _matches(root: Customer, agent: Agent) -> Rows:
    """Who may be the same person; another one is named only to an agent who may know of them."""
    found = pages_suggestions.of_person(root)
    others = [row["right"] if row["left"]["root"].pk == root.pk else row["left"] for row in found]
    known = {*rights.people(agent).filter(pk__in=[one["root"].pk for one in others]).values_list("pk", flat=True)}
    return [
        {**row, "other": other, "is_known": other["root"].pk in known} for row, other in zip(found, others, strict=True)
    ]


def _previous(conversation: Conversation, root: Customer, agent: Agent) -> Sequence[rows.Row]:
    seen = listing.matters_of(agent, root.pk).exclude(pk=conversation.pk)
    return rows.of(list(rows.with_last_message(seen).order_by("-opened_at")[:PREVIOUS]))
