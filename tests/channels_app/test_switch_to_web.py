"""Does the way back to the site's chat ask both sides, as every other way does?"""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from channels_app import ingest, registry, visits
from channels_app.models import Channel, Visit
from channels_app.registry import Account, Inbound, Notice, web_event
from common import clock
from conversations.sessions import Place
from customers.models import Challenge, Identity
from tests.channels_app import storefront, switches
from tests.channels_app.storefront import Browser
from tests.channels_app.switches import Spot, linked, number_in, on
from tests.stories import cast
from tests.stories.cast import words

pytestmark = pytest.mark.django_db
PAGE = "https://shop.example/chat"
CODE = re.compile(r"#throughline=([0-9A-Z]{16})$", re.MULTILINE)


@pytest.fixture(autouse=True)
def channels(db: None) -> None:
    switches.connect()
    Channel.objects.filter(kind="web").update(config={"site_url": PAGE})
    cast.sales()
    cast.library()


@pytest.fixture
def phone() -> Spot:
    return on("telegram", "5812004417", "Maya Lindqvist")


@pytest.fixture
def visit() -> Visit:
    return visits.open(channel=Channel.objects.get(key="web-shop")).visit


@pytest.fixture
def web(visit: Visit) -> Spot:
    assert visit.visitor is not None
    return Spot(Place(visit.visitor, "web-shop", "web", (visit.visitor.pk,)))


def code_for(phone: Spot) -> str:
    """The code in the link that a wish is answered with."""
    said = words(phone.says("continue on web"))
    assert f"{PAGE}#throughline=" in said
    found = CODE.search(said)
    assert found is not None
    return found.group(1)


@pytest.mark.scenario("T-28", "ID-61")
@pytest.mark.parametrize("first", ["phone", "web"])
def test_from_a_phone_to_the_web_only_a_yes_on_both_sides_links(phone: Spot, web: Spot, first: str) -> None:
    asked = words(web.says(action="link", code=code_for(phone)))
    assert "Link this chat to the chat in Telegram" in asked
    assert "Nordic Chairs shop (" in words(phone.news())
    one, other = (phone, web) if first == "phone" else (web, phone)
    assert "say yes in" in words(one.taps("Yes, link them"))
    assert not linked()
    other.taps("Yes, link them")
    assert linked()


@pytest.mark.scenario("J-7")
def test_the_journey_goes_on_at_its_step_in_the_web_chat(phone: Spot, web: Spot, visit: Visit) -> None:
    phone.says("I want to order a chair")
    phone.says("2")
    web.says(action="link", code=code_for(phone))
    phone.taps("Yes, link them")
    said = words(web.taps("Yes, link them"))
    assert "We go on here." in said and "budget" in said
    assert "What matters most" in words(web.says("400"))
    visit.refresh_from_db()
    assert phone.place.identity in visits.proven(visit, clock.now())


@pytest.mark.scenario("ID-61")
def test_from_sms_the_journey_goes_on_but_the_browser_has_proven_no_number(web: Spot, visit: Visit) -> None:
    known = on("sms", "+46701740635", "", namespace="phone", proof="provider").place.identity  # by WhatsApp
    sms = Spot(Place(known, "sms-demo", "sms", ()))
    sms.says("I want to order a chair")
    sms.says("2")
    web.says(action="link", code=code_for(sms))
    web.taps("Yes, link them")
    sms.says(number_in(words(sms.news())))
    assert "budget" in words(web.news())
    visit.refresh_from_db()
    assert visits.assurance(visit, clock.now()) == "none"


@pytest.mark.scenario("T-27", "ID-61")
def test_a_forwarded_link_links_nobody_without_the_sender(phone: Spot, web: Spot) -> None:
    code = code_for(phone)
    web.says(action="link", code=code)
    web.taps("Yes, link them")
    assert "Nothing was linked." in words(phone.taps("No, not me"))
    assert "no longer works" in words(web.says(action="link", code=code))
    assert not linked()


@pytest.mark.parametrize("config", [{}, {"site_url": "javascript:alert(1)"}, {"site_url": PAGE, "kiosk": True}])
def test_a_site_without_a_page_and_a_kiosk_are_no_way(phone: Spot, config: dict[str, object]) -> None:
    Channel.objects.filter(kind="web").update(config=config)
    assert "Open the chat on our site." in words(phone.says("continue on web"))
    assert not Challenge.objects.exists()


def test_a_page_that_has_a_fragment_keeps_it() -> None:
    link = registry.adapter("web").link(Account("w", config={"site_url": f"{PAGE}#/home"}), "A" * 16)
    assert link is not None and link.url == f"{PAGE}#/home&throughline={'A' * 16}"


def test_the_page_uses_its_code_as_a_gesture_that_a_kiosk_ignores() -> None:
    action = "link:K7Q2M9XK7Q2M9X22"
    raw = web_event(identity_id=7, proven=[7], assurance="none", client_msg_id="c-1", at=clock.now(), action=action).raw
    (heard,) = registry.adapter("web").parse(raw, Account("w"))
    assert isinstance(heard, Inbound)
    assert (heard.action, heard.code, heard.text) == ("link", "K7Q2M9XK7Q2M9X22", "")
    (ignored,) = registry.adapter("web").parse(raw, Account("w", config={"kiosk": True}))
    assert isinstance(ignored, Notice)


def test_over_the_door_the_browser_is_asked_and_its_code_stands_in_no_message(phone: Spot) -> None:
    Channel.objects.filter(kind="web").delete()
    storefront.open_shop(site_url=PAGE)
    code, browser = code_for(phone), Browser()
    browser.visit()
    browser.post("messages", {"type": "action", "id": str(uuid4()), "action": "link", "code": code})
    ingest.drain()
    history = browser.visit()["history"]
    assert "Link this chat to the chat in Telegram" in str(history) and code not in str(history)
    arrived = Challenge.objects.get().arrival
    assert arrived is not None and arrived == Identity.objects.get(namespace="visitor")
