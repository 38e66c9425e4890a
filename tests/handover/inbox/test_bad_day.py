"""Does a screen stay true when its line drops, another tab acts, rights end, or a customer cannot stop writing?"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from itertools import chain

import pytest
from django.test import Client

from conversations.content import Text
from conversations.models import Conversation, ConversationEvent
from handover import desk as verbs
from handover.inbox import floor, timeline, warden
from handover.models import Agent, Queue, Reservation
from handover.routing import closing
from handover.timing import leaving
from tests import factories as make
from tests.handover import crowds
from tests.handover.inbox.cast import Screen, later
from tests.handover.routing import cast
from tests.handover.test_bad_day import asked, by_deactivation, by_login
from tests.stories import cast as stories

LONG = 100_000

sockets = pytest.mark.django_db(transaction=True)


def numbers(frames: list[str]) -> list[int]:
    """The numbers of the envelopes among these frames."""
    read = map(json.loads, frames)
    return [frame["seq"] for frame in read if "stream" in frame]


def words(client: Client, conversation: Conversation, times: int) -> None:
    """The customer writes on."""
    session = conversation.sessions.select_related("identity").get()
    for number in range(times):
        make.receive(make.whatsapp(session.identity), f"word {number}")


# --- a line that drops ------------------------------------------------------------------------------------------------


@sockets
@pytest.mark.scenario("HO-52")
async def test_a_screen_that_comes_back_misses_nothing_and_hears_nothing_twice(desk: Client, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales)
    screen = await Screen(desk).open()
    await screen.subscribe(conversation, after=conversation.head_seq)
    await screen.hear("subscribed")
    await later(words, desk, conversation, 1)
    last = (await screen.hear("message"))["seq"]
    await screen.leave()
    await later(words, desk, conversation, 3)
    back = await Screen(desk).open()
    await back.subscribe(conversation, after=last)
    await back.hear("message")
    await later(words, desk, conversation, 2)
    assert numbers(await back.everything(seconds=1.5)) == [last + n for n in range(2, 6)]
    await back.leave()


# --- two tabs ---------------------------------------------------------------------------------------------------------


@sockets
async def test_an_offer_that_is_taken_in_one_tab_is_gone_from_the_other(desk: Client, ana: Agent, sales: Queue) -> None:
    tabs = [await Screen(desk).open() for _ in range(2)]
    waits = await later(offered, sales, ana)
    for tab in tabs:
        assert "Maya Lindqvist" in (await tab.hear("offers"))["html"]
    made = await later(cast.offer, waits)
    answer = await later(desk.post, f"/inbox/offers/{made.public_id}/accept", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    for tab in tabs:
        assert "Maya Lindqvist" not in (await tab.hear("offers"))["html"]
        await tab.leave()


def offered(queue: Queue, agent: Agent) -> Conversation:
    waits = cast.waiting(queue, agent)
    cast.begin(waits)
    return waits


# --- rights that end --------------------------------------------------------------------------------------------------


@sockets
@pytest.mark.scenario("T-9")
@pytest.mark.parametrize("leaves", [by_deactivation, by_login])
async def test_who_is_let_go_is_shut_out_within_five_seconds_and_nothing_is_left_with_them(
    desk: Client, ana: Agent, sales: Queue, leaves: Callable[[Agent], object]
) -> None:
    hers, waits = await later(lambda: (make.give(make.waiting_in(sales), ana), offered(sales, ana)))
    screen = await Screen(desk).open()
    await screen.subscribe(hers, after=hers.head_seq)
    await screen.hear("subscribed")
    await later(leaves, ana)
    began = time.monotonic()
    assert await screen.closed_with() == 4403
    assert time.monotonic() - began < 5
    await later(words, desk, hers, 1)
    assert await screen.line.receive_nothing(timeout=0.7)
    await later(lambda: (closing.look(), leaving.sweep()))
    assert await later(cast.offers, waits) == [(ana.pk, Reservation.Status.RESCINDED)]
    assert await later(cast.owner, hers) == ("queue", sales.pk)


@sockets
async def test_who_leaves_a_team_hears_no_more_of_it_and_keeps_what_is_theirs(
    desk: Client, ana: Agent, sales: Queue
) -> None:
    hers, theirs = await later(lambda: (make.give(make.waiting_in(sales), ana), make.waiting_in(sales, name="Tom")))
    screen = await Screen(desk).open()
    for conversation in (hers, theirs):
        await screen.subscribe(conversation, after=conversation.head_seq)
        await screen.hear("subscribed")
    await later(lambda: ana.memberships.all().delete())
    assert (await screen.hear("revoked"))["data"] == {"conversation": str(theirs.public_id)}
    await later(lambda: (words(desk, theirs, 1), words(desk, hers, 1)))
    heard = [frame for frame in await screen.everything() if "word 0" in frame]
    assert heard and all(str(hers.public_id) in frame for frame in heard)
    await screen.leave()


@sockets
async def test_what_a_screen_opens_while_rights_are_looked_at_stays_open(
    ana: Agent, desk: Client, sales: Queue
) -> None:
    conversation = await later(lambda: make.give(make.waiting_in(sales), ana))
    screen = await Screen(desk).open()
    [socket] = floor.here().screens
    looking = asyncio.ensure_future(warden.check(floor.here()))
    await asyncio.sleep(0)  # it has begun to ask
    socket.watched[conversation.pk] = str(conversation.public_id)
    await looking
    assert conversation.pk in socket.watched
    await screen.leave()


# --- much -------------------------------------------------------------------------------------------------------------


@sockets
async def test_two_hundred_messages_are_a_whole_thread_and_few_rows(desk: Client, ana: Agent, sales: Queue) -> None:
    conversation, phone = await later(taken, ana)
    screen = await Screen(desk).open()
    await screen.subscribe(conversation, after=conversation.head_seq)
    await screen.hear("subscribed")
    began = time.monotonic()
    await later(lambda: [phone.turn(f"word {number}") for number in range(200)])
    frames = await screen.everything(seconds=2.0)
    lasted = time.monotonic() - began
    first = conversation.head_seq + 1
    assert numbers(frames) == list(range(first, first + len(numbers(frames))))
    said = [frame for frame in frames if '"type": "message"' in frame]
    assert [number for number, frame in enumerate(said) if f"word {number}<" not in frame] == []
    assert len(said) == 200
    rows = [frame for frame in frames if '"type": "row"' in frame]
    assert 1 <= len(rows) <= 2 * lasted + 2
    assert "word 199" in rows[-1]
    await screen.leave()


def taken(ana: Agent) -> tuple[Conversation, stories.Endpoint]:
    """A customer whom Ana speaks with."""
    stories.library()
    maya = stories.maya()
    phone = maya.on_whatsapp()
    phone.turn("hi")
    verbs.reply(conversation_id=maya.conversation.pk, agent=ana, content=Text("Hello"), client_id="1")
    return maya.conversation, phone


@pytest.fixture
def long_talk(db: None, sales: Queue, ana: Agent) -> Conversation:
    """A hundred thousand messages with Ana."""
    conversation = make.give(make.waiting_in(sales), ana)
    pages = (range(end - timeline.PAGE, end + 1) for end in (LONG, LONG // 2))
    crowds.speak(conversation, LONG, readable=chain(*pages))
    conversation.refresh_from_db()
    return conversation


@pytest.mark.django_db
def test_a_talk_of_a_hundred_thousand_messages_is_read_a_page_at_a_time(long_talk: Conversation, desk: Client) -> None:
    address = f"/inbox/c/{long_talk.public_id}"
    thread = desk.get(f"{address}/", headers={"X-Inbox-Pane": "thread"}).content.decode()
    assert f"word {LONG}<" in thread and f"word {LONG - timeline.PAGE}<" not in thread
    newest, old = timeline.page(long_talk), timeline.page(long_talk, before=LONG // 2)
    assert [item.seq for item in newest.items] == list(range(LONG - timeline.PAGE + 1, LONG + 1))
    assert [item.seq for item in old.items] == list(range(LONG // 2 - timeline.PAGE, LONG // 2))
    assert asked(lambda: timeline.page(long_talk)) == asked(lambda: timeline.page(long_talk, before=LONG // 2)) <= 8
    after = desk.get(f"{address}/events", {"after": LONG - 5}).json()["envelopes"]
    assert [one["seq"] for one in after] == [LONG - n for n in (4, 3, 2, 1, 0)]
    assert desk.get(f"{address}/events", {"after": 0}).json() == {"reload": True, "envelopes": []}
    assert asked(lambda: desk.get(f"{address}/", headers={"X-Inbox-Pane": "thread"})) <= 38
    assert ConversationEvent.objects.filter(conversation=long_talk).count() == LONG
