"""Does a screen that opens while changed rows, or a board, are being read keep what it has just been shown?"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from conversations.models import Conversation
from handover.inbox.boardfeed import BoardFeed
from handover.inbox.floor import Floor
from handover.inbox.rowfeed import RowFeed
from handover.models import Agent, Queue
from tests import factories as make
from tests.handover.inbox.cast import Screen, client_of, later

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]


@dataclass(eq=False)
class Window:
    """A screen as the feeds know it."""

    agent_id: int
    watched: dict[int, str] = field(default_factory=dict)
    shown: dict[int, str] = field(default_factory=dict)
    frames: list[str] = field(default_factory=list)
    session_key = password = ""

    def tell(self, frame: str) -> None:
        self.frames.append(frame)

    def drop(self, conversation_id: int) -> None:
        del self.watched[conversation_id]

    def shut(self, code: int) -> None:
        raise AssertionError(code)


def watching(agent: Agent, conversation: Conversation) -> Window:
    """A window with this conversation open, and in its list."""
    one = {conversation.pk: str(conversation.public_id)}
    return Window(agent.pk, dict(one), dict(one))


async def read_while(feed: RowFeed, conversation: Conversation, opens: Window) -> None:
    """The rows are read, and a window opens meanwhile."""
    reading = asyncio.ensure_future(feed._tell({conversation.pk}))
    await asyncio.sleep(0)
    feed.here.screens.add(opens)
    await reading


async def test_who_comes_while_a_row_is_read_keeps_the_conversation(ana: Agent, ben: Agent, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales)
    feed, comes = RowFeed(Floor()), watching(ana, conversation)
    feed.here.screens.add(Window(ben.pk))
    await read_while(feed, conversation, comes)
    assert (list(comes.watched), list(comes.shown), comes.frames) == ([conversation.pk], [conversation.pk], [])
    assert feed.changed == {conversation.pk}  # told next


async def test_nobody_comes_and_nothing_is_told_twice(ana: Agent, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales)
    feed, there = RowFeed(Floor()), watching(ana, conversation)
    feed.here.screens.add(there)
    await feed._tell({conversation.pk})
    assert [frame[:22] for frame in there.frames] == ['{"v": 1, "type": "row"']
    assert feed.changed == set()


async def test_who_was_there_and_may_not_see_it_loses_it(ben: Agent, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales)
    feed, there = RowFeed(Floor()), watching(ben, conversation)
    feed.here.screens.add(there)
    await feed._tell({conversation.pk})
    assert (there.watched, there.shown) == ({}, {})
    assert "gone" in there.frames[-1]


async def test_what_moved_while_the_page_was_on_its_way_is_told_once(ana: Agent, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales)
    await later(make.give, conversation, sales)
    screen = await Screen(await later(client_of, ana)).open()
    await screen.ask(type="shown", ids=[])
    assert str(conversation.public_id) in (await screen.hear("row"))["html"]
    await screen.ask(type="shown", ids=[])
    assert not [frame for frame in await screen.everything() if '"row"' in frame]
    await screen.leave()


async def test_a_board_that_opens_while_others_are_read_is_not_refused(sales: Queue, chloe: Agent) -> None:
    dora = await later(make.agent, "Dora Lind", supervises=(sales,))
    feed, there, comes = BoardFeed(Floor()), Window(chloe.pk), Window(dora.pk)
    feed.here.screens |= {there, comes}
    feed.put(there, is_on=True)
    running = asyncio.ensure_future(feed.run())
    while feed.changed.is_set():  # until it reads
        await asyncio.sleep(0)
    feed.put(comes, is_on=True)
    for _ in range(400):
        if comes.frames:
            break
        await asyncio.sleep(0.05)
    running.cancel()
    assert '"type": "board"' in comes.frames[0]
