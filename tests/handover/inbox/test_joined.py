"""Two customers are one person, and each had an agent: what do the screens of the two show?"""

from __future__ import annotations

import pytest
from django.test import Client

from conversations.models import Conversation
from customers import merging
from handover import desk as verbs
from handover.models import Agent, Queue
from tests import factories as make
from tests.handover.inbox.cast import Screen, client_of, later

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.scenario("HO-46", "HO-I14")]


@pytest.fixture
def pair(sales: Queue, ana: Agent, chloe: Agent) -> tuple[Conversation, Conversation]:
    """Ana has the one, and a little later Chloe the other."""
    held = [make.waiting_in(sales, text=text, name=name) for text, name in (("Hi", "Maya"), ("Hello", "M. Lind"))]
    for conversation, agent in zip(held, (ana, chloe), strict=True):
        verbs.claim(conversation_id=conversation.pk, agent=agent)
    return held[0], held[1]


def join(pair: tuple[Conversation, Conversation]) -> None:
    a, b = (one.customer for one in pair)
    merging.merge(a=a, b=b, kind="manual", rule="by_hand", actor="user:1", request_id="join")


async def test_who_had_the_other_is_told_where_it_went(desk: Client, pair: tuple[Conversation, Conversation]) -> None:
    hers, kept = pair
    screen = await Screen(desk).open()
    await screen.subscribe(hers, after=(await later(Conversation.objects.get, pk=hers.pk)).head_seq)
    await screen.hear("subscribed")
    await later(join, pair)
    told = await screen.hear("joined")
    assert told["data"] == {
        "conversation": str(hers.public_id),
        "into": str(kept.public_id),
        "name": "Chloe Martin",
    }
    await screen.leave()


async def test_it_leaves_their_list_and_its_thread_leads_to_the_other(
    desk: Client, pair: tuple[Conversation, Conversation]
) -> None:
    hers, kept = pair
    screen = await Screen(desk).open()
    await screen.subscribe(hers, after=(await later(Conversation.objects.get, pk=hers.pk)).head_seq)
    await screen.hear("subscribed")
    await later(join, pair)
    line = await screen.hear("sessions_moved")
    assert f"/inbox/c/{kept.public_id}/" in line["html"]
    row = await screen.hear("row")
    assert (row["data"]["id"], row["data"]["state"]) == (str(hers.public_id), "closed")
    await screen.leave()


async def test_who_keeps_it_reads_it_in_the_thread_and_is_not_told(
    chloe: Agent, pair: tuple[Conversation, Conversation]
) -> None:
    hers, kept = pair
    screen = await Screen(await later(client_of, chloe)).open()
    await screen.subscribe(kept, after=(await later(Conversation.objects.get, pk=kept.pk)).head_seq)
    await screen.hear("subscribed")
    await later(join, pair)
    frames = await screen.everything()
    assert not any('"type": "joined"' in frame for frame in frames)
    assert any(f"/inbox/c/{hers.public_id}/" in frame for frame in frames if "sessions_moved" in frame)
    await screen.leave()


def test_a_link_stands_only_where_it_leads_to_what_they_may_see(
    support: Queue, ben: Agent, sales: Queue, ana: Agent
) -> None:
    hers = make.waiting_in(support, name="Maya")
    verbs.claim(conversation_id=hers.pk, agent=ben)
    kept = make.waiting_in(sales, name="M. Lind")
    verbs.claim(conversation_id=kept.pk, agent=ana)
    join((hers, kept))
    page = client_of(ben).get(f"/inbox/c/{hers.public_id}/")
    assert page.status_code == 200 and b"goes on in the other" in page.content
    assert client_of(ben).get(f"/inbox/c/{kept.public_id}/").status_code == 404
