"""Is a step that needs proof taken only by whoever reads what we send to their address?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels_app import claims, delivery, ingest
from channels_app.models import Channel
from common import clock
from conversations import content
from conversations.models import Delivery, Message, Session
from conversations.sessions import Place
from customers import attributes, identity
from customers.handles import Handle
from customers.models import AuditEntry, Challenge, Customer, Identity, Link
from tests import factories
from tests.channels_app import storefront
from tests.channels_app.stage import Stage, stage
from tests.channels_app.storefront import KEY, Browser
from tests.stories import cast

pytestmark = pytest.mark.django_db(transaction=True)
MAYAS, NOBODYS = "+46 70 174 06 35", "+46 70 999 99 99"
ASKED = "First I need to know that it is you."
SENT = "I have sent a code to"
TOLD = "Your Ergo task chair is on its way."


class Web(Browser):
    """A visitor of the shop, who reads what is answered."""

    def __init__(self) -> None:
        super().__init__()
        self.visit()
        self.read = 0

    def says(self, text: str) -> str:
        """Writes; returns what came back, in lines."""
        assert self.say(text).status_code == 200
        ingest.drain()
        rows = Message.objects.filter(session__identity=self.identity, session__channel=KEY).exclude(author="customer")
        said = [content.from_json(row.content).plain_text() for row in rows.order_by("pk")]
        fresh, self.read = said[self.read :], len(said)
        return "\n".join(fresh)

    @property
    def identity(self) -> Identity:
        (stream,) = self.post("visit", {"token": self.token}).json()["streams"]
        return Identity.objects.select_related("customer").get(public_id=stream)

    @property
    def session(self) -> Session:
        return Session.objects.filter(identity=self.identity).latest("pk")


@pytest.fixture
def sms(live_server: Any) -> Iterator[Stage]:
    with stage("sms", live_server.url) as running:
        storefront.open_shop()
        cast.sales()
        cast.library()
        yield running


@pytest.fixture
def maya(sms: Stage) -> Identity:
    """She has ordered a chair on WhatsApp."""
    person, phone = factories.maya()
    for key, value in (("last_order", "Ergo task chair"), ("last_ordered_at", "2026-11-20T09:00:00+00:00")):
        attributes.observe(
            customer=person, key=key, value=value, source="bot", occurred_at=clock.now(), source_event_id=key,
            identity=phone,
        )  # fmt: skip
    return phone


def code_on(sms: Stage) -> str:
    """What the phone shows, once it has arrived."""
    sms.go_on()
    return re.findall(r"\b\d{6}\b", str(sms.phone[-1].body["text"]))[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


@pytest.mark.scenario("J-3", "ID-59")
def test_the_order_is_told_to_the_visitor_who_types_the_code_from_the_phone(maya: Identity, sms: Stage) -> None:
    web = Web()
    assert ASKED in web.says("Where is my order?")
    assert SENT in web.says(MAYAS)
    said = web.says(code_on(sms))
    assert "Thank you, that is you." in said and TOLD in said
    link = Link.objects.get()
    assert (link.kind, link.rule) == ("verified", "one_time_code")
    assert (web.session.assurance, maya.pk in web.session.proven) == ("strong", True)


@pytest.mark.scenario("ID-56")
def test_a_code_that_is_typed_in_another_browser_proves_nothing_in_either(maya: Identity, sms: Stage) -> None:
    victim, thief = Web(), Web()
    for browser in (victim, thief):
        browser.says("Where is my order?")
    thief.says(MAYAS)
    assert TOLD not in victim.says(code_on(sms))
    assert not Link.objects.exists()
    assert {row.assurance for row in Session.objects.filter(kind="web")} == {"none"}


@pytest.mark.scenario("ID-100", "ID-58", "T-26")
def test_whether_somebody_is_known_shows_in_no_word_and_in_no_query(maya: Identity, sms: Stage) -> None:
    said, asked = [], []
    for number in (MAYAS, NOBODYS):
        web = Web()
        web.says("Where is my order?")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            said.append(web.says(number))
        asked.append(len(queries))
    assert said[0].replace("35", "99") == said[1]
    assert abs(asked[0] - asked[1]) <= 1


@pytest.mark.scenario("ID-21")
def test_nothing_is_written_to_the_owners_thread(maya: Identity, sms: Stage) -> None:
    web = Web()
    web.says("Where is my order?")
    web.says(MAYAS)
    code = code_on(sms)
    assert not Message.objects.filter(customer=maya.customer).exists()
    assert not any(code in str(row.content) for row in Message.objects.all())
    assert Identity.objects.get(customer=web.identity.customer, namespace="phone").proof == "claimed"


@pytest.mark.scenario("ID-57")
def test_five_wrong_codes_lock_it_and_a_new_one_may_be_asked_for(maya: Identity, sms: Stage) -> None:
    web = Web()
    web.says("Where is my order?")
    web.says(MAYAS)
    code = code_on(sms)
    for _ in range(5):
        assert "That is not the code." in web.says(wrong(code))
    assert "too many wrong codes" in web.says(code)
    assert AuditEntry.objects.filter(action="identity.code_wrong").count() == 5
    assert SENT in web.says("Send a new code")
    assert TOLD in web.says(code_on(sms))


@pytest.mark.scenario("ID-58", "T-58")
def test_a_fourth_code_within_the_hour_is_refused_in_words(maya: Identity, sms: Stage) -> None:
    web = Web()
    web.says("Where is my order?")
    web.says(MAYAS)
    assert [SENT in web.says("Send a new code") for _ in range(2)] == [True, True]
    assert "I cannot send another code now." in web.says("Send a new code")
    assert Delivery.objects.filter(challenge__isnull=False).count() == 3
    assert len(set(Challenge.objects.values_list("ip", flat=True))) == 1 and Challenge.objects.exclude(ip="").exists()


@pytest.mark.scenario("ID-60")
def test_a_code_is_worth_nothing_after_ten_minutes(maya: Identity, sms: Stage) -> None:
    web = Web()
    web.says("Where is my order?")
    web.says(MAYAS)
    code = code_on(sms)
    Challenge.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert "too old" in web.says(code)


def test_a_code_that_died_before_it_left_is_never_sent(maya: Identity, sms: Stage) -> None:
    web = Web()
    web.says("Where is my order?")
    web.says(MAYAS)
    Challenge.objects.update(used_at=clock.now())
    sms.go_on()
    assert (sms.phone, Delivery.objects.get(challenge__isnull=False).state) == ([], "failed")


@pytest.mark.scenario("T-P6")
def test_a_code_whose_end_nobody_knows_is_not_sent_again(maya: Identity, sms: Stage) -> None:
    web = Web()
    web.says("Where is my order?")
    web.says(MAYAS)
    (task,) = claims.claim(10)
    assert task.letter is not None and task.challenge_id
    Delivery.objects.filter(pk=task.pk).update(lease_until=clock.now() - timedelta(minutes=1))
    delivery.sweep()
    assert Delivery.objects.get(pk=task.pk).state == "unknown"
    assert delivery.send_due() == 0


def test_who_is_proven_already_is_not_asked(maya: Identity, sms: Stage) -> None:
    phone = cast.Endpoint(factories.whatsapp(maya))
    assert any(TOLD in line for line in phone.says("Where is my order?"))


def test_a_proof_holds_for_the_session_and_not_for_the_next_one(maya: Identity, sms: Stage) -> None:
    web = Web()
    web.says("Where is my order?")
    web.says(MAYAS)
    web.says(code_on(sms))
    assert TOLD in web.says("Where is my order?")
    Identity.objects.filter(pk=maya.pk).update(proof_expires_at=clock.now())
    assert ASKED in web.says("Where is my order?")


@pytest.mark.scenario("ID-52")
def test_a_silent_number_with_another_device_gets_no_history_and_no_journey_but_is_asked_for_a_code(
    maya: Identity, sms: Stage, later: Callable[..., None]
) -> None:
    old = cast.Endpoint(factories.whatsapp(maya))
    old.says("chair")
    later(days=60)
    handle = Handle("phone", "", maya.raw, "provider", "Maya", "another device")
    Identity.objects.filter(pk=maya.pk).update(provider_hash="a device")
    found = identity.resolve(handles=[handle], occurred_at=clock.now())
    assert found is not None and found.proven == ()
    new = cast.Endpoint(Place(found.identity, factories.WHATSAPP, "whatsapp"), read=old.read)
    said = "\n".join(new.says("Where is my order?"))
    assert ASKED in said and "chair" not in said and "Maya" not in said


def test_words_that_are_no_address_are_asked_for_again_and_a_human_is_always_there(sms: Stage) -> None:
    web = Web()
    web.says("Where is my order?")
    said = [web.says(words) for words in ("hm", "what do you mean", "no idea")]
    assert all("neither a phone number nor an e-mail address" in words for words in said)
    assert ["“agent”" in words for words in said] == [False, False, True]
    assert "Nobody from our team is online" in web.says("agent")


def test_another_address_may_be_used(maya: Identity, sms: Stage) -> None:
    web = Web()
    web.says("Where is my order?")
    web.says(NOBODYS)
    assert ASKED in web.says("Use another address")
    assert SENT in web.says(MAYAS)
    assert TOLD in web.says(code_on(sms))


@pytest.mark.scenario("ID-22")
def test_the_channels_of_a_profile_that_claimed_the_address_do_not_come_along(maya: Identity, sms: Stage) -> None:
    attacker = factories.customer()
    telegram = factories.identity(attacker, "telegram_user", "7000000001")
    claim = factories.identity(attacker, "phone", "+46701740635", proof="claimed")
    web = Web()
    web.says("Where is my order?")
    web.says(MAYAS)
    assert TOLD in web.says(code_on(sms))
    claim.refresh_from_db()
    assert claim.valid_to is not None
    assert telegram.customer.root_id != Customer.objects.get(pk=maya.customer_id).root_id


@pytest.mark.scenario("ID-74")
def test_at_a_kiosk_no_code_is_offered_for_it_would_link_somebody(maya: Identity, sms: Stage) -> None:
    shop = Channel.objects.get(key=KEY)
    shop.config["kiosk"] = True
    shop.save(update_fields=["config"])
    web = Web()
    assert "I cannot check that here." in web.says("Where is my order?")
