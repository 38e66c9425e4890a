"""Does the engine walk, wait, correct and give up as section 6 and 7 of the journeys page say?"""

import pytest

from conversations.journeys import engine, triggers
from conversations.journeys.effects import EndRun, HandOver, Record, SetAttribute, StartRun
from conversations.journeys.state import Again, Answer, Chosen, Stale, Triggered
from tests.conversations.playing import MORNING, Player, from_library, journey

CHAIR = {
    "id": "chair",
    "type": "menu",
    "text": "Which chair?",
    "options": [
        {"id": "ergo", "label": "Ergo task chair"},
        {"id": "mesh", "label": "Mesh executive", "aliases": ["net"]},
    ],
}
BUDGET = {"id": "budget", "type": "ask", "title": "Money", "text": "Budget?", "expect": {"kind": "number", "min": 50}}
WHY = {"id": "why", "type": "ask", "text": "Why?", "resume": "We were at why."}
AGENT = {"id": "agent", "type": "handover", "skill": "sales", "intake": "prechat", "on": {"offline": "bye"}}
BYE = {"id": "bye", "type": "end", "text": "Bye"}


def test_a_journey_begins_by_saying_and_asking() -> None:
    player = Player(from_library("order_chair"))
    assert player.words[0] == "Hi there! Let us find you a chair. It takes a minute."
    assert [option.label for option in player.said[1].options] == [
        "Ergo task chair",
        "Mesh executive",
        "Standing stool",
    ]
    assert (player.run.status, player.run.step_id, player.run.seq) == ("waiting", "chair", 1)


def test_the_demo_journey_runs_to_its_order() -> None:
    player = Player(from_library("order_chair")).says("2").says("about 400 euros").says("my back")
    assert player.words[0] == "Here is what I have:\nChair: Mesh executive\nBudget: €400\nWhat matters: my back"
    player.says("place the order")
    assert player.did(EndRun) == [EndRun("completed", "ordered", dict(player.vars))]
    assert {effect.key: effect.value for effect in player.did(SetAttribute)} == {
        "last_order": "mesh",
        "last_ordered_at": "2026-11-20T08:00:00+00:00",
    }


@pytest.mark.parametrize("said", ["2", "2)", "Mesh Executive", "net", "🪑 mesh executive!", "mesh exekutive", "2️⃣"])
def test_number_alias_label_emoji_and_small_slips_mean_the_same(said: str) -> None:
    player = Player(journey(CHAIR, WHY)).says(said)
    assert player.given == Chosen("mesh", said)


@pytest.mark.parametrize("said", ["3", "0", "chair", "banana", "", "12345678901234567890"])
def test_what_is_no_option_chooses_nothing(said: str) -> None:
    player = Player(journey(CHAIR, WHY)).says(said)
    assert player.run.step_id == "chair"
    assert player.run.tries.refused == (said,)


def test_an_unclear_slip_chooses_nothing() -> None:
    menu = CHAIR | {"options": [{"id": "a", "label": "chair red"}, {"id": "b", "label": "chair rad"}]}
    assert Player(journey(menu)).says("chair rid").run.step_id == "chair"


@pytest.mark.scenario("J-15")
def test_a_button_tapped_twice_advances_once_and_prompts_once() -> None:
    player = Player(journey(CHAIR, BUDGET))
    tap = player.payloads()["Mesh executive"]
    player.taps(tap)
    assert (player.run.step_id, player.words) == ("budget", ["Budget?"])
    seq = player.run.seq
    player.taps(tap)
    assert player.given == Stale(is_second=True)
    assert (player.run.step_id, player.run.seq, player.words) == ("budget", seq, [])


@pytest.mark.scenario("J-15")
def test_another_option_of_the_same_menu_and_a_late_second_tap_are_told_expired() -> None:
    player = Player(journey(CHAIR, BUDGET))
    taps = player.payloads()
    player.taps(taps["Mesh executive"]).taps(taps["Ergo task chair"])
    assert player.words == ["That menu has expired.", "Budget?"]
    player.later(minutes=2).taps(taps["Mesh executive"])
    assert player.words == ["That menu has expired.", "Budget?"]


@pytest.mark.scenario("J-16")
def test_a_button_of_an_older_seq_is_told_expired_and_the_current_prompt_follows() -> None:
    player = Player(journey(CHAIR, BUDGET, WHY))
    old = player.payloads()["Ergo task chair"]
    player.says("1").says("60").taps(old)
    assert player.words == ["That menu has expired.", "Why?"]
    assert player.vars["chair"] == "ergo"


def test_a_button_of_another_run_chooses_nothing() -> None:
    player = Player(journey(CHAIR, BUDGET)).taps("r2:1:ergo")
    assert isinstance(player.given, Stale)
    assert player.run.step_id == "chair"


@pytest.mark.scenario("J-18")
def test_one_that_cannot_be_interrupted_says_the_same_prompt_again() -> None:
    other = triggers.Table({"modem": Triggered("modem_restart")})
    player = Player(journey(CHAIR, policy={"interruptible": False}), table=other).says("modem")
    assert isinstance(player.given, Again)
    assert (player.words, player.run.tries.refused, player.did(StartRun)) == (["Which chair?"], (), [])


def test_one_that_can_be_interrupted_steps_aside_for_another_journey() -> None:
    other = triggers.Table({"modem": Triggered("modem_restart")})
    player = Player(journey(CHAIR), table=other).says("modem")
    assert player.run.status == "suspended"
    assert player.did(StartRun) == [StartRun("modem_restart", "push")]


def test_a_breaking_trigger_ends_the_run() -> None:
    other = triggers.Table({"fire": Triggered("alarm", breaking=True)})
    player = Player(journey(CHAIR, policy={"interruptible": False}), table=other).says("fire")
    assert player.run.status == "cancelled"
    assert player.did(StartRun) == [StartRun("alarm", "replace")]


def test_a_word_of_the_same_journey_only_prompts_again() -> None:
    version = from_library("order_chair")
    player = Player(version, table=triggers.table([version])).says("hi")
    assert (player.run.step_id, player.run.tries.refused) == ("chair", ())


def test_a_valid_answer_forgets_the_refused_ones() -> None:
    player = Player(journey(BUDGET, WHY, AGENT | {"on": {"offline": "the_end"}})).says("cheap").says("60").says("agent")
    assert player.did(HandOver)[0].attempts == ()


@pytest.mark.scenario("J-20")
def test_change_clears_the_var_and_what_was_derived_and_once_steps_are_passed_over() -> None:
    note = {"id": "note", "type": "message", "text": "Noted once", "once": True}
    rich = {"id": "rich", "type": "set", "set": {"vars.rich": "= vars.budget > 1000"}}
    tip = {"id": "tip", "type": "set", "set": {"vars.tip": "= vars.rich"}}
    player = Player(journey(BUDGET, note, rich, tip, WHY)).says("2000")
    assert (player.vars["rich"], player.vars["tip"], player.words) == (True, True, ["Noted once", "Why?"])
    player.says("change money")
    assert (player.run.step_id, dict(player.vars), player.words) == ("budget", {}, ["Budget?"])
    player.says("60")
    assert (player.vars["rich"], player.words) == (False, ["Why?"])


def test_back_asks_the_question_before_once_more() -> None:
    player = Player(journey(CHAIR, BUDGET, WHY)).says("1").says("60").says("back")
    assert (player.run.step_id, dict(player.vars)) == ("budget", {"chair": "ergo"})
    assert player.says("zurück").run.step_id == "chair"
    assert player.says("back").words == ["There is nothing to go back to.", "Which chair?"]


@pytest.mark.scenario("J-20")
def test_change_never_leaps_over_the_open_question() -> None:
    player = Player(from_library("order_chair")).says("1").says("300").says("change chair")
    assert player.says("change budget").run.step_id == "chair"
    player.says("2").says("back").says("3")
    assert (player.run.step_id, player.vars["budget"]) == ("priority", 300)
    assert player.says("change budget").words == ["Good choice. What is your budget for the Standing stool, in euros?"]


def test_a_free_answer_that_only_begins_like_a_correction_is_an_answer() -> None:
    player = Player(journey(CHAIR, WHY)).says("1").says("change of scene")
    assert player.given == Answer("change of scene", "change of scene")


@pytest.mark.scenario("J-22")
@pytest.mark.parametrize("said", ["3", "stool", "Taburete alto", "taburete ALTO", "Standing stool"])
def test_a_spanish_customer_is_understood_by_number_alias_and_label_of_either_language(said: str) -> None:
    player = Player(from_library("order_chair"), language="es")
    assert player.said[1].options[2].label == "Taburete alto"
    player.says(said)
    assert player.vars["chair"] == "stool"
    assert player.words == ["Buena elección. ¿Cuál es tu presupuesto para la Taburete alto, en euros?"]


def test_values_are_said_in_the_language_of_the_talk_and_kept_as_they_are() -> None:
    fine = {"id": "fine", "type": "ask", "text": "All right?", "expect": {"kind": "boolean"}, "resume": "Here."}
    keep = {"id": "keep", "type": "set", "set": {"vars.kept": "{{ vars.budget }} {{ vars.fine }}"}}
    told = {"id": "told", "type": "message", "text": "{{ vars.budget }}: {{ vars.fine }}"}
    spanish = Player(journey(BUDGET, fine, keep, told, languages=["en", "es"]), language="es")
    assert spanish.says("1.200,50").says("sí").words == ["1200,5: sí"]
    assert spanish.vars["kept"] == "1200.5 yes"


def test_an_unknown_language_is_answered_in_the_channels_or_the_first() -> None:
    version = from_library("order_chair")
    assert Player(version, language="fi", channel_language="es").said[1].text == "¿Qué silla te interesa?"
    assert Player(version, language="fi").said[1].text == "Which chair are you thinking of?"


@pytest.mark.scenario("J-25")
def test_a_pinned_run_finishes_on_its_version_and_a_version_without_its_step_starts_afresh() -> None:
    old, new = journey(CHAIR, BUDGET), journey(CHAIR)
    player = Player(old).says("1")
    assert engine.step(old, player.run, Answer(60), MORNING, player.context).run.status == "completed"
    turn = engine.step(new, player.run, Answer(60), MORNING, player.context)
    assert (turn.run.status, turn.effects[-1]) == ("expired", StartRun("main_menu"))


def test_a_question_whose_answer_is_known_is_skipped() -> None:
    version = journey(BUDGET, WHY, vars={"budget": {"save_to": "customer.budget"}})
    assert Player(version, customer={"budget": 700}).run.step_id == "why"
    assert Player(version, customer={"budget": "no idea"}).run.step_id == "budget"
    assert Player(version, customer={}).run.step_id == "budget"


def test_ask_always_asks_and_ask_confirm_offers_what_is_known() -> None:
    saved = {"vars": {"budget": {"save_to": "customer.budget"}}, "customer": {"budget": 700}}
    always = Player(journey(BUDGET | {"ask": "always"}, vars=saved["vars"]), customer=saved["customer"])
    assert always.words == ["Budget?"]
    confirm = Player(journey(BUDGET | {"ask": "confirm"}, vars=saved["vars"]), customer=saved["customer"])
    assert [option.label for option in confirm.said[0].options] == ["Use 700"]
    assert confirm.says("yes").vars == {"budget": 700}


def test_an_answer_is_saved_to_the_customer_and_private_values_are_masked_in_the_log() -> None:
    version = journey(WHY, vars={"why": {"save_to": "customer.reason", "pii": True}}, policy={"requires": "verified"})
    player = Player(version, assurance="verified").says("because")
    assert player.did(SetAttribute) == [SetAttribute("reason", "because", "why")]
    assert player.did(Record)[0] == Record("why", "ask", "answered", "•••")


def test_branches_conditions_and_option_conditions_choose_the_way() -> None:
    gate = {"id": "gate", "type": "branch", "cases": [{"if": "vars.budget >= 500", "next": "bye"}], "else": "why"}
    shy = WHY | {"if": "vars.budget > 100"}
    assert Player(journey(BUDGET, gate, shy, BYE)).says("500").words == ["Bye"]
    assert Player(journey(BUDGET, gate, shy, BYE)).says("200").words == ["Why?"]
    assert Player(journey(BUDGET, gate, shy, BYE)).says("60").words == ["Bye"]


def test_options_whose_condition_is_false_are_not_offered_and_numbers_close_up() -> None:
    rich = {"id": "gold", "label": "Gold", "if": "vars.budget > 1000"}
    menu = CHAIR | {"options": [rich, *CHAIR["options"]]}
    player = Player(journey(BUDGET, menu)).says("60")
    assert [option.label for option in player.said[0].options] == ["Ergo task chair", "Mesh executive"]
    assert player.says("1").vars["chair"] == "ergo"


def test_choices_and_yes_or_no_are_asked_with_options() -> None:
    sure = {"id": "sure", "type": "ask", "text": "Sure?", "expect": {"kind": "boolean"}}
    size = {
        "id": "size",
        "type": "ask",
        "text": "Size?",
        "expect": {"kind": "choice", "choices": [{"id": "s", "label": "Small"}]},
    }
    player = Player(journey(sure, size)).says("yep")
    assert (player.vars["sure"], player.said[0].options[0].label) == (True, "Small")
    assert player.says("small").vars["size"] == "s"


@pytest.mark.parametrize(("session", "is_named"), [({}, True), ({"carrier": True}, False)])
def test_help_does_not_name_the_word_that_a_carrier_takes_for_an_opt_out(session: dict, is_named: bool) -> None:
    player = Player(journey(CHAIR, BUDGET), session=session).says("help")
    assert ("“cancel”" in player.said[0].plain_text()) == is_named
