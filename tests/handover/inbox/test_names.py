"""Is somebody without a name called by an address that this agent sees only masked?"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from conversations.models import Conversation
from customers.models import Attribute
from handover.inbox import naming
from handover.models import Agent, Queue
from tests import factories as make
from tests.handover.inbox.cast import client_of
from tests.handover.routing import cast

pytestmark = pytest.mark.django_db
PHONE, WHOLE, MAIL = "46701740635", "+46 70 174 06 35", "maya@example.com"


@pytest.fixture
def nameless(sales: Queue) -> Conversation:
    """She writes in the shop; that she has a telephone, too, is known from elsewhere."""
    person = make.customer()
    here = make.receive(make.web(make.site_user(person, "u-1")), "My chair at number 12").conversation
    make.phone(person, PHONE)
    return make.give(here, sales, cause="handover")


def whole(page: str) -> bool:
    return any(one in page for one in (PHONE, WHOLE, PHONE[-6:], WHOLE[-8:]))


def pane(desk: Client, conversation: Conversation, name: str) -> str:
    return desk.get(f"/inbox/c/{conversation.public_id}/", headers={"X-Inbox-Pane": name}).content.decode()


@pytest.mark.parametrize("place", ["queue-sales/", "all/?q=%2B46701740635", "all/?owner=any", "board/", "offers"])
def test_no_list_shows_it_whole(chloe: Agent, nameless: Conversation, place: str) -> None:
    page = client_of(chloe).get(f"/inbox/{place}").content.decode()
    assert not whole(page.replace("%2B46701740635", "").replace("+46701740635", ""))


def test_the_palette_finds_it_and_shows_it_masked(desk: Client, nameless: Conversation) -> None:
    [found] = desk.get("/inbox/palette", {"q": f"+{PHONE}"}).json()["found"]
    assert found["title"] == "+46••••35"


@pytest.mark.parametrize("name", ["thread", "head", "side"])
def test_the_thread_shows_what_is_of_another_place_masked(desk: Client, nameless: Conversation, name: str) -> None:
    assert "+46••••35" in (seen := pane(desk, nameless, name)) and not whole(seen)


@pytest.mark.parametrize("name", ["assign", "escalate", "park"])
def test_no_dialog_shows_it_whole(desk: Client, ana: Agent, nameless: Conversation, name: str) -> None:
    make.give(nameless, ana)
    assert not whole(desk.get(f"/inbox/c/{nameless.public_id}/ask/{name}").content.decode())


def test_an_offer_shows_it_masked(desk: Client, ana: Agent, sales: Queue) -> None:
    waits = cast.waiting(sales, ana)
    Attribute.objects.filter(root=waits.customer.root_id).delete()
    cast.begin(waits)
    number = waits.sessions.get().identity.raw
    assert "offer-name" in (page := desk.get("/inbox/offers").content.decode()) and number[-6:] not in page


def test_the_thread_that_is_held_over_it_shows_it_whole(desk: Client, sales: Queue) -> None:
    person = make.customer()
    here = make.receive(make.whatsapp(make.phone(person, PHONE)), "Hello").conversation
    make.give(here, sales, cause="handover")
    assert all(WHOLE in pane(desk, here, name) for name in ("thread", "head", "side"))
    assert not whole(desk.get("/inbox/queue-sales/").content.decode())


def test_an_address_as_a_name_is_no_name(nameless: Conversation) -> None:
    person = make.customer()
    make.identity(person, "email", MAIL)
    assert naming.names([person.pk])[person.pk] == "m••••@example.com"


def test_a_name_takes_two_queries(nameless: Conversation, django_assert_num_queries: Any) -> None:
    root = nameless.customer.root_id
    with django_assert_num_queries(2):
        naming.names([root], at_hand={1})
