"""Who is the customer beside the thread? Addresses with proof, facts with their history, links, consent: for one agent.

The back office tells the same in the same words (`customers.dossier`); here only the address at hand is whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from conversations.models import Conversation, Session
from customers import dossier, pages_conflicts, pages_suggestions, pages_words, previews
from customers.models import Consent, Customer, Identity
from customers.namespaces import Namespace
from handover import blocking
from handover.inbox import context, naming, rights, rows
from handover.inbox.context import Page
from handover.models import Agent

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Side:
    """The side panel; what a row holds is said by `customers.dossier`."""

    root: Customer
    may: rights.Rights
    addresses: Rows
    facts: Rows
    matches: Rows
    troubles: Rows  # conflicts that are not about the value of a fact
    links: Rows
    pages: Sequence[Page]  # of other systems
    members: Sequence[Customer]
    consents: Rows
    previous: Sequence[rows.Row]
    is_sender_unproven: bool  # the mail came from somebody who may not be who they say
    purposes: Sequence[tuple[str, str]]
    states: Sequence[tuple[str, str]]
    addable: Sequence[tuple[str, str]]
    is_open: bool
    block: blocking.Standing | None = None

    @property
    def at_hand(self) -> set[int]:
        """The addresses over which this conversation is held, by id."""
        return {one["row"].pk for one in self.addresses if one["is_at_hand"]}

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


@dataclass(frozen=True, slots=True)
class Held:
    """Every address the customer has or had. `at_hand`: those that this conversation is held over, by id: the agent
    writes to them, so they are no secret."""

    rows: Sequence[Identity]
    at_hand: set[int]


def held(conversation: Conversation) -> Held:
    """The customer's addresses, those in force first. One query."""
    sessions = Session.objects.filter(conversation=conversation, identity=OuterRef("pk"))
    rows = Identity.objects.of_cluster(conversation.customer.root_id).order_by("-valid_to", "namespace", "pk")
    found = list(rows.annotate(is_at_hand=Exists(sessions)))
    return Held(found, {row.pk for row in found if vars(row)["is_at_hand"]})


def side(conversation: Conversation, agent: Agent, known: Held | None = None) -> Side:
    """The panel of one conversation; the number of queries does not grow with what there is to tell.

    `known` are the customer's addresses, if they were read.
    """
    root, found = conversation.customer.root, known or held(conversation)
    rows_held, at_hand = found.rows, found.at_hand
    conflicts = pages_conflicts.rows(previews.open_conflicts(root))
    addresses = dossier.addresses(rows_held, [row["row"] for row in conflicts], whole=at_hand)
    links, facts, may = dossier.links(root), dossier.facts(root, conflicts), rights.of(agent)
    shown = {one["key"]: one["plain"] for one in facts}
    return Side(
        root=root,
        may=may,
        addresses=[_as_written(row, at_hand) for row in addresses],
        facts=facts,
        matches=_matches(root, agent),
        troubles=[row for row in conflicts if not row["is_value"]],
        links=links,
        pages=context.pages(conversation, rows_held, shown, at_hand, may=may.reveal),
        members=list(Customer.objects.cluster(root).order_by("first_seen_at", "pk")) if links else [root],
        consents=dossier.standing([root.pk], whole=at_hand, held=rows_held),
        previous=rows.previous(conversation, root.pk, agent),
        is_sender_unproven=any(row.pk in at_hand and row.namespace == Namespace.EMAIL_FROM for row in rows_held),
        purposes=list(pages_words.PURPOSES.items()),
        states=[(state, pages_words.STATES[state]) for state in Consent.State.values],
        addable=dossier.addable(facts),
        is_open=conversation.state != Conversation.State.CLOSED,
        block=_block(root, facts),
    )


def _block(root: Customer, facts: Rows) -> blocking.Standing | None:
    """Are they kept from people? Since when, by whom, and why."""
    word = next((one["word"] for one in facts if one["key"] == blocking.KEY), None)
    return blocking.standing(root, word["row"], by=word["by"] or word["source"]) if word else None


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
