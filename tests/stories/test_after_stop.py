"""After STOP nothing unasked is said: what comes is kept, until the customer writes again or says START."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from common import clock
from conversations import reach
from conversations.journeys.sentences import sentence
from customers import consent
from handover.models import Queue
from tests.stories import cast, modem
from tests.stories.cast import Endpoint, Person, words

Later = Callable[..., None]
CONFIRMED = sentence("opted_out")
WAIT = """
journey: rest
title: A rest
languages: [en]
triggers: [{keyword: [rest]}]
steps:
  - {id: pause, type: wait, for: 5m}
  - {id: bye, type: end, text: It rang.}
"""
QUESTION = """
journey: riddle
title: A riddle
languages: [en]
triggers: [{keyword: [riddle]}]
steps:
  - {id: what, type: ask, text: "What is it?", expect: {kind: number}, timeout: {after: 5m, next: late}}
  - {id: bye, type: end, text: Right.}
  - {id: late, type: end, text: Too late.}
"""


@pytest.fixture
def maya(sales: Queue) -> Person:
    modem.published()
    cast.publish(WAIT)
    cast.publish(QUESTION)
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


def begun(phone: Endpoint) -> None:
    phone.says("gadget")
    modem.answered()
    phone.news()


@pytest.mark.scenario("J-21")
def test_after_a_stop_a_job_reports_nothing_until_the_customer_writes_again(phone: Endpoint, later: Later) -> None:
    begun(phone)
    assert phone.says("STOP") == [CONFIRMED]
    modem.report(modem.newest(), 1, step=1, total=2, text="off")
    later(minutes=1)
    modem.time_passes()
    modem.report(modem.newest(), 2, "done")
    later(minutes=1)
    modem.time_passes()
    assert phone.news() == []
    assert "Your modem is online again." in phone.says("any news?")


@pytest.mark.scenario("J-21")
def test_after_a_stop_a_timer_says_nothing_and_its_words_are_kept(phone: Endpoint, later: Later) -> None:
    phone.says("rest")
    phone.says("STOP")
    later(minutes=6)
    modem.time_passes()
    assert phone.news() == []
    assert phone.says("any news?")[0] == "It rang."


@pytest.mark.scenario("J-21")
def test_after_a_stop_nobody_is_told_that_the_time_is_up(phone: Endpoint, later: Later) -> None:
    phone.says("riddle")
    phone.says("STOP")
    later(minutes=6)
    modem.time_passes()
    assert phone.news() == []


@pytest.mark.scenario("J-21")
def test_who_writes_again_hears_the_end_of_what_they_began(maya: Person, phone: Endpoint, later: Later) -> None:
    phone.says("STOP")
    later(minutes=1)
    phone.says("rest")
    later(minutes=6)
    modem.time_passes()
    assert words(phone.news()).endswith("It rang.")
    assert consent.state(identity=maya.phone, purpose="all") == "out"


@pytest.mark.scenario("J-21")
def test_a_start_lifts_it_and_a_stop_of_one_address_says_nothing_of_another(maya: Person, phone: Endpoint) -> None:
    begun(phone)
    web = maya.on_web(knows_phone=True)
    web.says("hello")
    phone.says("STOP")
    now = clock.now() + timedelta(seconds=1)
    assert [way.session.channel for way in reach.ways(root=maya.customer, now=now)] == [cast.WEB]
    phone.says("START")
    assert len(list(reach.ways(root=maya.customer, now=now))) == 2
