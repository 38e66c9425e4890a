"""Does the desk know who sits at it, ring for the right one, show itself to staff only, and bear a long thread?"""

from __future__ import annotations

import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common import clock
from conversations.models import Conversation
from handover import presence
from handover.inbox import timeline
from handover.models import Agent, Queue
from handover.timing import effects
from tests import factories as make
from tests.handover.inbox.cast import Screen, client_of, later
from tests.handover.inbox.conftest import ana, ben, desk, fresh_loops, sales, support

__all__ = ["ana", "ben", "desk", "fresh_loops", "sales", "support"]

pytestmark = pytest.mark.django_db
CSS = sorted(Path("static/inbox/css").glob("*.css"))
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right|top|bottom)|left|right|top|bottom|width|height)\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)"
)
GUIDE = ("styleguide/", "styleguide/light/", "styleguide/dark/", "styleguide/colours.css")


def idle_for(agent: Agent, minutes: int) -> None:
    Agent.objects.filter(pk=agent.pk).update(last_input_at=clock.now() - timedelta(minutes=minutes))


def test_input_is_written_at_most_once_a_minute(ana: Agent) -> None:
    now = clock.now()
    presence.touched(agent=ana, at=now)
    presence.touched(agent=ana, at=now + timedelta(seconds=59))
    ana.refresh_from_db()
    assert ana.last_input_at == now
    presence.touched(agent=ana, at=now + timedelta(seconds=61))
    ana.refresh_from_db()
    assert ana.last_input_at == now + timedelta(seconds=61)


def test_ten_minutes_without_input_is_idle_and_nine_are_not(ana: Agent) -> None:
    idle_for(ana, 11)
    assert presence.is_idle(ana.pk, clock.now())
    idle_for(ana, 9)
    assert not presence.is_idle(ana.pk, clock.now())


def test_an_agent_of_whom_no_input_is_known_is_not_idle(ana: Agent) -> None:
    assert not presence.is_idle(ana.pk, clock.now())


@pytest.mark.django_db(transaction=True)
async def test_a_tab_hears_that_nobody_sits_there_until_another_tab_has_input(desk: Client, ana: Agent) -> None:
    await later(idle_for, ana, 11)
    first, second = await Screen(desk).open(), await Screen(desk).open()
    await first.ask(type="heartbeat", input=False)
    assert (await first.hear("beat"))["data"]["idle"] is True
    await second.ask(type="heartbeat", input=True)
    assert (await second.hear("beat"))["data"]["idle"] is False
    await first.ask(type="heartbeat")
    assert (await first.hear("beat"))["data"]["idle"] is False
    for screen in (first, second):
        await screen.leave()


@pytest.mark.django_db(transaction=True)
async def test_the_socket_says_what_time_it_is_as_the_sandbox_has_it(desk: Client) -> None:
    """The screen's countdowns go by it; a browser's own clock may be anything."""
    ahead = timedelta(hours=25)
    clock.shift_by(lambda: ahead)
    try:
        screen = Screen(desk)
        assert await screen.connect()
        await screen.ask(type="heartbeat")
        said = [(await screen.hear(kind))["data"]["now"] for kind in ("hello", "beat")]
    finally:
        clock.shift_by(timedelta)
    for now in said:
        assert now / 1000 - time.time() == pytest.approx(ahead.total_seconds(), abs=30)
    await screen.leave()


@pytest.mark.django_db(transaction=True)
async def test_a_status_that_one_tab_sets_is_told_to_the_others(desk: Client, ana: Agent) -> None:
    screen = await Screen(desk).open()
    await later(desk.post, "/inbox/status", {"status": "busy"})
    assert (await screen.hear("status"))["data"] == {"status": "busy"}
    await screen.leave()


@pytest.mark.django_db(transaction=True)
async def test_a_row_is_pushed_in_the_language_of_each_who_reads_it(desk: Client, ana: Agent, sales: Queue) -> None:
    chloe = await later(make.agent, "Chloé Martin", queues=(sales,))
    await later(Agent.objects.filter(pk=chloe.pk).update, language="es")
    english, spanish = await Screen(desk).open(), await Screen(await later(client_of, chloe)).open()
    await later(make.waiting_in, sales)
    assert ">waiting<" in (await english.hear("row"))["html"]
    assert ">esperando<" in (await spanish.hear("row"))["html"]
    for screen in (english, spanish):
        await screen.leave()


def remind(conversation: Conversation) -> None:
    """What the timer does."""
    with transaction.atomic():
        scene = effects.scene_of(conversation.pk)
        assert scene is not None
        effects._remind(scene)


@pytest.mark.django_db(transaction=True)
async def test_a_reminder_is_told_to_the_agent_who_owes_the_word(desk: Client, ana: Agent, sales: Queue) -> None:
    conversation = await later(lambda: make.give(make.waiting_in(sales), ana))
    screen = await Screen(desk).open()
    await later(remind, conversation)
    assert (await screen.hear("reminder"))["data"] == {"conversation": str(conversation.public_id)}
    await screen.leave()


@pytest.mark.parametrize("path", GUIDE)
def test_the_style_guide_is_for_staff_only(ana: Agent, path: str) -> None:
    assert Client().get(f"/inbox/{path}").status_code == 302
    assert client_of(ana).get(f"/inbox/{path}").status_code == 404
    staff = Client()
    staff.force_login(User.objects.create_user("ivo", is_staff=True))
    assert staff.get(f"/inbox/{path}").status_code == 200


def test_the_style_guide_shows_each_theme_in_its_own_colours(ana: Agent) -> None:
    User.objects.filter(pk=ana.user_id).update(is_staff=True)
    client = client_of(ana)
    colours = client.get("/inbox/styleguide/colours.css").content.decode()
    light, dark = re.findall(r"--raw-paper: (#\w+)", colours)
    assert (light, dark) == ("#ffffff", "#1d1e1f")
    page = client.get("/inbox/styleguide/dark/?dir=rtl").content.decode()
    assert 'dir="rtl" data-theme="dark"' in page
    assert client.get("/inbox/styleguide/plaid/").status_code == 404


@pytest.mark.parametrize("path", CSS, ids=lambda path: path.name)
def test_no_style_knows_left_from_right(path: Path) -> None:
    plain = re.sub(r"/\*.*?\*/|\([^()]*\)", "", path.read_text(), flags=re.S)
    assert PHYSICAL.findall(plain) == []


def test_the_finder_of_left_and_right_finds_them() -> None:
    assert len(PHYSICAL.findall("a {margin-left: 1px; left: 0; text-align: right; max-width: 1px; inset: 0}")) == 3


def a_long_thread(sales: Queue, length: int) -> Conversation:
    conversation = make.waiting_in(sales)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO conversations_conversationevent"
            " (conversation_id, customer_id, seq, kind, actor_kind, source, source_event_id,"
            " data, occurred_at, recorded_at)"
            " SELECT %s, %s, n, 'handover_requested', 'customer', '', '', '{}', now(), now()"
            " FROM generate_series(%s::bigint, %s::bigint) AS n",
            [conversation.pk, conversation.customer_id, conversation.head_seq + 1, conversation.head_seq + length],
        )
        cursor.execute("ANALYZE conversations_conversationevent")
    return conversation


def test_a_page_of_a_hundred_thousand_events_reads_sixty(sales: Queue) -> None:
    conversation = a_long_thread(sales, 100_000)
    with CaptureQueriesContext(connection) as asked:
        stretch = timeline.page(conversation, before=50_000)
    assert len(stretch.items) == timeline.PAGE and len(asked) <= 8
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Scan" in plan and "Seq Scan on conversations_conversationevent" not in plan
