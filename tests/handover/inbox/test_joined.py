"""Two customers are one person, and each had an agent: what do the screens of the two show?"""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations import events
from conversations.models import Conversation
from customers import merging
from handover import desk as verbs
from handover.inbox import timeline
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


async def watching(screen: Screen, conversation: Conversation) -> None:
    """The screen shows the thread as it is now."""
    await screen.subscribe(conversation, after=(await later(Conversation.objects.get, pk=conversation.pk)).head_seq)
    await screen.hear("subscribed")


async def test_who_had_the_other_is_told_where_it_went(desk: Client, pair: tuple[Conversation, Conversation]) -> None:
    hers, kept = pair
    screen = await Screen(desk).open()
    await later(join, pair)
    told = (await screen.hear("joined", seconds=15))["data"]
    assert (told["conversation"], told["into"]) == (str(hers.public_id), str(kept.public_id))
    assert told["name"] == "Chloe Martin"
    await screen.leave()


async def test_it_leaves_their_list(desk: Client, pair: tuple[Conversation, Conversation]) -> None:
    screen = await Screen(desk).open()
    await later(join, pair)
    while (row := (await screen.hear("row", seconds=15))["data"])["id"] != str(pair[0].public_id):
        pass
    assert row["state"] == "closed"
    await screen.leave()


async def test_its_thread_leads_to_the_other(desk: Client, pair: tuple[Conversation, Conversation]) -> None:
    hers, kept = pair
    screen = await Screen(desk).open()
    await watching(screen, hers)
    await later(join, pair)
    assert f"/inbox/c/{kept.public_id}/" in (await screen.hear("sessions_moved", seconds=15))["html"]
    await screen.leave()


async def test_who_keeps_it_reads_it_in_the_thread_and_is_not_told(
    chloe: Agent, pair: tuple[Conversation, Conversation]
) -> None:
    hers, kept = pair
    screen = await Screen(await later(client_of, chloe)).open()
    await watching(screen, kept)
    await later(join, pair)
    assert f"/inbox/c/{hers.public_id}/" in (await screen.hear("sessions_moved", seconds=15))["html"]
    assert not any('"type": "joined"' in frame for frame in await screen.everything())
    await screen.leave()


@pytest.fixture
def across(support: Queue, ben: Agent, sales: Queue, ana: Agent) -> tuple[Conversation, Conversation]:
    """Ben has the one, and Ana the other in a queue into which he does not see."""
    hers, kept = make.waiting_in(support, name="Maya"), make.waiting_in(sales, name="M. Lind")
    verbs.claim(conversation_id=hers.pk, agent=ben)
    verbs.claim(conversation_id=kept.pk, agent=ana)
    return hers, kept


@pytest.fixture
def tom(sales: Queue, support: Queue) -> Agent:
    """Sees both."""
    return make.agent("Tom Hardy", queues=(sales, support))


@pytest.mark.parametrize("tail", ["", "older?before=99", "events?after=0"])
def test_a_link_stands_only_where_it_leads_to_what_they_may_see(
    ben: Agent, tom: Agent, across: tuple[Conversation, Conversation], tail: str
) -> None:
    hers, kept = across
    join(across)
    pages = [client_of(one).get(f"/inbox/c/{hers.public_id}/{tail}").content.decode() for one in (ben, tom)]
    assert ["goes on in the other" in page for page in pages] == [True, True]
    assert [f"/inbox/c/{kept.public_id}/" in page for page in pages] == [False, True]
    assert str(kept.public_id) not in pages[0]
    assert client_of(ben).get(f"/inbox/c/{kept.public_id}/").status_code == 404


async def test_a_screen_hears_where_it_went_without_a_link_to_what_it_may_not_show(
    ben: Agent, tom: Agent, across: tuple[Conversation, Conversation]
) -> None:
    hers, kept = across
    screens = [await Screen(await later(client_of, one)).open() for one in (ben, tom)]
    for screen in screens:
        await watching(screen, hers)
    await later(join, across)
    told = [(await screen.hear("sessions_moved", seconds=15))["html"] for screen in screens]
    assert ["goes on in the other" in html for html in told] == [True, True]
    assert [str(kept.public_id) in html for html in told] == [False, True]
    for screen in screens:
        await screen.leave()


def test_however_many_lines_lead_elsewhere_they_cost_one_query(
    tom: Agent, across: tuple[Conversation, Conversation]
) -> None:
    hers, _ = across
    found = Agent.objects.select_related("user").get(pk=tom.pk)
    with CaptureQueriesContext(connection) as before:
        timeline.page(hers, viewer=found)
    join(across)
    line = hers.events.get(kind="sessions_moved")
    for _ in range(5):
        other = make.waiting_in(Queue.objects.get(key="sales"), name="Somebody").public_id
        events.append(
            conversation=hers, kind=line.kind, actor_kind="system", data={**line.data, "conversation": str(other)}
        )
    with CaptureQueriesContext(connection) as after:
        stretch = timeline.page(hers, viewer=found)
    assert sum(isinstance(item, timeline.Line) and bool(item.link) for item in stretch.items) == 6
    assert len(after) == len(before) + 1
