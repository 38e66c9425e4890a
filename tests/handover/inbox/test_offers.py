"""Does an offer reach the agent's screen at once, and may they answer it there and over the API?"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from rest_framework.test import APIClient

from common import clock
from conversations import hub, realtime
from conversations.models import Conversation, Timer
from handover import desk as desk_verbs
from handover.models import Agent, Queue, Reservation
from handover.routing import offering, offers
from tests import factories as make
from tests.handover.inbox.cast import Screen, client_of, later
from tests.handover.routing import cast

pytestmark = pytest.mark.django_db(transaction=True)


def offered(queue: Queue, agent: Agent) -> Conversation:
    waits = cast.waiting(queue, agent)
    cast.begin(waits)
    return waits


def asks(who: Agent) -> APIClient:
    client = APIClient()
    client.force_authenticate(who.user)
    return client


def url(waits: Conversation, verb: str) -> str:
    return f"/inbox/offers/{Reservation.objects.get(conversation=waits).public_id}/{verb}"


def test_the_page_shows_what_is_offered_and_yes_opens_it(desk: Client, ana: Agent, sales: Queue) -> None:
    waits = offered(sales, ana)
    page = desk.get("/inbox/mine/").content.decode()
    assert "Maya Lindqvist" in page and "You helped this customer last." in page
    assert desk.post(url(waits, "accept")).headers["Location"] == f"/inbox/c/{waits.public_id}/"
    assert cast.owner(waits) == ("agent", ana.pk)


def test_no_pauses_the_offers_until_the_agent_is_back(desk: Client, ana: Agent, sales: Queue) -> None:
    waits = offered(sales, ana)
    desk.post(url(waits, "decline"))
    assert "You declined an offer" in desk.get("/inbox/offers").content.decode()
    desk.post("/inbox/offers/back")
    assert "nothing new comes to you" not in desk.get("/inbox/offers").content.decode()
    assert Agent.objects.get(pk=ana.pk).not_responding_at is None


def test_an_offer_that_passed_is_not_called_declined_and_what_is_open_stands_first(
    desk: Client, ana: Agent, sales: Queue
) -> None:
    waits = offered(sales, ana)
    with transaction.atomic():
        offers.came_due(Timer(object_id=Reservation.objects.get(conversation=waits).pk))
    again, now = cast.waiting(sales, name="Tom Berger"), clock.now()
    times = {"offered_at": now, "expires_at": now + timedelta(seconds=45)}
    Reservation.objects.create(conversation=again, agent=ana, epoch=again.owner_epoch, **times)
    page = desk.get("/inbox/offers").content.decode()
    assert page.index("Tom Berger") < page.index("An offer passed you by")


def test_words_of_a_customer_are_words_in_the_corner(desk: Client, ana: Agent, sales: Queue) -> None:
    waits = offered(sales, ana)
    make.receive(make.whatsapp(waits.sessions.get().identity), "<script>alert(1)</script>")
    page = desk.get("/inbox/offers").content.decode()
    assert "&lt;script&gt;" in page and "<script>" not in page


def test_an_offer_of_somebody_else_is_not_there(ben: Agent, ana: Agent, sales: Queue) -> None:
    waits = offered(sales, ana)
    other = client_of(ben)
    assert other.get("/inbox/offers").content.decode().count("article") == 0
    answer = other.post(url(waits, "accept"), headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_screen_hears_of_an_offer_and_of_its_end(desk: Client, ana: Agent, sales: Queue) -> None:
    screen = await Screen(desk).open()
    waits = await later(offered, sales, ana)
    assert "Maya Lindqvist" in (await screen.hear("offers"))["html"]
    made = await later(cast.offer, waits)
    await later(offers.decline, offer_id=made.public_id, agent=ana)
    assert "You declined an offer" in (await screen.hear("offers"))["html"]
    await screen.leave()


def passed_on(sales: Queue, ana: Agent, ben: Agent) -> Conversation:
    """Ana offers hers to Ben, with a note; the customer has waited for her since their last words."""
    hers = make.give(make.waiting_in(sales, name="Maya Lindqvist"), ana)
    Conversation.objects.filter(pk=hers.pk).update(queued_at=clock.now() - timedelta(days=2), waiting_on="customer")
    desk_verbs.transfer(conversation_id=hers.pk, agent=ana, to=ben, note="She knows <b>you</b>")
    return hers


def test_what_a_colleague_passes_on_comes_with_the_note_and_the_wait_there_is(
    ana: Agent, ben: Agent, sales: Queue
) -> None:
    hers = passed_on(sales, ana, ben)
    page = client_of(ben).get("/inbox/offers").content.decode()
    assert "Ana Sousa asks you to take this." in page and "She knows &lt;b&gt;you&lt;/b&gt;" in page
    assert "Waiting since" not in page
    Conversation.objects.filter(pk=hers.pk).update(waiting_on="us", last_customer_at=clock.now())
    assert "Waiting since" in client_of(ben).get("/inbox/offers").content.decode()


async def test_who_passed_it_on_hears_that_nobody_took_it(desk: Client, ana: Agent, ben: Agent, sales: Queue) -> None:
    hers = await later(passed_on, sales, ana, ben)
    screen = await Screen(desk).open()
    while not hub.here().is_connected:  # what is told before that is told to nobody
        await asyncio.sleep(0.05)
    await later(offers.decline, offer_id=(await later(cast.offer, hers)).public_id, agent=ben)
    told = (await screen.hear("told"))["data"]
    assert told["words"] == "Ben Okafor did not take Maya Lindqvist: it waits in Sales again."
    assert (told["rings"], told["conversation"]) == ("returned", str(hers.public_id))
    await screen.leave()


async def test_who_leads_hears_of_a_silent_agent(ana: Agent, sales: Queue) -> None:
    chloe = await later(make.agent, "Chloe Martin", supervises=(sales,))
    screen = await Screen(await later(client_of, chloe)).open()
    while not hub.here().is_connected:  # what is told before that is told to nobody
        await asyncio.sleep(0.05)
    data = {"agent": ana.pk, "queues": [sales.pk], "missed": 2}
    await later(realtime.tell, "silent_agent", data)
    told = await screen.hear("told")
    assert told["data"]["words"].startswith("Ana Sousa has let two offers pass")
    await screen.leave()


def test_a_program_sees_and_answers_its_own_offers(ana: Agent, ben: Agent, sales: Queue) -> None:
    waits = offered(sales, ana)
    [row] = asks(ana).get("/api/v1/reservations/").json()["results"]
    assert (row["agent"], row["status"], row["conversation"]) == ("ana", "pending", str(waits.public_id))
    assert asks(ben).get("/api/v1/reservations/").json()["results"] == []
    assert asks(ben).post(f"/api/v1/reservations/{row['id']}/accept/").status_code == 404
    assert asks(ana).post(f"/api/v1/reservations/{row['id']}/accept/").json()["status"] == "accepted"
    again = asks(ana).post(f"/api/v1/reservations/{row['id']}/decline/")
    assert (again.status_code, again.json()["code"]) == (409, "offer_over")


def test_a_supervisor_sees_the_offers_of_their_queues_and_answers_none(ana: Agent, sales: Queue) -> None:
    chloe = make.agent("Chloe Martin", supervises=(sales,))
    offered(sales, ana)
    [row] = asks(chloe).get("/api/v1/reservations/?status=pending").json()["results"]
    assert asks(chloe).post(f"/api/v1/reservations/{row['id']}/accept/").status_code == 404


def test_who_passes_something_on_sees_that_offer_and_cannot_answer_it(ana: Agent, ben: Agent, sales: Queue) -> None:
    hers = make.give(cast.waiting(sales), ana)
    desk_verbs.transfer(conversation_id=hers.pk, agent=ana, to=ben, note="You know chairs")
    rows = asks(ana).get("/api/v1/reservations/?status=pending").json()["results"]
    assert [(row["from_agent"], row["agent"], row["kind"]) for row in rows] == [("ana", "ben", "transfer")]
    for verb in ("accept", "decline"):
        assert asks(ana).post(f"/api/v1/reservations/{rows[0]['id']}/{verb}/").status_code == 404
    tom = make.agent("Tom Hardy", queues=(sales,))
    assert asks(tom).get("/api/v1/reservations/").json()["results"] == []
    assert asks(ben).post(f"/api/v1/reservations/{rows[0]['id']}/accept/").json()["status"] == "accepted"


def test_what_has_run_out_is_not_shown(desk: Client, ana: Agent, sales: Queue) -> None:
    offered(sales, ana)
    Reservation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert "article" not in desk.get("/inbox/offers").content.decode()
    assert Reservation.objects.get().status == offering.Status.PENDING
