"""Does an offer reach the agent's screen at once, and may they answer it there and over the API?"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from django.test import Client
from rest_framework.test import APIClient

from common import clock
from conversations import hub, realtime
from conversations.models import Conversation
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
    assert "An offer passed you by" in desk.get("/inbox/offers").content.decode()
    desk.post("/inbox/offers/back")
    assert "An offer passed you by" not in desk.get("/inbox/offers").content.decode()
    assert Agent.objects.get(pk=ana.pk).not_responding_at is None


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
    assert "An offer passed you by" in (await screen.hear("offers"))["html"]
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


def test_what_has_run_out_is_not_shown(desk: Client, ana: Agent, sales: Queue) -> None:
    offered(sales, ana)
    Reservation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert "article" not in desk.get("/inbox/offers").content.decode()
    assert Reservation.objects.get().status == offering.Status.PENDING
