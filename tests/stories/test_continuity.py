"""One person, several channels, one place in the journey: what was given, what is waited for, who is joined or lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction

from conversations import recall
from conversations.journeys.sentences import sentence
from conversations.journeys.state import RequestResult
from conversations.models import Connection, JourneyRun, WebRequest
from conversations.sessions import Place
from customers import consent, merging
from customers.models import Customer
from handover import turns
from handover.models import Queue
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words

Later = Callable[..., None]
QUESTION = "What is your budget"

LETTER = """
journey: letter
title: A letter
languages: [en]
triggers: [{keyword: [letter]}]
vars: {email: {type: text, save_to: customer.email}}
steps:
  - {id: email, type: ask, text: "Which e-mail address?", expect: {kind: email}, resume: We were at your address.}
  - {id: bye, type: end, text: "It goes to {{ vars.email }}."}
"""
SIZE = """
journey: size
title: A size
triggers: [{keyword: [size]}]
vars: {size: {type: text, save_to: customer.size}}
steps:
  - {id: size, type: ask, text: "Which size?", resume: We were at the size., on_invalid: bye,
     expect: {kind: choice, choices: [{id: s, label: Small}, {id: m, label: Medium}]}}
  - {id: bye, type: end, text: "{{ vars.size }} it is."}
"""
CHECK = """
journey: check
title: A check
languages: [en]
triggers: [{keyword: [check]}]
vars: {eligible: {type: text, default: no}, verdict: {type: text, default: none}}
steps:
  - {id: serial, title: Serial, type: ask, text: "Which serial number?", resume: We were at the serial number.}
  - {id: once, type: message, once: true, text: Thank you for that.}
  - {id: ask, type: request, connection: telco, send: {method: GET, path: "/modems/{{ vars.serial }}"},
     map: {vars.eligible: $.eligible}, on: {error: sorry}}
  - {id: note, type: set, set: {vars.verdict: "= vars.eligible"}}
  - {id: sure, title: Sure, type: ask, text: "It is {{ vars.verdict }}. Shall we?", expect: {kind: boolean},
     resume: We were nearly done.}
  - {id: bye, type: end, text: Done.}
  - {id: sorry, type: end, text: Something went wrong.}
"""


@pytest.fixture
def maya(sales: Queue) -> Person:
    Connection.objects.create(key="telco", title="Telco", base_url="https://telco.example")
    for text in (LETTER, SIZE, CHECK):
        cast.publish(text)
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


def answer(person: Person, **data: object) -> bool:
    """The other system answers what the run waits for."""
    run = person.run("check")
    return turns.advance(run=run, result=RequestResult(token=(run.wait or {})["token"], status=200, data=data))


@pytest.mark.scenario("J-4")
def test_what_was_given_elsewhere_is_not_asked_again_of_who_has_proven_it(maya: Person, phone: Endpoint) -> None:
    phone.says("letter")
    phone.says("maya@example.com")
    assert maya.on_web().says("letter") == ["It goes to maya@example.com."]


@pytest.mark.scenario("J-4")
def test_what_was_chosen_elsewhere_is_not_asked_again(maya: Person, phone: Endpoint) -> None:
    assert "Which size?" in words(phone.says("size"))
    assert phone.says("2") == phone.says("size") == maya.on_web().says("size") == ["Medium it is."]


@pytest.mark.scenario("J-4")
def test_what_was_given_elsewhere_is_asked_of_who_only_claims_it(maya: Person, phone: Endpoint) -> None:
    phone.says("letter")
    phone.says("maya@example.com")
    stranger = cast.tom()
    factories.identity(stranger.place.identity.customer, "phone", "46701740635", proof="claimed")
    for place in (maya.on_web(knows_phone=False), stranger):
        assert place.says("letter") == ["Which e-mail address?"]


@pytest.mark.scenario("J-5")
def test_last_journey_is_where_it_was_after_a_crash_and_the_message_counts_then(maya: Person, phone: Endpoint) -> None:
    phone.says("hi")
    phone.says("2")
    with pytest.raises(RuntimeError), transaction.atomic():
        phone.turn("400")
        raise RuntimeError("the worker dies before its commit")
    run = recall.open_run(maya.customer.pk)
    assert run is not None and recall.last_journey(run)["label"] == "Budget"
    assert "What matters most" in words(phone.says("400"))


@pytest.mark.scenario("J-8")
@pytest.mark.parametrize(("said", "answered"), [("1", QUESTION), ("2", "Which chair"), ("3", "How can I help you?")])
def test_the_offer_in_a_text_message_is_taken_by_its_number(
    maya: Person, later: Later, said: str, answered: str
) -> None:
    place = Place(maya.phone, "sms-demo", "sms", (maya.phone.pk,), "attested")
    sms = Endpoint(place)
    sms.says("hi")
    sms.says("2")
    later(days=2)
    offered = words(sms.says("anybody?"))
    assert [f"{number}) " in offered for number in (1, 2, 3)] == [True] * 3
    assert answered in words(sms.says(said))


@pytest.mark.scenario("J-9")
def test_who_comes_elsewhere_while_it_waits_hears_so_and_hears_the_result_there(maya: Person, phone: Endpoint) -> None:
    phone.says("check")
    phone.says("AB12CD34")
    shop = maya.on_web()
    said = words(shop.says("anything new?"))
    assert said and "serial" not in said
    answer(maya, eligible="fine")
    assert "It is fine. Shall we?" in words(shop.news())
    assert phone.news() == []


@pytest.mark.scenario("J-14")
def test_two_runs_of_one_are_one_active_and_one_suspended_and_each_as_before_when_parted(maya: Person) -> None:
    phone, page = maya.on_whatsapp(), cast.tom()
    tom = page.place.identity.customer
    for endpoint in (page, phone):
        endpoint.says("hi")
        endpoint.says("2")
    before = states()
    done = merging.merge(a=maya.customer, b=tom, kind="manual", rule="by_hand", actor="user:1", request_id="join")
    assert sorted(row[1] for row in states()) == ["suspended", "waiting"]
    assert done.link is not None
    merging.split(links=[done.link], actor="user:1", request_id="part")
    assert states() == before
    for endpoint in (page, phone):
        endpoint.place.identity.refresh_from_db()
        assert "What matters most" in words(endpoint.says("400")[-1:])


@pytest.mark.scenario("J-14")
def test_what_was_set_aside_for_another_journey_stays_so_when_parted(maya: Person) -> None:
    phone, page = maya.on_whatsapp(), cast.tom()
    phone.says("hi")
    phone.says("letter")
    page.says("hi")
    before = states()
    tom = Customer.objects.get(pk=page.place.identity.customer_id)
    done = merging.merge(a=maya.customer, b=tom, kind="manual", rule="by_hand", actor="user:1", request_id="join")
    assert done.link is not None
    merging.split(links=[done.link], actor="user:1", request_id="part")
    assert states() == before


@pytest.mark.scenario("J-20")
def test_a_correction_clears_what_came_of_it_and_asks_the_other_system_again(maya: Person, phone: Endpoint) -> None:
    phone.says("check")
    assert phone.says("AB12CD34")[0] == "Thank you for that."
    answer(maya, eligible="fine")
    phone.news()
    assert phone.says("change serial") == ["Which serial number?"]
    assert not {"serial", "eligible", "verdict"} & set(maya.run("check").vars)
    assert "Thank you" not in words(phone.says("EF56GH78"))
    assert [row.request["path"] for row in WebRequest.objects.order_by("pk")] == [
        "/modems/AB12CD34",
        "/modems/EF56GH78",
    ]
    answer(maya, eligible="broken")
    assert "It is broken." in words(phone.news())


@pytest.mark.scenario("J-21")
def test_a_stop_by_itself_is_an_opt_out_and_in_a_sentence_it_is_an_answer(maya: Person, phone: Endpoint) -> None:
    phone.says("check")
    assert phone.says("stop my modem")[0] == "Thank you for that."
    assert maya.run("check").vars["serial"] == "stop my modem"
    assert not maya.conversation.events.filter(kind="opted_out").exists()
    assert consent.state(identity=maya.phone, purpose="all") == "unset"
    assert phone.says("STOP") == [sentence("opted_out")]
    assert maya.conversation.events.filter(kind="opted_out").count() == 1
    assert consent.state(identity=maya.phone, purpose="all") == "out"
    phone.says("please do not stop my modem again")
    assert consent.state(identity=maya.phone, purpose="all") == "out"


def states() -> list[tuple[int, str, object]]:
    """Where every open run of anybody stands."""
    rows = JourneyRun.objects.filter(status__in=JourneyRun.OPEN).order_by("pk")
    return [(row.pk, str(row.status), row.wait) for row in rows]
