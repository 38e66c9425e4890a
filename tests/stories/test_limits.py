"""What goes round in circles is cut: one sentence, an agent offered, one alert; and then nothing but the way to one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conversations import content
from conversations.journeys import publishing
from conversations.journeys.scene import PER_WINDOW
from conversations.models import Journey, JourneyRun, WebRequest
from handover.models import Queue
from tests.channels_app import sending
from tests.stories import cast, modem, test_answers
from tests.stories.cast import Endpoint, Person, words

Later = Callable[..., None]
CUT = "round in circles"

LOOP = """
journey: loop
title: Round and round
languages: [en]
triggers: [{keyword: [loop]}]
vars: {enough: {type: boolean, default: false}}
steps:
  - {id: round, type: journey, run: nothing, on: {done: again, failed: never}}
  - {id: again, type: branch, cases: [{if: "vars.enough == true", next: never}], else: round}
  - {id: never, type: end, text: Never.}
"""
NOTHING = """
journey: nothing
title: Nothing
languages: [en]
triggers: [{keyword: [nothing]}]
steps: [{id: bye, type: end}]
"""
PARROT = """
journey: parrot
title: A parrot
languages: [en]
triggers: [{keyword: [parrot]}]
steps:
  - {id: say, type: ask, ask: always, text: "What did you say?", expect: {kind: text}, resume: Well.}
  - {id: again, type: branch, cases: [{if: "vars.say == 'enough'", next: bye}], else: say}
  - {id: bye, type: end, text: Never.}
"""
CHATTY = """
journey: chatty
title: Many words
languages: [en]
triggers: [{keyword: [chatty]}]
steps:
  - {id: one, type: message, text: One.}
  - {id: two, type: message, text: Two.}
  - {id: three, type: message, text: Three.}
  - {id: four, type: message, text: Four.}
  - {id: five, type: message, text: Five.}
  - {id: six, type: message, text: Six., if: "true"}  # what is always said too much does not come past the linter
  - {id: bye, type: end, text: Done.}
"""


@pytest.fixture
def maya(sales: Queue) -> Person:
    for text in (NOTHING, CHATTY):
        cast.publish(text)
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


def alerts(maya: Person) -> list[str]:
    return [event.data["code"] for event in maya.conversation.events.filter(kind="alert").order_by("seq")]


def offers_agent(endpoint: Endpoint) -> bool:
    shown = content.from_json(endpoint.shown()[-1].content)
    return isinstance(shown, content.Choice) and shown.options[0].payload == "command:agent"


@pytest.mark.scenario("J-47")
def test_a_journey_that_begins_others_without_end_is_cut(maya: Person, phone: Endpoint) -> None:
    cast.publish(LOOP)
    assert CUT in words(phone.says("loop"))
    assert (alerts(maya), offers_agent(phone)) == (["limit_children"], True)
    assert JourneyRun.objects.filter(version__journey__key="nothing").count() == 20
    assert maya.run("loop").status == "failed"


@pytest.mark.scenario("J-47")
def test_more_than_five_messages_a_turn_are_cut(maya: Person, phone: Endpoint) -> None:
    said = phone.says("chatty")
    assert said[:5] == ["One.", "Two.", "Three.", "Four.", "Five."]
    assert CUT in words(said[5:]) and len(said) == 6
    assert offers_agent(phone) and len(alerts(maya)) == 1


@pytest.mark.scenario("J-47", "T-60")
def test_a_machine_that_says_back_what_it_hears_is_cut_once(maya: Person, phone: Endpoint) -> None:
    cast.publish(PARROT)
    heard = phone.says("parrot")
    for _ in range(40):
        heard = phone.says(heard[-1]) if heard else phone.says("hm")
    said = [words([content.from_json(row.content).plain_text()]) for row in phone.shown()]
    assert len(said) <= 21 and sum(CUT in text for text in said) == 1
    assert (len(alerts(maya)), offers_agent(phone)) == (1, True)


@pytest.mark.scenario("J-47")
def test_who_is_cut_can_still_ask_for_a_person(maya: Person, phone: Endpoint, sales: Queue) -> None:
    cast.ana(sales)
    cast.publish(LOOP)
    phone.says("loop")
    assert "first name" in words(phone.says("Talk to a person", payload="command:agent"))


def test_a_run_has_five_hundred_turns(maya: Person, phone: Endpoint) -> None:
    phone.says("hi")
    JourneyRun.objects.update(seq=501)
    run = maya.run()
    run.wait["token"] = 501
    run.save(update_fields=["wait"])
    assert CUT in words(phone.says("2"))
    assert (maya.run().status, alerts(maya)) == ("failed", ["limit_turns"])


SWATCH = """
journey: swatch
title: Colours
languages: [en]
triggers: [{keyword: [swatch]}]
steps:
  - {id: pick, type: menu, text: Which one?, options: [{id: red, label: Red}, {id: blue, label: Blue}]}
  - {id: told, type: message, text: "It is {{ vars.pick }}."}
  - {id: again, type: branch, cases: [{if: "vars.pick == 'none'", next: bye}], else: pick}
  - {id: bye, type: end}
"""


def flood(phone: Endpoint, count: int = PER_WINDOW) -> None:
    """As many words of the bot's as it may say in five minutes."""
    session = phone.shown()[-1].session
    for number in range(count):
        sending.say(session, f"Word {number}")
    phone.news()


@pytest.mark.scenario("J-47")
@pytest.mark.parametrize("answer", ["1", "red", "Red", "tap"])
def test_an_exact_answer_to_an_open_menu_is_taken_although_much_was_said(phone: Endpoint, answer: str) -> None:
    cast.publish(SWATCH)
    phone.says("swatch")
    payload = phone.shown()[-1].content["options"][0]["payload"]
    flood(phone)
    said = phone.says("Red", payload=payload) if answer == "tap" else phone.says(answer)
    assert said[0] == "It is Red." and said[1].startswith("Which one?")


@pytest.mark.scenario("J-47")
@pytest.mark.parametrize(
    ("text", "payload"), [("redd", ""), ("Which one?", ""), ("3", ""), ("Red", "0" * 32 + ":1:red")]
)
def test_what_is_no_exact_answer_is_cut_then(phone: Endpoint, text: str, payload: str) -> None:
    cast.publish(SWATCH)
    phone.says("swatch")
    flood(phone)
    assert CUT in words(phone.says(text, payload=payload))
    assert phone.says(text, payload=payload) == []
    assert phone.says("blue")[0] == "It is Blue."


@pytest.mark.scenario("J-47")
def test_so_is_the_number_of_a_title_that_was_offered(phone: Endpoint) -> None:
    test_answers.publish("hours", "Opening hours", "We open at nine; come for a look at chairs and desks.")
    phone.says("look, purple elephants")
    flood(phone, PER_WINDOW - 2)
    assert "1) Opening hours" in words(phone.says("look, purple elephants"))
    assert "We open at nine" in words(phone.says("1"))


@pytest.mark.scenario("J-47", "T-60")
def test_a_machine_that_answers_every_menu_exactly_is_cut_too(maya: Person, phone: Endpoint) -> None:
    cast.publish(SWATCH)
    phone.says("swatch")
    for number in range(60):
        phone.says("21"[number % 2])
    assert PER_WINDOW * 2 <= len(phone.shown()) <= PER_WINDOW * 2 + 5
    assert (alerts(maya), offers_agent(phone)) == (["window_limit"], True)


PING = """
journey: ping
title: Ping
languages: [en]
triggers: [{keyword: [ping]}]
steps:
  - {id: say, type: message, text: Hi.}
  - {id: bye, type: end, then: pong}
"""
PONG = PING.replace("ping", "pong").replace("then: pong", "then: ping").replace("Ping", "Pong")
HOURS = """
journey: hours
title: Hours
languages: [en]
triggers: [{keyword: [hours]}]
vars: {enough: {type: boolean, default: false}}
steps:
  - {id: later, type: wait, until: business_hours, max: 24h, next: beneath}
  - {id: beneath, type: journey, run: nothing, on: {done: again, failed: bye}}
  - {id: again, type: branch, cases: [{if: "vars.enough == true", next: bye}], else: later}
  - {id: bye, type: end}
"""


ASKS = """
journey: asks
title: Asks
languages: [en]
triggers: [{keyword: [asks]}]
steps:
  - {id: ask, type: request, connection: telco, send: {method: GET, path: /x}, on: {error: bye}}
  - {id: bye, type: end, then: ping}
"""


def ping_pong() -> None:
    """Each may be published while the other one is away, and then both are live."""
    cast.publish(PING.replace(", then: pong", ""))
    cast.publish(PONG)
    Journey.objects.filter(key="pong").update(is_enabled=False)
    publishing.forget()
    publishing.publish(text=PING, also=["pong"])
    Journey.objects.filter(key="pong").update(is_enabled=True)
    publishing.forget()


@pytest.mark.scenario("J-47")
def test_journeys_that_follow_each_other_without_end_are_cut(maya: Person, phone: Endpoint) -> None:
    ping_pong()
    said = phone.says("ping")
    assert said[:5] == ["Hi."] * 5 and CUT in words(said[5:]) and len(said) == 6
    assert (len(alerts(maya)), offers_agent(phone)) == (1, True)
    assert not JourneyRun.objects.exclude(status__in=("completed", "failed")).exists()
    assert JourneyRun.objects.count() == 51


@pytest.mark.scenario("J-47")
def test_what_follows_an_answered_request_without_end_is_cut_too(maya: Person, phone: Endpoint) -> None:
    ping_pong()
    modem.published()
    cast.publish(ASKS)
    phone.says("asks")
    modem.answered(200, {})
    assert WebRequest.objects.get().state == "applied"
    assert (len(alerts(maya)), CUT in words(phone.news())) == (1, True)


@pytest.mark.scenario("J-47")
def test_a_wait_for_a_team_that_is_there_ends_the_circle_too(maya: Person, phone: Endpoint) -> None:
    cast.publish(HOURS)
    assert CUT in words(phone.says("hours"))
    assert (alerts(maya), offers_agent(phone)) == (["moves_limit"], True)
    assert maya.run("hours").end_reason == "limit_moves"
