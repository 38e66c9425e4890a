"""What holds when a right is taken away while a request waits for the row? It is asked again under the lock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from conversations import content, threads
from conversations.models import Conversation
from handover import desk, holding, refusals
from handover.models import Agent, Membership, Queue
from handover.routing import offering, offers
from tests import factories as make
from tests.handover.at_once import at_once, while_held

pytestmark = pytest.mark.django_db(transaction=True)
Taken = Callable[[Agent, Conversation], object]


def moved(agent: Agent, conversation: Conversation) -> None:
    """To a team that was never the agent's."""
    support = make.queue("support").pk
    Conversation.objects.filter(pk=conversation.pk).update(owner_id=support, queue_id=support)


def no_desk(agent: Agent, conversation: Conversation) -> None:
    Agent.objects.filter(pk=agent.pk).update(is_active=False)


def no_login(agent: Agent, conversation: Conversation) -> None:
    type(agent.user).objects.filter(pk=agent.user_id).update(is_active=False)


def no_member(agent: Agent, conversation: Conversation) -> None:
    Membership.objects.filter(agent=agent).delete()


def accept(*, conversation_id: int, agent: Agent) -> Conversation:
    """What was offered a moment ago, before somebody looks whether it still may be."""
    offer = agent.reservations.filter(conversation=conversation_id).first()
    if offer is None:
        raise refusals.NotThere()
    return offers.accept(offer_id=offer.public_id, agent=agent)


VERBS: dict[str, Callable[..., Any]] = {
    "accept": accept,
    "claim": desk.claim,
    "reply": partial(desk.reply, content=content.Text("Hello"), client_id="a"),
    "note": partial(desk.note, text="Mine?"),
    "close": desk.close,
    "transfer": partial(desk.transfer, note="Yours", queue=None),
}


def while_it_waits(verb: Callable[[], object], takes: Callable[[], object], conversation: Conversation) -> object:
    """What the verb comes to when its row is held, and the right is taken away in that moment."""
    hold = partial(threads.lock, conversation_id=conversation.pk)
    return while_held(hold, partial(at_once, [verb]), takes)[0]


@pytest.mark.scenario("T-9")
@pytest.mark.scenario("T-21")
@pytest.mark.parametrize(
    ("verb", "taken"),
    [
        ("claim", moved),
        ("reply", moved),
        ("close", moved),
        ("claim", no_desk),
        ("reply", no_login),
        ("note", no_member),
        ("accept", no_desk),
        ("accept", no_login),
        ("accept", no_member),
    ],
)
def test_a_right_that_is_gone_under_the_lock_is_gone(verb: str, taken: Taken) -> None:
    sales = make.queue("sales")
    ana, waiting = make.agent("Ana Sousa", queues=(sales,)), make.waiting_in(sales)
    if verb == "accept":
        with transaction.atomic():
            offering.make(conversation=waiting, agent_id=ana.pk, lasts=timedelta(minutes=1))
    call = partial(VERBS[verb], conversation_id=waiting.pk, agent=ana)
    came_of = while_it_waits(call, partial(taken, ana, waiting), waiting)
    assert isinstance(came_of, (refusals.NotThere, offers.NotOffered))
    waiting.refresh_from_db()
    assert waiting.owner_kind == "queue" and not waiting.notes.exists()


@pytest.mark.scenario("T-9")
def test_what_is_closed_is_not_opened_again_by_who_lost_it(transactional_db: None) -> None:
    sales = make.queue("sales")
    ana = make.agent("Ana Sousa", queues=(sales,))
    closed = desk.close(conversation_id=make.give(make.waiting_in(sales), ana).pk, agent=ana)
    call = partial(desk.reopen, conversation_id=closed.pk, agent=ana)
    assert isinstance(while_it_waits(call, partial(no_member, ana, closed), closed), refusals.NotThere)


@pytest.mark.scenario("T-21")
def test_a_superuser_no_more_sees_no_more(transactional_db: None) -> None:
    boss, waiting = make.agent("Mia Boss"), make.waiting_in(make.queue("sales"))
    boss.user.is_superuser = True
    boss.user.save(update_fields=["is_superuser"])
    took = partial(type(boss.user).objects.filter(pk=boss.user_id).update, is_superuser=False)
    call = partial(desk.claim, conversation_id=waiting.pk, agent=boss)
    assert isinstance(while_it_waits(call, took, waiting), refusals.NotThere)


def test_who_keeps_the_right_waits_and_has_it(transactional_db: None) -> None:
    sales = make.queue("sales")
    ana, waiting = make.agent("Ana Sousa", queues=(sales,)), make.waiting_in(sales)
    call = partial(desk.claim, conversation_id=waiting.pk, agent=ana)
    came_of = while_it_waits(call, Queue.objects.count, waiting)
    assert isinstance(came_of, Conversation) and holding.is_owner(came_of, ana)


def test_what_is_not_there_is_refused_alike(transactional_db: None) -> None:
    ana = make.agent("Ana Sousa", queues=(make.queue("sales"),))
    for verb in VERBS.values():
        with pytest.raises(refusals.NotThere):
            verb(conversation_id=999_999, agent=ana)


@pytest.mark.scenario("T-21")
def test_what_a_colleague_passes_on_is_taken_wherever_one_works(transactional_db: None) -> None:
    sales = make.queue("sales")
    ana, ben = make.agent("Ana Sousa", queues=(sales,)), make.agent("Ben Okafor", queues=(make.queue("support"),))
    hers = make.give(make.waiting_in(sales), ana)
    desk.transfer(conversation_id=hers.pk, agent=ana, to=ben, note="You know this")
    assert holding.is_owner(accept(conversation_id=hers.pk, agent=ben), ben)
    desk.transfer(conversation_id=hers.pk, agent=ben, to=ana, note="Back to you")
    no_desk(ana, hers)
    with pytest.raises(offers.NotOffered):
        accept(conversation_id=hers.pk, agent=ana)
