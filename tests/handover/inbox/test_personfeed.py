"""Is a screen told to look again when something about its customer is different, and no other one?"""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from conversations import hub
from conversations.models import Conversation
from customers import attributes, merging
from customers.models import Customer
from handover.inbox.personfeed import _conversations_of
from handover.models import Agent, Queue
from tests import factories as make
from tests.handover.inbox.cast import Screen, client_of, later

pytestmark = pytest.mark.django_db(transaction=True)


async def told(ana: Agent, conversation: Conversation, changed: int) -> list[str]:
    """The types of what the screen hears after the hint."""
    screen = await Screen(await later(client_of, ana)).open()
    await screen.subscribe(conversation, after=conversation.head_seq)
    await screen.hear("subscribed")
    hub.here().heard(f'{{"names": ["person:{changed}"]}}'.encode())
    frames = await screen.everything(seconds=0.8)
    await screen.leave()
    return [frame for frame in frames if '"person"' in frame]


@pytest.mark.asyncio
async def test_who_watches_the_customer_looks_again(ana: Agent, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales)
    (frame,) = await told(ana, conversation, conversation.customer_id)
    assert str(conversation.public_id) in frame


@pytest.mark.asyncio
async def test_who_watches_somebody_else_is_left_alone(ana: Agent, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales)
    other = await later(make.customer, "Tom")
    assert await told(ana, conversation, other.pk) == []


def test_any_origin_of_the_person_means_all_their_conversations(sales: Queue) -> None:
    conversation, other = make.waiting_in(sales), make.customer("Maya on mail")
    merging.merge(a=conversation.customer, b=other, kind="manual", rule="by_hand", actor="user:1", request_id="m")
    assert _conversations_of({other.pk}, {conversation.pk}) == {conversation.pk}


def test_what_was_said_of_a_person_is_hinted_once_it_is_there(sales: Queue) -> None:
    person: Customer = make.customer("Maya")
    with transaction.atomic():
        attributes.verify(customer=person, key="city", value="Lund", by="user:1")
        waiting = [entry[1] for entry in connection.run_on_commit]
    assert [name for hint in waiting for name in getattr(hint, "names", ())] == [f"person:{person.pk}"]
