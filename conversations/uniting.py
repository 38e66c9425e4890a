"""Two customers turned out to be one person: in which of their open conversations does it go on?"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from conversations import joining, sql, threads
from conversations.journeys import stack
from conversations.models import Conversation, Session
from customers.models import Customer, Identity, MergeEvent


def unite(*, customer_id: int, joined: Sequence[tuple[int, str]] = ()) -> Conversation | None:
    """The person's one open conversation; the others are joined into it. Needs a transaction.

    An agent's comes first, then a queue's, then the latest. Nothing that was said moves, and an open journey belongs to
    the person, so it goes on wherever they write next. `joined`: the identities that one act has proven together and
    over which channel; their latest sessions there count as proven by each other.
    """
    root = threads.lock_root(customer_id=customer_id)
    kept = joining.keep_one(root.pk)
    _prove_together(joined)
    return kept


def _prove_together(joined: Sequence[tuple[int, str]]) -> None:
    for identity_id, channel in joined:
        session = Session.objects.filter(identity_id=identity_id, channel=channel).order_by("-pk").first()
        if session is not None:
            session.proven = sorted({*session.proven, *(pk for pk, _ in joined)})
            session.save(update_fields=["proven"])


def after(event: MergeEvent) -> None:
    """What a merge means here, whoever decided it; a split gives each back what is theirs."""
    if event.kind == MergeEvent.Kind.MERGE:
        conversations, runs = sql.several(event.root_after[0])  # whose lock the merge holds: there will be no more
        if conversations:
            joining.keep_one(event.root_after[0])
        if runs:
            stack.join(event.root_after[0])
    elif event.kind == MergeEvent.Kind.SPLIT:
        _prove_apart(event.root_after)
        joining.part(event.root_after)
        for root_id in event.root_after:
            stack.part(root_id)


def _prove_apart(roots: list[int]) -> None:
    """What a session of one piece has proven of another piece is taken back, by whatever act it was proven."""
    root_of = dict(Customer.objects.filter(root_id__in=roots).values_list("pk", "root_id"))
    proud = Q(proven__len__gt=1) | Q(coded__len__gt=0)
    for session in Session.objects.filter(proud, customer_id__in=root_of):
        named = Identity.objects.filter(pk__in=[*session.proven, *session.coded], customer_id__in=root_of)
        owners = dict(named.values_list("pk", "customer_id"))
        gone = {pk for pk, owner in owners.items() if root_of[owner] != root_of[session.customer_id]}
        if gone:
            _take_back(session, gone)


def _take_back(session: Session, gone: set[int]) -> None:
    """The next message says how sure we are again; until then, not at all if a code has gone."""
    if gone & set(session.coded):
        session.assurance = "none"
    session.proven = [pk for pk in session.proven if pk not in gone]
    session.coded = [pk for pk in session.coded if pk not in gone]
    session.save(update_fields=["proven", "coded", "assurance"])
