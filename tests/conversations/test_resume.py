"""May a run go on here and now? The table of section 8, and what it looks like in a story."""

from datetime import timedelta

import pytest

from conversations.content import Choice
from conversations.journeys import engine, resume
from conversations.journeys.effects import EndRun, StartRun
from conversations.journeys.resume import Facts, decide
from conversations.journeys.state import Aside, Command, Hidden, Offer, Resume
from tests.conversations.playing import PHONE, WEB, Player, from_library, journey

ASK = {"id": "serial", "type": "ask", "text": "Serial?", "resume": "We were about to check your modem."}
MENU = {
    "id": "what",
    "type": "menu",
    "text": "What?",
    "options": [{"id": "a", "label": "One"}, {"id": "b", "label": "Two"}],
}
HOURS = timedelta(hours=1)


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (Facts(age=HOURS, rendered_here=True), "answer"),
        (Facts(age=24 * HOURS, rendered_here=True), "answer"),
        (Facts(age=25 * HOURS, rendered_here=True), "offer"),
        (Facts(age=HOURS, rendered_here=False), "resume"),
        (Facts(age=HOURS, rendered_here=False, resume="offer"), "offer"),
        (Facts(age=HOURS, rendered_here=True, resume="offer"), "answer"),
        (Facts(age=HOURS, rendered_here=False, pull=True), "offer"),
        (Facts(age=HOURS, rendered_here=True, pull=True), "answer"),
        (Facts(age=169 * HOURS, rendered_here=True), "expire"),
        (Facts(age=2 * HOURS, rendered_here=True, resume_within=HOURS), "expire"),
        (Facts(age=HOURS, rendered_here=True, step_exists=False), "expire"),
        (Facts(age=HOURS, rendered_here=True, waits_for_input=False), "waiting"),
        (Facts(age=HOURS, rendered_here=True, requires="verified"), "hidden"),
        (Facts(age=HOURS, rendered_here=True, requires="verified", assurance="verified"), "answer"),
        (Facts(age=HOURS, rendered_here=True, requires="strong", assurance="verified"), "hidden"),
        (Facts(age=999 * HOURS, rendered_here=False, requires="verified"), "hidden"),
        (Facts(age=HOURS, rendered_here=True, public=True), "hidden"),
        (Facts(age=HOURS, rendered_here=True, public=True, audience="public"), "answer"),
    ],
)
def test_the_table_of_resuming(facts: Facts, verdict: str) -> None:
    assert decide(facts) == verdict


@pytest.mark.scenario("J-1")
def test_a_run_of_the_morning_goes_on_in_the_web_at_the_same_step() -> None:
    player = Player(journey(ASK, MENU)).later(hours=5).goes_to(WEB, assurance="verified").says("hello?")
    assert isinstance(player.given, Resume)
    assert player.words == ["We were about to check your modem.", "Serial?"]
    assert (player.run.step_id, player.run.wait.rendered_on) == ("serial", (PHONE, WEB))
    player.says("AB12")
    assert (player.words, player.vars["serial"]) == (["What?"], "AB12")


@pytest.mark.scenario("J-1")
def test_a_widget_that_opens_offers_and_one_tap_goes_on_without_saying_it_twice() -> None:
    player = Player(from_library("order_chair")).says("1").later(hours=5).goes_to(WEB)
    assert resume.verdict(player.version, player.run, player.now, player.context, pull=True) == "offer"
    player.puts(Offer())
    assert player.words == ["We were choosing your budget for the Ergo task chair."]
    player.taps(player.payloads()["Continue"])
    assert player.words == ["Good choice. What is your budget for the Ergo task chair, in euros?"]
    assert (player.run.step_id, dict(player.vars)) == ("budget", {"chair": "ergo"})
    assert player.says("400").run.step_id == "priority"


def test_what_is_open_here_already_is_not_offered_again() -> None:
    player = Player(journey(ASK))
    assert resume.verdict(player.version, player.run, player.now, player.context, pull=True) == "answer"


@pytest.mark.scenario("J-5")
@pytest.mark.parametrize(("said", "status"), [("AB12", "completed"), ("cancel", "cancelled"), ("", "waiting")])
def test_a_run_is_open_until_it_is_answered_cancelled_or_expired(said: str, status: str) -> None:
    assert Player(journey(ASK)).says(said).run.status == status


@pytest.mark.scenario("J-6")
@pytest.mark.parametrize(
    ("hours", "given"), [(23.98, "Resume"), (24.02, "Offer"), (6.9 * 24, "Offer"), (7.1 * 24, "Expire")]
)
def test_age_decides_between_resume_offer_and_a_fresh_start(hours: float, given: str) -> None:
    player = Player(journey(ASK)).later(hours=hours).goes_to(WEB).says("AB12")
    assert type(player.given).__name__ == given
    assert ("serial" in player.vars) is False


@pytest.mark.scenario("J-6")
def test_an_expired_run_says_so_and_asks_for_a_fresh_start() -> None:
    player = Player(journey(ASK, policy={"on_expire": "restart"})).later(days=8).says("AB12")
    assert (player.run.status, player.words) == ("expired", ["It has been a while, so let us start afresh."])
    assert player.effects[-2:] == (EndRun("expired", "age"), StartRun("test"))


@pytest.mark.scenario("J-7")
def test_a_number_on_another_channel_is_not_an_option_of_the_menu() -> None:
    player = Player(journey(MENU), place=WEB).goes_to(PHONE).says("2")
    assert isinstance(player.given, Resume)
    assert (player.run.step_id, dict(player.vars)) == ("what", {})
    assert player.says("2").vars == {"what": "b"}


@pytest.mark.scenario("J-7")
def test_the_same_channel_at_another_address_has_not_seen_the_menu() -> None:
    assert isinstance(Player(journey(MENU)).goes_to("whatsapp/+34600000002").says("2").given, Resume)


@pytest.mark.scenario("J-8")
@pytest.mark.parametrize(
    ("said", "option"), [("1", "continue"), ("2", "restart"), ("3", "other"), ("Start over", "restart")]
)
def test_an_offer_is_answered_by_number_or_label(said: str, option: str) -> None:
    player = Player(journey(MENU)).later(hours=30).goes_to("sms/+34600000001").says("hi")
    assert [option.label for option in player.said[0].options] == ["Continue", "Start over", "Something else"]
    assert player.says(said).given == Aside(option)


@pytest.mark.scenario("J-8")
def test_the_three_answers_continue_start_over_and_leave() -> None:
    def offered() -> Player:
        return Player(journey(MENU)).later(hours=30).says("hi")

    assert offered().says("1").words == ["What?"]
    assert offered().says("2").did(StartRun) == [StartRun("test", "replace")]
    left = offered().says("3")
    assert (left.run.status, left.did(StartRun)) == ("suspended", [StartRun("main_menu", "push")])


def test_an_offer_does_not_make_the_run_young_again() -> None:
    player = Player(journey(MENU)).later(hours=30).says("hi").says("blah")
    assert isinstance(player.given, Offer)
    assert type(player.later(days=6).says("1").given).__name__ == "Expire"


def test_a_tap_on_the_very_step_still_counts_after_a_day() -> None:
    player = Player(journey(MENU))
    tap = player.payloads()["Two"]
    assert player.later(hours=30).taps(tap).vars == {"what": "b"}


def test_without_proof_nothing_of_the_run_shows_and_the_run_does_not_notice() -> None:
    version = journey(ASK, MENU, policy={"requires": "verified"}, title="Secret journey")
    player = Player(version, assurance="verified").says("AB12")
    before = player.run
    player.goes_to(WEB, assurance="none").later(hours=1).says("2")
    assert isinstance(player.given, Hidden)
    assert player.run == before
    assert not any(word in str(player.effects) for word in ("Secret", "AB12", "modem", "What?", "serial", "'what'"))


def test_without_proof_no_command_reaches_the_run() -> None:
    player = Player(journey(ASK, policy={"requires": "verified"}), assurance="verified").goes_to(WEB, assurance="none")
    assert isinstance(player.says("back").given, Hidden)


def test_in_a_public_place_a_private_journey_asks_for_a_direct_message() -> None:
    player = Player(journey(ASK)).goes_to("discord/server", public=True).says("hi")
    assert player.words == ["Others can read along here. Please send me a direct message."]


def test_a_suspended_run_comes_back_with_its_returning_sentence() -> None:
    player = Player(journey(ASK)).says("menu")
    assert player.run.status == "suspended"
    player.puts(Resume())
    assert (player.run.status, player.words) == ("waiting", ["We were about to check your modem.", "Serial?"])


def test_while_a_human_is_asked_for_the_question_is_not_repeated() -> None:
    player = Player(from_library("order_chair")).says("agent").says("are you there?")
    assert player.words == ["I am still working on that. You will hear from me here."]


def test_an_expired_run_still_hears_the_word_agent() -> None:
    assert Player(from_library("order_chair")).later(days=9).says("agent").given == Command("agent")


def test_the_prompt_for_a_screen_changes_nothing() -> None:
    player = Player(journey(MENU))
    said = engine.prompt(player.version, player.run, player.now, player.context, resumed=True)
    assert [type(say.content) for say in said][-1] is Choice
    assert said[0].content.text == "We were in the middle of: Test."
