"""Does the board serve whoever leads, and nobody else; and is what they do there done, told and audited?"""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from common import clock
from conversations import hub
from customers.models import AuditEntry
from handover import desk as verbs
from handover import reads
from handover.inbox import staff
from handover.models import Agent, Queue
from tests import factories as make
from tests.abuse.desk import begin_anew
from tests.handover.board.test_board import promise, rate
from tests.handover.inbox.cast import Screen, client_of, later

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(chloe: Agent) -> Client:
    """The browser of whoever leads sales."""
    return client_of(chloe)


def acts() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def sheet(agent: Agent, verb: str = "") -> str:
    return f"/inbox/board/agents/{staff.ref(agent.pk)}/{verb}"


def test_the_board_names_queues_agents_and_what_went_wrong(lead: Client, sales: Queue, ana: Agent) -> None:
    held = make.give(make.waiting_in(sales, name="Kenji Sato"), ana)
    promise(held, breached_at=clock.now(), due_at=clock.now() - timedelta(minutes=2))
    page = lead.get("/inbox/board/").content.decode()
    assert "Kenji Sato" in page and f"/inbox/board/watch/{held.public_id}/" in page
    assert 'id="bq-sales"' in page and f'id="ba-{staff.ref(ana.pk)}"' in page


def test_who_leads_nothing_is_told_so(desk: Client) -> None:
    assert desk.get("/inbox/board/").status_code == 403
    script = desk.get("/inbox/board/", headers={"X-Inbox-Pane": "board"})
    assert (script.status_code, script.json()["code"]) == (403, "not_leading")


def test_the_left_pane_leads_there_only_for_whom_it_opens(lead: Client, desk: Client, sales: Queue) -> None:
    assert "/inbox/board/" in lead.get("/inbox/queue-sales/").content.decode()
    assert "/inbox/board/" not in desk.get("/inbox/queue-sales/").content.decode()


def test_the_page_costs_the_same_however_many_wait(
    lead: Client, sales: Queue, ana: Agent, django_assert_num_queries: object
) -> None:
    for _ in range(4):
        promise(make.give(make.waiting_in(sales), ana), breached_at=clock.now())
    with django_assert_num_queries(15):  # type: ignore[operator]  # pytest-django's fixture is untyped
        lead.get("/inbox/board/")


def test_an_agents_sheet_shows_what_they_have(lead: Client, sales: Queue, ana: Agent) -> None:
    make.give(make.waiting_in(sales, name="Kenji Sato"), ana)
    page = lead.get(sheet(ana)).content.decode()
    assert "Kenji Sato" in page and "Take over" in page


def test_a_sheet_of_somebody_else_is_not_there(lead: Client, ben: Agent) -> None:
    answers = [lead.get(sheet(ben)), lead.get("/inbox/board/agents/feedfeedfeedfeed/")]
    assert [answer.status_code for answer in answers] == [404, 404]
    for verb, form in (("drain", {"on": "1"}), ("status", {"status": "away"})):
        assert lead.post(sheet(ben, verb), form).status_code == 404
    ben.refresh_from_db()
    assert (ben.is_draining, ben.manual_status) == (False, "online")


def test_an_agent_finishes_and_gets_work_again(lead: Client, ana: Agent) -> None:
    for value, expected in (("1", True), ("0", False)):
        assert lead.post(sheet(ana, "drain"), {"on": value}).status_code == 302
        ana.refresh_from_db()
        assert ana.is_draining is expected
    assert acts() == ["agent.drain", "agent.drain"]


@pytest.mark.django_db(transaction=True)
async def test_who_is_to_finish_is_told_on_their_screens(lead: Client, ana: Agent) -> None:
    screen = await Screen(await later(client_of, ana)).open()
    while not hub.here().is_connected:  # what is told before that is told to nobody
        await asyncio.sleep(0.05)
    await later(lead.post, sheet(ana, "drain"), {"on": "1"})
    words = (await screen.hear("told"))["data"]["words"]
    assert words == "Chloe Martin lets you finish what you have: nothing new comes to you."
    await screen.leave()


@pytest.mark.scenario("T-66")
@pytest.mark.django_db(transaction=True)
async def test_who_leads_is_told_at_once_that_somebody_reads_too_much(chloe: Agent, ana: Agent, settings: Any) -> None:
    settings.HANDOVER = {**settings.HANDOVER, "READS_TOLD": 3}
    await later(begin_anew)
    screen = await Screen(await later(client_of, chloe)).open()
    while not hub.here().is_connected:  # what is told before that is told to nobody
        await asyncio.sleep(0.05)
    await later(reads.note, user_id=ana.user_id, conversations=range(5))
    assert (await screen.hear("told"))["data"]["words"] == "Ana Sousa has opened 5 conversations within an hour."
    await screen.leave()


def test_an_agent_is_set_away_and_the_audit_says_by_whom(lead: Client, chloe: Agent, ana: Agent) -> None:
    assert lead.post(sheet(ana, "status"), {"status": "away"}).status_code == 302
    ana.refresh_from_db()
    entry = AuditEntry.objects.get()
    assert (ana.manual_status, entry.action, entry.object_id) == ("away", "agent.status.away", "ana")
    assert entry.actor == f"user:{chloe.user_id}"


def test_what_is_no_status_changes_nothing(lead: Client, ana: Agent) -> None:
    answer = lead.post(sheet(ana, "status"), {"status": "root"}, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert acts() == []


def test_watching_opens_the_thread_for_a_whisper_only(lead: Client, sales: Queue, ana: Agent) -> None:
    held = make.give(make.waiting_in(sales), ana)
    page = lead.get(f"/inbox/board/watch/{held.public_id}/", follow=True).content.decode()
    assert "data-watching" in page and "only your team reads it" in page
    assert acts() == ["conversation.watch"]


def test_what_nobody_has_is_opened_and_not_watched(lead: Client, sales: Queue) -> None:
    waiting = make.waiting_in(sales)
    page = lead.get(f"/inbox/board/watch/{waiting.public_id}/", follow=True).content.decode()
    assert "data-watching" not in page
    assert acts() == []


def test_an_agent_does_not_watch_by_the_address_alone(desk: Client, sales: Queue, chloe: Agent) -> None:
    held = make.give(make.waiting_in(sales), chloe)
    assert "data-watching" not in desk.get(f"/inbox/c/{held.public_id}/?watch=1").content.decode()


def test_a_whisper_is_a_note_and_audited(lead: Client, sales: Queue, ana: Agent) -> None:
    held = make.give(make.waiting_in(sales), ana)
    form = {"text": "Offer them the blue one", "client_id": str(uuid4())}
    for _ in range(2):
        assert lead.post(f"/inbox/c/{held.public_id}/note", form).status_code == 302
    held.refresh_from_db()
    assert (acts(), held.owner_id, held.notes.count()) == (["conversation.whisper"], ana.pk, 1)


def test_a_note_of_the_owner_or_a_colleague_is_no_whisper(desk: Client, ana: Agent, sales: Queue, chloe: Agent) -> None:
    for owner in (ana, chloe):
        held = make.give(make.waiting_in(sales), owner)
        verbs.note(conversation_id=held.pk, agent=ana, text="Prefers mornings")
    assert acts() == []


def test_ratings_leave_as_csv_without_formulas_and_are_counted(lead: Client, sales: Queue, ana: Agent) -> None:
    made = rate(make.waiting_in(sales), ana, sales, 2)
    made.comment = "=HYPERLINK(1)"
    made.save(update_fields=["comment"])
    rate(make.waiting_in(sales), ana, sales, 5, days=20)
    answer = lead.get("/inbox/board/ratings.csv?days=7")
    lines = b"".join(answer).decode().splitlines()
    assert len(lines) == 2 and ",2,'=HYPERLINK(1),Sales,Ana Sousa,whatsapp-demo," in lines[1]
    assert AuditEntry.objects.get(action="ratings.export").rows == 1


def test_the_thread_shows_what_the_customer_gave(desk: Client, sales: Queue, ana: Agent) -> None:
    conversation = make.waiting_in(sales)
    made = rate(conversation, ana, sales, 4)
    made.comment = "Quick & kind"
    made.save(update_fields=["comment"])
    page = desk.get(f"/inbox/c/{conversation.public_id}/").content.decode()
    assert "4 of 5" in page and "Quick &amp; kind" in page
    assert "row-score-4" in desk.get("/inbox/queue-sales/").content.decode()


@pytest.mark.django_db(transaction=True)
async def test_the_board_comes_over_the_socket_and_moves(chloe: Agent, sales: Queue) -> None:
    screen = await Screen(await later(client_of, chloe)).open()
    await screen.ask(type="board", on=True)
    first = await screen.hear("board", seconds=10)
    assert "bq-sales" in first["data"]["ids"] and set(first["parts"]) == set(first["data"]["ids"])
    await later(make.waiting_in, sales)
    moved = await screen.hear("board", seconds=12)
    assert "<strong>1</strong>" in moved["parts"]["bq-sales"] and "board-alarms" not in moved["parts"]
    await screen.leave()


@pytest.mark.scenario("T-9")
@pytest.mark.django_db(transaction=True)
async def test_a_board_ends_with_the_right_to_it(chloe: Agent, sales: Queue) -> None:
    screen = await Screen(await later(client_of, chloe)).open()
    await screen.ask(type="board", on=True)
    await screen.hear("board", seconds=10)
    await later(chloe.memberships.all().delete)
    assert (await screen.hear("refused", seconds=10))["data"] == {"board": True, "code": "not_leading"}
    await later(make.waiting_in, sales)
    assert not [frame for frame in await screen.everything(seconds=2) if json.loads(frame)["type"] == "board"]
    await screen.leave()


@pytest.mark.scenario("T-10")
@pytest.mark.django_db(transaction=True)
async def test_an_agents_screen_gets_no_board(ana: Agent, sales: Queue) -> None:
    screen = await Screen(await later(client_of, ana)).open()
    await screen.ask(type="board", on=True)
    assert (await screen.hear("refused", seconds=10))["data"]["code"] == "not_leading"
    await screen.leave()


def test_only_whoever_leads_says_that_somebody_is_away(ana: Agent, chloe: Agent, sales: Queue) -> None:
    assert client_of(ana).post(sheet(chloe, "status"), {"status": "away"}).status_code == 403
    chloe.refresh_from_db()
    assert chloe.manual_status == "online"
