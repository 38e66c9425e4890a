"""Does a screen hear what it may, at once, and nothing else?"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session as WebSession
from django.db import transaction
from django.test import Client

from common import clock
from conversations import hub
from conversations.models import Conversation, ConversationEvent, Session
from handover import desk as verbs
from handover.inbox import floor, warden
from handover.models import Agent, Membership, Queue
from tests import factories as make
from tests.abuse.desk import begin_anew
from tests.handover.inbox.cast import Screen, client_of, later

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_message_reaches_the_screen_that_watches(desk: Client, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales)
    screen = await Screen(desk).open()
    await screen.subscribe(conversation, after=conversation.head_seq)
    await screen.hear("subscribed")
    await later(write, conversation.pk, "Are you <b>there</b>?")
    frame = await screen.hear("message")
    assert frame["seq"] == conversation.head_seq + 1
    assert "Are you &lt;b&gt;there&lt;/b&gt;?" in frame["html"]
    await screen.leave()


async def test_what_was_missed_comes_with_the_subscription(desk: Client, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales, text="First words")
    screen = await Screen(desk).open()
    await screen.subscribe(conversation, after=0)
    assert "First words" in (await screen.hear("message"))["html"]
    await screen.leave()


async def test_too_long_an_absence_asks_for_a_reload(desk: Client, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales)
    await later(write, conversation.pk, "a few more words", times=201)
    screen = await Screen(desk).open()
    await screen.subscribe(conversation, after=0)
    assert (await screen.hear("reload"))["data"] == {"conversation": str(conversation.public_id)}
    await screen.leave()


@pytest.mark.scenario("T-14")
async def test_somebody_elses_conversation_is_refused(ben: Agent, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales)
    screen = await Screen(await later(client_of, ben)).open()
    await screen.subscribe(conversation)
    refused = await screen.hear("refused")
    await screen.ask(type="subscribe", conversation="00000000-0000-7000-8000-000000000000", after=0)
    absent = await screen.hear("refused")
    assert refused["data"]["code"] == absent["data"]["code"] == "not_found"
    await screen.leave()


async def test_a_seventh_is_too_many_and_one_of_the_six_again_is_not(desk: Client, sales: Queue) -> None:
    rows = [await later(make.waiting_in, sales, name=f"Person {number}") for number in range(7)]
    screen = await Screen(desk).open()
    for row in [*rows[:6], rows[0]]:
        await screen.subscribe(row, after=row.head_seq)
        assert (await screen.hear("subscribed"))["data"]["conversation"] == str(row.public_id)
    await screen.subscribe(rows[6], after=rows[6].head_seq)
    assert (await screen.hear("refused"))["data"]["code"] == "too_many"
    await screen.leave()


@pytest.mark.scenario("T-15")
async def test_too_many_screens_of_one_agent_are_sent_away(desk: Client, ben: Agent, settings: Any) -> None:
    settings.HANDOVER = {**settings.HANDOVER, "SCREENS_MOST": 2}
    first, second = await Screen(desk).open(), await Screen(desk).open()
    third = Screen(desk)
    assert await third.connect()
    assert (await third.line.receive_output(timeout=20))["code"] == 1013
    other = await Screen(await later(client_of, ben)).open()
    await first.leave()
    again = await Screen(desk).open()
    for screen in (second, other, again):
        await screen.leave()


@pytest.mark.scenario("T-66")
async def test_who_has_read_far_too_many_watches_no_more(desk: Client, sales: Queue, settings: Any) -> None:
    settings.HANDOVER = {**settings.HANDOVER, "READS_MOST": 1}
    await later(begin_anew)
    first, second = await later(make.waiting_in, sales), await later(make.waiting_in, sales)
    screen = await Screen(desk).open()
    for conversation, said in ((first, "subscribed"), (second, "refused")):
        await screen.subscribe(conversation, after=conversation.head_seq)
        await screen.hear(said)
    await screen.leave()


@pytest.mark.scenario("T-10")
async def test_a_row_is_told_only_to_those_who_may_see_it(ana: Agent, ben: Agent, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales)  # with the bot for a moment, when all may see it
    hers, his = [await Screen(await later(client_of, agent)).open() for agent in (ana, ben)]
    await later(write, conversation.pk, "Are you there?")
    row = await hers.hear("row")
    assert row["data"]["id"] == str(conversation.public_id)
    assert "Maya Lindqvist" in row["html"]
    assert not [frame for frame in await his.everything() if "Maya" in frame]
    await hers.leave()
    await his.leave()


async def test_rows_are_told_at_most_twice_a_second(desk: Client, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales)
    screen = await Screen(desk).open()
    while not hub.here().is_connected:
        await asyncio.sleep(0.05)
    began = time.monotonic()
    await later(write, conversation.pk, "again", times=20)
    await screen.hear("row", seconds=10)
    more = [frame for frame in await screen.everything(seconds=1.0) if '"type": "row"' in frame]
    assert len(more) <= 2 * (time.monotonic() - began)
    await screen.leave()


@pytest.mark.scenario("T-9")
async def test_a_withdrawn_membership_ends_the_subscription(ana: Agent, desk: Client, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales)
    screen = await Screen(desk).open()
    await screen.subscribe(conversation, after=conversation.head_seq)
    await screen.hear("subscribed")
    await later(Membership.objects.filter(agent=ana).delete)
    assert (await screen.hear("revoked"))["data"] == {"conversation": str(conversation.public_id)}
    await later(write, conversation.pk, "a secret")
    assert not [frame for frame in await screen.everything() if "a secret" in frame]
    await screen.leave()


@pytest.mark.scenario("T-9")
async def test_a_withdrawn_membership_takes_the_rows_off_the_list(ana: Agent, desk: Client, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales)
    screen = await Screen(desk).open()
    await screen.ask(type="shown", ids=[str(conversation.public_id)])
    await screen.everything()
    await warden.check(floor.here())
    await Membership.objects.filter(agent=ana, queue=sales).adelete()
    await warden.check(floor.here())
    assert (await screen.hear("gone"))["data"] == {"id": str(conversation.public_id)}
    await screen.leave()


@pytest.mark.scenario("T-P7")
async def test_what_moved_while_no_hint_came_is_told_at_the_next_poll(chloe: Agent, desk: Client, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales)
    screen = await Screen(desk).open()
    await asyncio.sleep(hub.POLL_WITHOUT_REDIS + 0.5)  # the first poll, after which the next is far
    await screen.everything()
    await later(taken_unheard, conversation.pk, chloe)
    assert not [frame for frame in await screen.everything() if '"type": "row"' in frame]
    hub.here().tell("poll", {})
    assert (await screen.hear("row"))["data"]["owner"].startswith("agent:")
    await screen.everything()
    hub.here().tell("poll", {})
    assert not [frame for frame in await screen.everything() if '"type": "row"' in frame], "it is told once"
    await screen.leave()


async def test_a_feed_that_stumbles_begins_again(desk: Client, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales)
    screen = await Screen(desk).open()
    hub.here().tell("desk", {"ids": ["no number"]})
    await asyncio.sleep(floor.AGAIN + 0.5)
    hub.here().tell("desk", {"ids": [conversation.pk]})
    assert (await screen.hear("row"))["data"]["id"] == str(conversation.public_id)
    await screen.leave()


@pytest.mark.scenario("T-9")
async def test_when_the_owner_moves_out_of_sight_the_row_goes(ana: Agent, chloe: Agent, support: Queue) -> None:
    conversation = await later(unqueued)
    screen = await Screen(await later(client_of, ana)).open()
    await screen.ask(type="shown", ids=[str(conversation.public_id)])
    await screen.subscribe(conversation, after=conversation.head_seq)
    await screen.hear("subscribed")
    await later(make.give, conversation, support)
    gone = await screen.hear("revoked")
    assert gone["data"]["conversation"] == str(conversation.public_id)
    assert (await screen.hear("gone"))["data"] == {"id": str(conversation.public_id)}
    await screen.leave()


@pytest.mark.scenario("T-9")
async def test_a_deactivated_agent_is_shut_out(ana: Agent, desk: Client) -> None:
    screen = await Screen(desk).open()
    await later(Agent.objects.filter(pk=ana.pk).update, is_active=False)
    assert await screen.closed_with() == 4403


async def test_logging_out_closes_the_screen(desk: Client) -> None:
    screen = await Screen(desk).open()
    await later(WebSession.objects.all().delete)
    assert await screen.closed_with() == 4401


async def test_the_clock_of_the_sandbox_closes_no_screen(desk: Client) -> None:
    screen = await Screen(desk).open()
    clock.shift_by(lambda: timedelta(hours=25))
    try:
        await warden.check(floor.here())
        assert await screen.line.receive_nothing(timeout=0.5)
    finally:
        clock.shift_by(timedelta)
    await screen.leave()


async def test_without_a_session_the_screen_is_told_to_log_in(db: None) -> None:
    screen = Screen(None)
    assert await screen.connect()
    assert await screen.closed_with() == 4401


async def test_agents_see_who_else_looks(ana: Agent, chloe: Agent, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales)
    first, second = [await Screen(await later(client_of, agent)).open() for agent in (ana, chloe)]
    for screen in (first, second):
        await screen.subscribe(conversation, after=conversation.head_seq)
        await screen.hear("subscribed")
    await asyncio.sleep(0.2)
    session = str((await conversation.sessions.afirst() or conversation).public_id)
    await second.ask(type="typing", conversation=str(conversation.public_id), session=session)
    heard = (await first.hear("here"))["data"]
    assert (heard["name"], heard["what"], heard["session"]) == ("Chloe Martin", "typing", session)
    await second.ask(type="still", conversation=str(conversation.public_id))
    assert (await first.hear("here"))["data"]["what"] == "still"
    await first.leave()
    await second.leave()


async def test_a_heartbeat_is_presence(ana: Agent, desk: Client) -> None:
    await later(Agent.objects.filter(pk=ana.pk).update, last_seen_at=None)
    screen = await Screen(desk).open()
    await screen.ask(type="heartbeat")
    await screen.hear("beat")
    assert await later(lambda: Agent.objects.get(pk=ana.pk).last_seen_at) is not None
    await screen.leave()


async def test_a_slow_screen_is_closed_and_may_come_back(desk: Client, sales: Queue) -> None:
    screen = await Screen(desk).open()
    from handover.inbox import floor

    [socket] = floor.here().screens
    for _ in range(600):
        socket.tell("{}")
    assert await screen.closed_with() == 1013


def write(conversation_id: int, text: str, times: int = 1) -> None:
    """The customer of the conversation writes again."""
    session = Session.objects.select_related("identity").get(conversation_id=conversation_id)
    for _ in range(times):
        make.receive(make.whatsapp(session.identity), text)


def unqueued() -> verbs.Conversation:
    """A conversation with the bot, which every agent may see."""
    _, address = make.maya()
    return make.receive(make.whatsapp(address), "hi").conversation


def taken_unheard(conversation_id: int, agent: Agent) -> None:
    """A colleague took it, and the hint of it was lost."""
    with transaction.atomic():
        row = Conversation.objects.select_for_update().get(pk=conversation_id)
        moved = {"owner_kind": "agent", "owner_id": agent.pk, "owner_epoch": row.owner_epoch + 1}
        Conversation.objects.filter(pk=row.pk).update(**moved, head_seq=row.head_seq + 1)
        ConversationEvent.objects.create(
            conversation=row,
            customer_id=row.customer_id,
            seq=row.head_seq + 1,
            kind="owner_changed",
            actor_kind="agent",
            actor_id=agent.pk,
            occurred_at=clock.now(),
            recorded_at=clock.now(),
        )
