"""Which pages does the inbox show, and to whom?"""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from common import clock
from conversations.models import Conversation, Delivery
from handover import listing
from handover.inbox import lists
from handover.models import Agent, Membership, Queue
from tests import factories as make
from tests.handover.inbox.cast import client_of

pytestmark = pytest.mark.django_db


def text_of(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_the_desk_opens_with_the_agents_own_conversations(desk: Client) -> None:
    assert desk.get("/inbox/").headers["Location"] == "/inbox/mine/"


@pytest.mark.parametrize("gone", ["view-01a201ef573f7c068e7d251fd849c378", "queue-support", "nonsense"])
def test_a_conversation_is_shown_beside_mine_if_its_list_is_gone(
    desk: Client, ana: Agent, sales: Queue, gone: str
) -> None:
    hers = make.give(make.waiting_in(sales, name="Maya Lindqvist"), ana)
    page = desk.get(f"/inbox/c/{hers.public_id}/?view={gone}")
    assert (page.status_code, page.context["view"].key) == (200, "mine")
    assert desk.get(f"/inbox/{gone}/").status_code == 404


def test_a_waiting_conversation_stands_in_its_queue_and_not_in_mine(desk: Client, sales: Queue) -> None:
    make.waiting_in(sales, name="Maya Lindqvist")
    assert "Maya Lindqvist" in text_of(desk, "/inbox/queue-sales/")
    assert "Maya Lindqvist" not in text_of(desk, "/inbox/mine/")


def test_a_claimed_conversation_moves_from_the_queue_to_mine(desk: Client, ana: Agent, sales: Queue) -> None:
    make.give(make.waiting_in(sales, name="Maya Lindqvist"), ana)
    assert "Maya Lindqvist" in text_of(desk, "/inbox/mine/")
    assert "Maya Lindqvist" not in text_of(desk, "/inbox/queue-sales/")


def test_another_teams_queue_is_not_a_view(ben: Agent, sales: Queue) -> None:
    assert client_of(ben).get("/inbox/queue-sales/").status_code == 404


def test_the_longest_waiting_stands_first(desk: Client, sales: Queue) -> None:
    for name in ("First Person", "Second Person"):
        make.waiting_in(sales, name=name)
    page = text_of(desk, "/inbox/queue-sales/")
    assert page.index("First Person") < page.index("Second Person")


def test_the_counts_tell_who_waits(desk: Client, sales: Queue) -> None:
    make.waiting_in(sales)
    found = desk.get("/inbox/counts").json()["views"]
    assert found["queue-sales"] == {"count": "1", "waiting": "1", "unread": 0}
    assert found["mine"] == {"count": "0", "waiting": "", "unread": 0}


def test_the_counts_say_what_the_page_says_of_more_than_are_counted(
    desk: Client, sales: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "SOME", 2)
    for _ in range(3):
        make.waiting_in(sales)
    assert "<span data-number>1+</span>" in desk.get("/inbox/queue-sales/").content.decode()
    found = desk.get("/inbox/counts").json()["views"]
    assert found["queue-sales"] == {"count": "3", "waiting": "1+", "unread": 0}


def test_more_rows_follow_the_cursor_without_gap_or_repetition(desk: Client, sales: Queue) -> None:
    names = [f"Person {number:02d}" for number in range(lists.PAGE + 2)]
    for name in names:
        make.waiting_in(sales, name=name)
    view = next(view for view in lists.views(Agent.objects.get()) if view.kind == "queue")
    first = lists.page(Agent.objects.get(), view.filter)
    second = lists.page(Agent.objects.get(), view.filter, after=first.more)
    assert [row.name for row in (*first.rows, *second.rows)] == names
    assert second.more == ""


@pytest.mark.parametrize("text", ["+46 70 174 06 35", "01740635", "Maya Lindqvist", "maya LÍNDQVIST"])
def test_a_customer_is_found_by_number_or_name(desk: Client, ana: Agent, text: str) -> None:
    _, address = make.maya()
    make.give(make.receive(make.whatsapp(address), "hi").conversation, ana)
    assert "row-name" in text_of(desk, f"/inbox/mine/?q={text.replace('+', '%2B')}")


def test_a_search_finds_what_stands_in_another_view(desk: Client, ana: Agent, sales: Queue) -> None:
    _, address = make.maya()
    closed = make.receive(make.whatsapp(address), "hi").conversation
    Conversation.objects.filter(pk=closed.pk).update(state="closed", closed_at=clock.now())
    make.receive(make.whatsapp(address), "with the bot")
    assert text_of(desk, "/inbox/all/?q=Maya Lindqvist").count('class="row"') == 2
    assert text_of(desk, "/inbox/mine/?q=Maya Lindqvist").count('class="row"') == 2
    assert "row-name" not in text_of(desk, "/inbox/mine/")


def test_a_search_does_not_find_what_the_agent_may_not_see(ben: Agent, sales: Queue) -> None:
    make.waiting_in(sales, name="Maya Lindqvist")
    assert "row-name" not in text_of(client_of(ben), "/inbox/all/?q=Maya Lindqvist")


def test_a_search_for_somebody_else_finds_nobody(desk: Client, ana: Agent) -> None:
    _, address = make.maya()
    make.give(make.receive(make.whatsapp(address), "hi").conversation, ana)
    assert "row-name" not in text_of(desk, "/inbox/mine/?q=Tom Berger")


def test_a_message_left_for_the_team_says_so_and_does_not_end_by_itself(desk: Client, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    assert "message left" not in text_of(desk, "/inbox/queue-sales/")
    Conversation.objects.filter(pk=conversation.pk).update(mode="ticket")
    assert "message left" in text_of(desk, "/inbox/queue-sales/")
    page = text_of(desk, f"/inbox/c/{conversation.public_id}/")
    assert "was told that the team will answer" in page
    assert "if nobody writes" not in page


def test_a_closed_conversation_says_so_once_and_offers_no_takeover(desk: Client, ana: Agent, sales: Queue) -> None:
    conversation = make.give(make.waiting_in(sales), ana)
    desk.post(f"/inbox/c/{conversation.public_id}/close", {"seen_seq": conversation.head_seq})
    page = text_of(desk, f"/inbox/c/{conversation.public_id}/")
    assert page.count("Closed by Ana Sousa") == 1
    assert "Conversation closed" not in page
    assert "Replying takes it over from the bot" not in page


def test_a_thread_shows_both_channels_in_the_order_of_time(desk: Client, ana: Agent) -> None:
    person, address = make.maya()
    account = make.site_user(person)
    conversation = make.receive(make.whatsapp(address), "from the bus").conversation
    make.receive(make.web(account), "from the desk")
    make.give(conversation, ana)
    page = text_of(desk, f"/inbox/c/{conversation.public_id}/", **{"X-Inbox-Pane": "thread"})
    assert page.index("from the bus") < page.index("from the desk")
    assert 'data-channel="whatsapp"' in page
    assert 'data-channel="web"' in page


def test_addresses_say_whether_they_are_proven(desk: Client, ana: Agent) -> None:
    person, address = make.maya()
    make.phone(person, "4915112345678", proof="claimed")
    conversation = make.give(make.receive(make.whatsapp(address), "hi").conversation, ana)
    page = text_of(desk, f"/inbox/c/{conversation.public_id}/")
    assert "proven by WhatsApp" in page
    assert "typed, not proven" in page


def test_the_card_leads_the_thread_and_carries_a_greeting(desk: Client, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    make.card(conversation, answers=[{"key": "budget", "label": "Budget", "value": 300}], greeting="Hello Maya,")
    page = text_of(desk, f"/inbox/c/{conversation.public_id}/")
    assert page.index("Handover card") < page.index("I need a person")
    assert "The customer asked for a person" in page
    assert 'data-greeting="Hello Maya,"' in page


def test_a_failed_delivery_shows_the_providers_reason(desk: Client, ana: Agent, sales: Queue) -> None:
    conversation = make.give(make.waiting_in(sales), ana)
    said = make.agent_says(conversation.sessions.get(), "Hello", ana)
    Delivery.objects.filter(message=said).update(state="failed", reason="outside_window", provider_text="131047")
    page = text_of(desk, f"/inbox/c/{conversation.public_id}/")
    assert "not delivered" in page
    assert "Provider: 131047" in page


def test_a_web_address_can_be_followed_and_nothing_else_is_more_than_text(desk: Client, sales: Queue) -> None:
    text = "See https://shop.example/a?b=1&c=2. Not javascript:alert(1) <b>x</b> https://x.example/'onclick=alert(1)"
    page = text_of(desk, f"/inbox/c/{make.waiting_in(sales, text=text).public_id}/")
    address = "https://shop.example/a?b=1&amp;c=2"
    assert f'<a href="{address}" target="_blank" rel="noopener noreferrer nofollow">{address}</a>.' in page
    assert 'href="https://x.example/"' in page
    assert "&lt;b&gt;" in page and "<b>x" not in page and 'href="javascript' not in page


def test_a_closed_window_is_listed_with_its_reason(desk: Client, ana: Agent, sales: Queue) -> None:
    conversation = make.give(make.waiting_in(sales), ana)
    conversation.sessions.update(window_expires_at=clock.now())
    page = text_of(desk, f"/inbox/c/{conversation.public_id}/")
    assert "No channel is open for a reply." in page
    assert "24-hour window is closed" in page


def test_the_catch_up_answers_what_the_socket_would_have_said(desk: Client, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    answer = desk.get(f"/inbox/c/{conversation.public_id}/events?after=0").json()
    assert [envelope["seq"] for envelope in answer["envelopes"]] == [1, 2, 3]
    assert [envelope["type"] for envelope in answer["envelopes"]] == ["opened", "message", "owner_changed"]
    assert desk.get(f"/inbox/c/{conversation.public_id}/events?after=3").json()["envelopes"] == []


def test_envelopes_name_no_key_of_the_database(desk: Client, ana: Agent, sales: Queue) -> None:
    conversation = make.give(make.waiting_in(sales), ana)
    raw = desk.get(f"/inbox/c/{conversation.public_id}/events?after=2").json()["envelopes"]
    assert [set(envelope["data"]) for envelope in raw] == [{"owner", "state"}, {"owner", "state"}]
    assert raw[-1]["data"]["owner"].startswith("agent:")
    assert str(ana.pk) != raw[-1]["data"]["owner"].removeprefix("agent:")


def test_somebody_elses_conversation_and_none_look_alike(ben: Agent, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    client = client_of(ben)
    foreign = client.get(f"/inbox/c/{conversation.public_id}/")
    absent = client.get(f"/inbox/c/{uuid4()}/")
    assert foreign.status_code == absent.status_code == 404
    assert "I need a person" not in foreign.content.decode()


def test_a_page_is_never_cached(desk: Client) -> None:
    assert "no-store" in desk.get("/inbox/mine/").headers["Cache-Control"]


@pytest.mark.parametrize("place", ["queue-sales/", "unassigned/", "all/", "mine/", "mine/?waiting=us&unread=yes"])
def test_a_list_costs_at_most_fifteen_queries(
    desk: Client, ana: Agent, sales: Queue, place: str, django_assert_max_num_queries: object
) -> None:
    Membership.objects.create(agent=ana, queue=Queue.objects.create(key="returns", title="Returns"))
    ben = make.agent("Ben", queues=(sales,))
    for number in range(12):
        waiting = make.waiting_in(sales, name=f"Person {number}")
        if number % 3:
            make.give(waiting, (ana, ben)[number % 2])
    with django_assert_max_num_queries(15):  # type: ignore[operator]  # pytest-django's fixture is untyped
        page = desk.get(f"/inbox/{place}")
    assert "Person" in page.content.decode()


def test_a_thread_costs_a_fixed_number_of_queries(
    desk: Client, ana: Agent, sales: Queue, django_assert_num_queries: object
) -> None:
    conversation = make.give(make.waiting_in(sales), ana)
    for _ in range(10):
        make.agent_says(conversation.sessions.get(), "Hello", ana)
    with django_assert_num_queries(38):  # type: ignore[operator]  # likewise
        desk.get(f"/inbox/c/{conversation.public_id}/", headers={"X-Inbox-Pane": "thread"})
