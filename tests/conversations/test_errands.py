"""Do requests, waits and journeys beneath go out as written, and does the run go on where their result leads?"""

import json
from datetime import timedelta
from typing import Any

import pytest

from conversations.journeys.effects import Alert, Await, Call, EndRun, Fork, SetAttribute, SetTimer, StartRun
from conversations.journeys.state import (
    ENDED,
    ChildResult,
    Command,
    HandoverResult,
    Happened,
    Rang,
    RequestResult,
    Resume,
    Timeout,
    Triggered,
    Wait,
    Waiting,
)
from conversations.journeys.triggers import Table
from tests.conversations.playing import Player, loose

SERIAL = {"id": "serial", "type": "ask", "text": "Serial?", "resume": "We were at the serial."}
CHECK: dict[str, Any] = {
    "id": "check",
    "type": "request",
    "connection": "telco",
    "send": {"method": "POST", "path": "/modems/{{ vars.serial }}/check", "body": {"action": "look", "n": "= 3"}},
    "idempotent": True,
    "retry": {"attempts": 3, "on": ["timeout", "5xx"]},
    "map": {"vars.eta": "$.jobs[0].eta", "customer.modem": "$.model"},
    "on": {"404": "unknown", "error": "sorry"},
}
SHOW = {"id": "show", "type": "end", "text": "In {{ vars.eta|default('some') }} minutes."}
UNKNOWN = {"id": "unknown", "type": "end", "text": "No such modem."}
SORRY = {"id": "sorry", "type": "end", "text": "Try later."}
ANSWER = {"jobs": [{"eta": 7}], "model": "M1"}


def asking(**changed: Any) -> Player:
    """A player whose run has just sent its request."""
    return Player(loose(SERIAL, CHECK | changed, SHOW, UNKNOWN, SORRY)).says("AB12")


def test_a_request_goes_out_filled_in_and_the_run_waits_for_it() -> None:
    player = asking()
    [call] = player.did(Call)
    assert (call.request.method, call.request.path) == ("POST", "/modems/AB12/check")
    assert (call.request.connection, call.request.body) == ("telco", {"action": "look", "n": 3})
    assert (call.idempotent, call.retry["attempts"], call.guard) == (True, 3, player.run.seq)
    assert (player.run.wait.kind, player.run.wait.token, player.words) == ("request", player.run.seq, [])


def test_a_good_answer_is_mapped_and_leads_on() -> None:
    player = asking()
    player.puts(RequestResult(player.run.seq, 200, ANSWER))
    assert (player.words, player.vars["eta"]) == (["In 7 minutes."], 7)
    assert player.did(SetAttribute) == [SetAttribute("modem", "M1", "check")]


def test_a_good_answer_without_the_value_clears_what_was_known() -> None:
    player = Player(loose(CHECK, SHOW, UNKNOWN, SORRY, vars={"eta": {"default": 9}, "serial": {"default": "x"}}))
    player.puts(RequestResult(player.run.seq, 204))
    assert (player.words, "eta" in player.vars) == (["In some minutes."], False)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"status": 404}, "No such modem."),
        ({"status": 404, "error": "not_json"}, "No such modem."),
        ({"status": 500}, "Try later."),
        ({"status": 418, "data": ANSWER}, "Try later."),
        ({"status": 200, "error": "not_json"}, "Try later."),
        ({"error": "timeout"}, "Try later."),
        ({"error": "breaker"}, "Try later."),
    ],
)
def test_every_other_answer_takes_its_edge_and_maps_nothing(result: dict[str, Any], words: str) -> None:
    player = asking()
    player.puts(RequestResult(player.run.seq, **result))
    assert (player.words, dict(player.vars)) == ([words], {"serial": "AB12"})


def test_a_failure_without_an_edge_says_one_sentence_and_offers_an_agent() -> None:
    player = asking(on={})
    player.puts(RequestResult(player.run.seq, error="timeout"))
    assert player.said[-1].options[0].payload == "command:agent"
    assert (len(player.said), player.run.status, player.run.status in ENDED) == (1, "failed", True)


@pytest.mark.scenario("J-33")
def test_an_answer_that_comes_too_late_changes_nothing() -> None:
    player = asking()
    late = RequestResult(player.run.seq, 200, ANSWER)
    player.puts(Command("cancel"))
    assert player.run.status == "cancelled"
    before = player.run
    player.puts(late)
    assert (player.run, player.effects) == (before, ())


def test_an_answer_to_an_earlier_request_changes_nothing() -> None:
    player = asking()
    before = player.run
    player.puts(RequestResult(player.run.seq - 1, 200, ANSWER))
    assert (player.run, player.effects) == (before, ())


def test_while_a_request_is_out_the_customer_hears_that_it_takes_its_time() -> None:
    player = asking().says("hello?")
    assert (player.given, player.words) == (Waiting(), ["I am still working on that. You will hear from me here."])
    assert player.puts(Resume()).words == ["I am still working on that. You will hear from me here."]


def test_a_request_that_goes_round_without_anybody_is_cut() -> None:
    player = Player(loose(CHECK | {"send": {"method": "GET", "path": "/x"}, "next": "check"}, UNKNOWN, SORRY))
    for _ in range(5):
        player.puts(RequestResult(player.run.seq, 200, {}))
    assert player.did(Alert) == [Alert("limit_circling", "check")]
    assert player.run.status == "failed"


@pytest.mark.scenario("J-20")
def test_change_clears_what_a_request_and_a_journey_made_of_it_and_asks_again() -> None:
    note = {"id": "note", "type": "message", "text": "Noted once", "once": True}
    find = {"id": "find", "type": "journey", "run": "other", "with": {"eta": "= vars.eta"}, "returns": {"vars.x": "y"}}
    why = {"id": "why", "type": "ask", "text": "Why?"}
    player = Player(loose(SERIAL, note, CHECK, find, why, SHOW, UNKNOWN, SORRY)).says("AB12")
    player.puts(RequestResult(player.run.seq, 200, ANSWER))
    player.puts(ChildResult("completed", player.run.seq, {"y": 1}))
    assert (dict(player.vars), player.words) == ({"serial": "AB12", "eta": 7, "x": 1}, ["Why?"])
    player.says("change serial")
    assert (dict(player.vars), player.words) == ({}, ["Serial?"])
    player.says("CD34")
    assert (player.did(Call)[0].request.path, player.words) == ("/modems/CD34/check", [])


def test_what_a_once_step_made_is_kept_for_it_would_not_be_made_again() -> None:
    why = {"id": "why", "type": "ask", "text": "Why?"}
    player = Player(loose(SERIAL, CHECK | {"once": True}, why, SHOW, UNKNOWN, SORRY)).says("AB12")
    player.puts(RequestResult(player.run.seq, 200, ANSWER)).says("change serial").says("CD34")
    assert (player.words, dict(player.vars), player.did(Call)) == (["Why?"], {"serial": "CD34", "eta": 7}, [])


def test_a_wait_for_a_time_sets_a_timer_and_goes_on_when_it_rings() -> None:
    player = Player(loose({"id": "w", "type": "wait", "for": "5m"}, SHOW))
    assert player.did(SetTimer) == [SetTimer("journey_timeout", timedelta(minutes=5), player.run.seq)]
    assert player.puts(Timeout(player.run.seq - 1)).words == []
    assert player.puts(Timeout(player.run.seq)).words == ["In some minutes."]


@pytest.mark.parametrize("result", [Rang, lambda token: Happened("paid", token)])
def test_a_wait_for_hours_or_an_event_goes_on_when_it_comes(result: Any) -> None:
    fields = {"event": "paid"} if result is not Rang else {"until": "business_hours"}
    player = Player(loose({"id": "w", "type": "wait", "max": "24h", "on": {"timeout": "sorry"}} | fields, SHOW, SORRY))
    [awaited] = player.did(Await)
    assert (awaited.opening, awaited.event, awaited.most) == (
        result is Rang,
        fields.get("event", ""),
        timedelta(days=1),
    )
    assert player.puts(Happened("another", player.run.seq)).words == []
    assert player.puts(result(player.run.seq)).words == ["In some minutes."]


PAID: dict[str, Any] = {"id": "w", "type": "wait", "event": "paid", "max": "1h", "on": {"timeout": "sorry"}}
THANKS = {"id": "thanks", "type": "message", "text": "Thanks for {{ event.amount }} by {{ event.card.kind }}."}
LARGE = {"id": "large", "type": "branch", "cases": [{"if": "event.amount > 100", "next": "sorry"}], "else": "show"}


def test_what_is_told_with_an_event_is_read_by_the_steps_after_the_wait() -> None:
    player = Player(loose(PAID, THANKS, {"id": "why", "type": "ask", "text": "Why?"}, LARGE, SHOW, SORRY))
    player.puts(Happened("paid", player.run.seq, {"amount": 120, "card": {"kind": "Visa"}}))
    assert player.words == ["Thanks for 120 by Visa.", "Why?"]
    assert player.says("for fun").words == ["Try later."]


def test_an_event_that_is_waited_for_anew_has_no_data_of_the_one_before() -> None:
    player = Player(loose(PAID, THANKS, PAID | {"id": "w2"}, THANKS | {"id": "again", "next": "w"}, SHOW, SORRY))
    player.puts(Happened("paid", player.run.seq, {"amount": 1, "card": {"kind": "Visa"}}))
    assert player.puts(Happened("paid", player.run.seq, {"amount": 2})).words == ["Thanks for 2 by ."]


def test_a_job_that_goes_on_beside_knows_the_event_and_the_link_of_its_run() -> None:
    job = {"id": "job", "type": "task", "connection": "telco", "send": {"path": "/x"}, "background": True}
    player = Player(loose(PAID, job, SHOW, SORRY), link={"word": "summer"})
    player.puts(Happened("paid", player.run.seq, {"amount": 1}))
    assert player.did(Fork)[0].values == {"_event": {"amount": 1}, "_link": {"word": "summer"}}


@pytest.mark.parametrize("odd", [None, "x", ["x"], {"amount": 10**400}, {"amount": "x" * 300_000}])
def test_an_event_without_data_or_with_too_much_of_it_goes_on_without(odd: Any) -> None:
    player = Player(loose(PAID, THANKS, SHOW, SORRY))
    assert player.puts(Happened("paid", player.run.seq, odd)).words == ["Thanks for  by .", "In some minutes."]


def test_a_wait_that_lasts_too_long_takes_its_own_edge() -> None:
    wait = {"id": "w", "type": "wait", "event": "paid", "max": "1h", "on": {"timeout": "sorry"}}
    player = Player(loose(wait, SHOW, SORRY))
    assert player.puts(Timeout(player.run.seq)).words == ["Try later."]


def test_who_waits_long_can_do_other_things_meanwhile_and_the_run_does_not_grow_old() -> None:
    table = Table({"modem": Triggered("modem_restart")})
    player = Player(loose({"id": "w", "type": "wait", "for": "30d"}, SHOW), table=table).later(days=10).says("hello")
    assert player.given == Waiting()
    assert player.says("modem").run.status == "suspended"
    assert player.did(StartRun) == [StartRun("modem_restart", "push")]
    assert player.puts(Timeout(player.run.seq)).run.status == "completed"


def test_a_journey_beneath_gets_values_and_gives_some_back() -> None:
    find = {"id": "find", "type": "journey", "run": "find_serial", "with": {"name": "= customer.first_name"}}
    player = Player(loose(find | {"returns": {"vars.eta": "found"}}, SHOW), customer={"first_name": "Ana"})
    assert player.did(StartRun) == [StartRun("find_serial", "child", {"name": "Ana"})]
    assert player.run.wait == Wait("child", 1, rendered_on=(player.context.place,))
    assert player.puts(ChildResult("completed", 1, {"found": 5, "secret": 1})).words == ["In 5 minutes."]
    assert dict(player.vars) == {"eta": 5}


@pytest.mark.parametrize("outcome", ["cancelled", "expired", "failed"])
def test_a_journey_beneath_that_does_not_complete_takes_the_failed_edge_or_ends_as_it_did(outcome: Any) -> None:
    find = {"id": "find", "type": "journey", "run": "other"}
    player = Player(loose(find | {"on": {"failed": "sorry"}}, SHOW, SORRY))
    assert player.puts(ChildResult(outcome, 1)).words == ["Try later."]
    player = Player(loose(find, SHOW)).puts(ChildResult(outcome, 1))
    assert (player.words, player.run.status, player.did(EndRun)[0].outcome) == ([], outcome, outcome)


def test_more_than_twenty_journeys_beneath_one_run_are_cut() -> None:
    player = Player(loose({"id": "find", "type": "journey", "run": "other", "next": "find"}, SHOW))
    for _ in range(20):
        player.puts(ChildResult("completed", player.run.seq))
    assert Alert("limit_children", "find") in player.effects


def test_a_human_asked_for_in_the_middle_of_a_request_does_not_send_it_twice() -> None:
    player = asking().puts(Command("agent"))
    assert player.run.wait.kind == "handover"
    player.puts(HandoverResult("closed", player.run.seq))
    assert (player.run.status, player.did(Call)) == ("completed", [])


@pytest.mark.parametrize("shape", [{"if": "vars.serial == 'x'"}, {"requires": "verified"}])
def test_conditions_and_proofs_hold_for_requests_too(shape: dict[str, Any]) -> None:
    player = asking(**shape)
    assert player.did(Call) == []
    assert (player.run.wait and player.run.wait.kind) == ("proof" if "requires" in shape else None)


def test_a_waiting_run_survives_being_stored() -> None:
    run = asking().run
    assert Wait.from_json(json.loads(json.dumps(run.wait.to_json()))) == run.wait


def test_an_answer_that_is_too_large_to_keep_is_not_kept() -> None:
    player = asking()
    player.puts(RequestResult(player.run.seq, 200, {"jobs": [{"eta": "x" * 9000}]}))
    assert player.words == ["In some minutes."]


def test_a_link_that_began_the_run_is_known_in_every_later_turn() -> None:
    bye = {"id": "bye", "type": "end", "text": "From {{ link.campaign }}, for {{ vars.serial }}"}
    player = Player(loose(SERIAL, bye), link={"campaign": "autumn"})
    player.goes_to(player.context.place, link={}).says("AB12")
    assert player.words == ["From autumn, for AB12"]
