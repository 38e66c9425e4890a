"""What does a site's page get over HTTP, and what does it not get?"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from channels_app import ingest, limits
from channels_app.models import Channel, InboundEvent, Visit
from conversations.models import Delivery, Message
from customers import attributes
from tests import factories
from tests.channels_app import storefront
from tests.channels_app.storefront import KEY, ORIGIN, TOM, Browser, login
from tests.stories import cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Channel:
    return storefront.open_shop()


@pytest.fixture
def chairs(shop: Channel) -> None:
    """The demo's journeys are there to be talked through."""
    cast.sales()
    cast.library()


def texts(found: dict[str, Any]) -> list[str]:
    return [one["data"]["content"]["text"] for one in found["history"] if one["type"] == "message"]


def maya_stopped_on_whatsapp() -> cast.Endpoint:
    """She chose a chair on WhatsApp and did not answer the question about her budget."""
    person, phone = factories.maya()
    whatsapp = cast.Person(person, phone).on_whatsapp()
    whatsapp.says("hi")
    whatsapp.taps("Ergo task chair")
    return whatsapp


def test_a_visit_gives_a_token_and_everything_to_draw(shop: Channel) -> None:
    found = Browser().visit()
    assert found["token"] and not found["signed_in"] and found["resume"] is None
    assert found["history"] == [] and list(found["streams"].values()) == [0]
    assert found["config"]["title"] == "Nordic Chairs"


@pytest.mark.scenario("T-52", "T-54")
def test_answers_are_never_cached_and_name_the_one_origin(shop: Channel) -> None:
    answer = Browser().post("visit")
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["Access-Control-Allow-Origin"] == ORIGIN
    assert "Origin" in answer["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer


@pytest.mark.scenario("T-54")
def test_a_preflight_is_answered_for_a_listed_origin(shop: Channel) -> None:
    answer = Client().options(f"/widget/{KEY}/visit", headers={"Origin": ORIGIN})
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (204, ORIGIN)
    assert "Authorization" in answer["Access-Control-Allow-Headers"]


def test_a_widget_that_is_not_there_or_switched_off_is_unknown(shop: Channel) -> None:
    Channel.objects.update(is_enabled=False)
    for key in (KEY, "nowhere"):
        answer = Client().post(f"/widget/{key}/visit", {}, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (404, "widget_unknown")


@pytest.mark.scenario("T-18")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"exp": 1}, "token_lifetime"),
        ({"aud": "web-other"}, "token_audience"),
        ({"iss": "https://evil.example"}, "token_issuer"),
        ({"sub": "null"}, "token_subject"),
        ({"iat": None}, "token_claim_missing"),
    ],
)
def test_a_forged_login_is_refused_with_a_stable_code(shop: Channel, changed: dict[str, Any], code: str) -> None:
    answer = Browser().post("visit", {"jwt": login(**changed)})
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert not Visit.objects.exists()


def test_without_its_token_a_browser_may_do_nothing(shop: Channel) -> None:
    for path in ("identify", "logout", "messages", "attributes"):
        answer = Browser(token="wrong").post(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "visit_unknown")
    assert Browser().get("events?stream=x").status_code == 401


def test_a_message_is_stored_before_it_is_acknowledged_and_answered_by_the_bot(shop: Channel, chairs: None) -> None:
    browser = Browser()
    browser.visit()
    answer = browser.say("hi").json()
    assert answer["type"] == "ack" and InboundEvent.objects.filter(state="pending").count() == 1
    ingest.drain()
    assert texts(browser.visit())[0] == "hi"
    assert "Which chair are you thinking of?" in texts(browser.visit())


def test_a_message_that_is_sent_again_is_stored_once(shop: Channel, chairs: None) -> None:
    browser = Browser()
    browser.visit()
    frame = {"type": "message", "id": str(uuid4()), "text": "hi"}
    assert [browser.post("messages", frame).json()["type"] for _ in range(3)] == ["ack"] * 3
    ingest.drain()
    assert Message.objects.filter(author="customer").count() == 1


def test_events_come_after_the_cursor_in_order(shop: Channel, chairs: None) -> None:
    browser = Browser()
    (stream,) = browser.visit()["streams"]
    browser.say("hi")
    ingest.drain()
    found = browser.get(f"events?stream={stream}&after=1").json()["events"]
    assert [one["seq"] for one in found] == list(range(2, len(found) + 2))
    assert found[0]["stream"] == stream and found[0]["data"]["author"] == "bot"


def test_a_tapped_option_is_its_answer(shop: Channel, chairs: None) -> None:
    browser = Browser()
    browser.visit()
    browser.say("hi")
    ingest.drain()
    menu = next(one for one in browser.visit()["history"] if one["data"]["content"]["type"] == "choice")
    option = menu["data"]["content"]["options"][1]
    frame = {"type": "option", "id": str(uuid4()), "payload": option["payload"], "text": option["label"]}
    browser.post("messages", frame)
    ingest.drain()
    assert "your budget for the Mesh executive" in "\n".join(texts(browser.visit()))


def test_a_text_that_is_too_long_is_refused_in_a_sentence(shop: Channel) -> None:
    browser = Browser()
    browser.visit()
    assert browser.say("x" * 4000).status_code == 200
    answer = browser.say("x" * 4001)
    assert (answer.status_code, answer.json()["code"]) == (422, "text_too_long")
    assert answer.json()["detail"] == "A message may have 4,000 characters; this one has 4,001."


def test_a_flood_is_slowed_down_in_a_sentence(shop: Channel) -> None:
    browser = Browser()
    browser.visit()
    burst, codes = int(limits.MESSAGES.burst), [0]
    while codes[-1] != 429 and len(codes) < 5 * burst:  # on a slow machine the allowance grows meanwhile
        codes.append(browser.say("hi").status_code)
    assert codes[-1] == 429 and len(codes) > burst
    answer = browser.say("hi")
    assert answer.json()["code"] == "too_fast" and int(answer["Retry-After"]) >= 1
    assert answer.json()["detail"] == "That was too fast. Please wait a moment."


@pytest.mark.scenario("J-2")
def test_a_login_shows_where_the_journey_stopped_and_nothing_of_the_other_channel(shop: Channel, chairs: None) -> None:
    maya_stopped_on_whatsapp()
    found = Browser().visit(jwt=login())
    card = found["resume"]
    assert (card["title"], card["step"], card["channel"]) == ("Order an office chair", "Budget", "WhatsApp")
    assert card["text"] == "We were choosing your budget for the Ergo task chair."
    assert found["history"] == []


def test_one_tap_goes_on_at_the_same_step_in_the_same_run(shop: Channel, chairs: None) -> None:
    whatsapp = maya_stopped_on_whatsapp()
    browser = Browser()
    card = browser.visit(jwt=login())["resume"]
    browser.post("messages", {"type": "action", "id": str(uuid4()), "action": "resume", "run": card["run"]})
    ingest.drain()
    found = browser.visit()
    assert texts(found)[-1] == "Good choice. What is your budget for the Ergo task chair, in euros?"
    assert found["resume"] is None
    assert "hi" not in texts(found)
    run = cast.JourneyRun.objects.get()
    assert str(run.public_id) == card["run"] and run.vars["chair"] == "ergo"
    assert whatsapp.news() == []


@pytest.mark.scenario("ID-21", "J-3")
def test_who_only_types_a_phone_number_gets_nothing_and_known_and_unknown_numbers_look_alike(
    shop: Channel, chairs: None
) -> None:
    maya_stopped_on_whatsapp()
    said = {}
    for number in ("+46701740635", "+46709999999"):
        browser = Browser()
        browser.visit()
        browser.say(f"I am {number}")
        ingest.drain()
        found = browser.visit()
        assert found["resume"] is None
        said[number] = texts(found)[1:]
    assert said["+46701740635"] == said["+46709999999"]


@pytest.mark.scenario("T-17")
def test_another_users_login_shows_nothing_of_hers(shop: Channel, chairs: None) -> None:
    maya_stopped_on_whatsapp()
    found = Browser().visit(jwt=login(**TOM, phone="+46701740635", phone_verified=False))
    assert found["signed_in"] and found["resume"] is None and found["history"] == []


def test_a_run_of_somebody_else_cannot_be_resumed(shop: Channel, chairs: None) -> None:
    maya_stopped_on_whatsapp()
    run = str(cast.JourneyRun.objects.get().public_id)
    browser = Browser()
    browser.visit(jwt=login(**TOM, phone=None))
    browser.post("messages", {"type": "action", "id": str(uuid4()), "action": "resume", "run": run})
    ingest.drain()
    assert texts(browser.visit()) == []


@pytest.mark.scenario("T-14")
def test_a_foreign_stream_is_as_unknown_as_one_that_is_not_there(shop: Channel, chairs: None) -> None:
    maya = Browser()
    (stream,) = maya.visit()["streams"]
    maya.say("hi")
    ingest.drain()
    tom = Browser()
    tom.visit()
    foreign, absent = (tom.get(f"events?stream={name}&after=0") for name in (stream, uuid4()))
    assert (foreign.status_code, foreign.json()) == (absent.status_code, absent.json())
    assert foreign.json()["code"] == "frame_invalid"


@pytest.mark.scenario("T-20", "T-52")
def test_after_logout_the_browser_sees_nothing_of_before(shop: Channel, chairs: None) -> None:
    browser = Browser()
    browser.visit(jwt=login())
    browser.say("hi")
    ingest.drain()
    old, browser.token = browser.token, browser.post("logout").json()["token"]
    assert texts(browser.visit()) == []
    assert Browser(token=old).say("hi").status_code == 401


def test_what_the_browser_has_shown_is_read_and_never_less_again(shop: Channel, chairs: None) -> None:
    browser = Browser()
    (stream,) = browser.visit()["streams"]
    browser.say("hi")
    ingest.drain()
    last = browser.visit()["streams"][stream]
    browser.post("messages", {"type": "read", "stream": stream, "seq": last})
    browser.post("messages", {"type": "delivered", "stream": stream, "seq": last})
    assert set(Delivery.objects.values_list("state", flat=True)) == {"read"}
    assert {one["data"].get("state") for one in browser.visit()["history"]} == {"read", None}


def test_a_receipt_for_a_foreign_stream_raises_nothing(shop: Channel, chairs: None) -> None:
    maya = Browser()
    (stream,) = maya.visit()["streams"]
    maya.say("hi")
    ingest.drain()
    tom = Browser()
    tom.visit()
    tom.post("messages", {"type": "read", "stream": stream, "seq": 99})
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_what_the_page_says_is_kept_under_names_of_its_own(shop: Channel) -> None:
    browser = Browser()
    browser.visit(jwt=login())
    facts = {"values": {"plan": "pro", "name": "Mallory"}}
    assert browser.post("attributes", facts).json() == {"noted": 2}
    assert browser.post("attributes", facts).json() == {"noted": 0}
    held = attributes.values(Visit.objects.get().person.customer.root_id)
    assert (held["name"], held["page_plan"], held["page_name"]) == ("Maya Lindqvist", "pro", "Mallory")
    assert browser.post("attributes", {"values": {"a b": 1}}).json()["code"] == "attributes_invalid"


@pytest.mark.scenario("T-48")
def test_only_the_channels_sites_may_frame_the_app(shop: Channel) -> None:
    answer = Client().get(f"/widget/{KEY}/app")
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy["frame-ancestors"].split() == ["'self'", ORIGIN, "http://localhost:8000", "http://testserver"]
    assert "unsafe" not in answer["Content-Security-Policy"] and "X-Frame-Options" not in answer
    assert Client().get("/widget/nowhere/app").status_code == 404
