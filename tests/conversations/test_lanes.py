"""Does a job in the background leave what is in front alone, and does each word find the run that it answers?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from conversations.capabilities import of
from conversations.journeys import engine, lanes, matching, render
from conversations.journeys.effects import Fork, HandOver, Record, StartRun, StartTask
from conversations.journeys.lanes import Open
from conversations.journeys.state import Chosen, Context, Heard, RunState, Stale, TaskResult
from tests.conversations.playing import MORNING, Player, loose

SMS = "sms/+34600000001"
GO: dict[str, Any] = {
    "id": "go",
    "type": "task",
    "connection": "telco",
    "background": True,
    "send": {"method": "POST", "path": "/jobs", "body": {"serial": "= vars.serial"}},
    "cancel": {"method": "DELETE", "path": "/jobs/{{ vars.serial }}"},
    "deadline": "20m",
    "progress": "Step {{ task.step }} of {{ task.total }}",
    "on": {"done": "done", "failed": "failed", "timeout": "failed"},
}
CHAIR = {
    "id": "chair",
    "type": "menu",
    "text": "Which?",
    "options": [{"id": "ergo", "label": "Ergo"}, {"id": "mesh", "label": "Mesh"}],
}
WHY = {"id": "why", "type": "ask", "text": "Why?"}
BYE = {"id": "bye", "type": "end", "text": "Bye"}
FAILED = {
    "id": "failed",
    "type": "menu",
    "text": "It failed: {{ task.text }}. What now?",
    "options": [
        {"id": "retry", "label": "Retry", "next": "go"},
        {"id": "cancel", "label": "Cancel", "next": "bye"},
        {"id": "human", "label": "Agent", "next": "agent"},
    ],
}
DONE = {"id": "done", "type": "end", "text": "Online again, said {{ task.data.by }}.", "then": "main_menu"}
AGENT = {"id": "agent", "type": "handover", "skill": "technical"}
VERSION = loose(GO, CHAIR, WHY, BYE, FAILED, DONE, AGENT)
SPANISH = loose(
    GO,
    CHAIR,
    FAILED,
    DONE,
    AGENT,
    BYE,
    languages=["en", "es"],
    translations={
        "es": {
            "failed.options.retry": "Reintentar",
            "failed.options.cancel": "Cancelar",
            "failed.options.human": "Agente",
        }
    },
)


class Two(Player):
    """A customer with a run in front, and one that it has forked, which tells the customer when it fails."""

    def __init__(self, version: Any = VERSION, **context: Any) -> None:
        super().__init__(version, SMS, **context)
        [fork] = self.did(Fork)
        run = RunState("b1", "", vars=fork.values)
        self.job = engine.begin(version, run, fork.step_id, self.now, self.context)

    def reports(self, outcome: Any, **data: Any) -> "Two":
        self.job = engine.step(
            self.version, self.job.run, TaskResult(outcome, self.job.run.seq, data), self.now, self.behind()
        )
        return self

    def behind(self) -> Context:
        return replace(self.context, hushed=lanes.is_hushed(Open(self.version, self.run), self.context))

    def says(self, text: str, payload: str = "") -> "Two":
        heard = Heard(text, self.now, payload, *self.context.place.split("/"))
        behind = [Open(self.version, self.job.run)]
        found = lanes.meant(Open(self.version, self.run), behind, heard, self.context)
        if found is None:
            super().says(text, payload)
        else:
            self.job = engine.step(self.version, found[0].run, found[1], self.now, self.behind())
        return self

    @property
    def told(self) -> str:
        """What the job's last turn looks like on the channel, as text."""
        contents = [effect.content for effect in self.job.effects if hasattr(effect, "content")]
        shown = [part for content in contents for part in render.render(content, of("sms")).messages]
        return "\n".join(part.plain_text() for part in shown)


@pytest.mark.scenario("J-37")
def test_a_job_in_the_background_starts_and_the_customer_goes_on() -> None:
    two = Two()
    [start] = [effect for effect in two.job.effects if isinstance(effect, StartTask)]
    assert (start.request.path, start.deadline.seconds, start.attempt, start.guard) == ("/jobs", 1200, 1, 1)
    assert (start.progress, start.cancel) == ("Step {{ task.step }} of {{ task.total }}", None)
    assert (two.run.step_id, two.run.lane, two.job.run.lane) == ("chair", "foreground", "background")
    before = two.run
    two.reports("failed", text="no power")
    assert two.run == before


def test_what_stops_a_job_is_filled_in_when_it_starts() -> None:
    serial = {"id": "serial", "type": "set", "set": {"vars.serial": "A/1"}}
    two = Two(loose(serial, GO, CHAIR, FAILED, DONE, AGENT, BYE))
    [start] = [effect for effect in two.job.effects if isinstance(effect, StartTask)]
    assert (start.request.body, start.cancel and start.cancel.path) == ({"serial": "A/1"}, "/jobs/A%2F1")


def test_the_end_of_a_job_is_said_with_its_report_and_begins_nothing_in_front() -> None:
    two = Two().reports("done", data={"by": "the modem"})
    assert two.told == "Online again, said the modem."
    assert not any(isinstance(effect, StartRun) for effect in two.job.effects)


@pytest.mark.scenario("J-39")
def test_a_number_answers_what_is_in_front_and_a_letter_the_menu_behind() -> None:
    two = Two().reports("failed", text="no power")
    assert two.told == "It failed: no power. What now?\nR) Retry\nC) Cancel\nA) Agent"
    two.says("1")
    assert (two.run.step_id, two.vars["chair"], two.job.run.step_id) == ("why", "ergo", "failed")
    two = Two().reports("failed", text="no power").says("r")
    assert (two.run.step_id, two.job.run.step_id, two.job.run.wait.kind) == ("chair", "go", "task")


@pytest.mark.scenario("J-39")
def test_where_free_text_is_asked_for_the_letter_is_the_answer_and_needs_a_mark() -> None:
    two = Two().says("1").reports("failed", text="no power")
    assert "#R) Retry" in two.told
    two.says("#R")
    assert (two.run.step_id, two.job.run.step_id) == ("why", "go")
    two = Two().says("1").reports("failed", text="no power").says("R")
    assert (two.vars["why"], two.run.status, two.job.run.step_id) == ("R", "completed", "failed")


@pytest.mark.parametrize("said", ["Retry", "retry!", "#retry", "R)", "#r"])
def test_the_label_means_the_same_as_the_letter(said: str) -> None:
    assert Two().reports("failed").says(said).job.run.step_id == "go"


@pytest.mark.parametrize("said", ["cancel", "Mesh", "2", "#2", "X", "retry it now", ""])
def test_what_is_no_letter_and_no_label_or_means_something_in_front_leaves_the_menu_open(said: str) -> None:
    two = Two().reports("failed")
    before = two.job.run
    assert two.says(said).job.run == before


def test_a_tap_always_finds_its_own_run() -> None:
    two = Two().reports("failed").says("", "b1:2:retry")
    assert two.job.run.step_id == "go"
    assert two.says("", "b1:2:cancel").job.run.step_id == "go"
    assert two.says("", "r1:1:mesh").vars["chair"] == "mesh"
    heard = Heard("", MORNING, "b1:1:retry", "sms", "+34600000001")
    found = lanes.meant(None, [Open(VERSION, Two().reports("failed").job.run)], heard, Context(place=SMS))
    assert found and found[1] == Stale()


def test_a_menu_that_was_shown_elsewhere_takes_no_words_here() -> None:
    two = Two().reports("failed").goes_to("whatsapp/1")
    before = two.job.run
    assert two.says("R").job.run == before


def test_without_a_question_in_front_even_a_command_word_is_the_label() -> None:
    run = Two().reports("failed").job.run
    heard = Heard("cancel", MORNING, "", "sms", "+34600000001")
    found = lanes.meant(None, [Open(VERSION, run)], heard, Context(place=SMS))
    assert found == (Open(VERSION, run), Chosen("cancel", "cancel"))


@pytest.mark.parametrize(("said", "option"), [("Cancel", "cancel"), ("agent", "human")])
def test_a_command_word_is_the_label_of_the_menu_shown_last_and_else_a_command(said: str, option: str) -> None:
    two = Two()
    two.now += timedelta(seconds=5)
    job = Open(VERSION, two.reports("failed").job.run)
    heard = Heard(said, two.now, "", "sms", "+34600000001")
    assert lanes.meant(Open(VERSION, two.run), [job], heard, two.context) == (job, Chosen(option, said))
    two.now += timedelta(seconds=5)
    front = Open(VERSION, two.says("what?").run)
    assert lanes.meant(front, [job], heard, two.context) is None


def test_letters_follow_the_language_and_are_unique() -> None:
    assert Two(SPANISH, language="es").reports("failed").job.run.wait.letters == ("R", "C", "A")
    assert matching.letters(["Retry", "Restart", "Resume"]) == ("R", "E", "S")
    assert matching.letters(["再试", "取消"]) == ("A", "B")
    assert matching.letters(["Retry", "Cancel"], "R") == ("E", "C")
    many = matching.letters(["x"] * 40, "ABC")
    assert len(set(many)) == 40


@pytest.mark.scenario("J-46")
def test_after_three_failed_attempts_there_is_no_retry() -> None:
    two = Two()
    attempts = []
    for _ in range(3):
        attempts += [effect.attempt for effect in two.job.effects if isinstance(effect, StartTask)]
        two.reports("failed", text="no").says("R")
    assert attempts == [1, 2, 3]
    assert two.job.run.wait.options == ("cancel", "human")
    assert two.says("", "b1:6:retry").job.run.step_id == "failed"


@pytest.mark.scenario("J-38")
def test_the_three_ways_on_from_a_failure() -> None:
    assert Two().reports("failed").says("C").job.run.status == "completed"
    retried = Two().reports("failed").says("R")
    assert [effect.attempt for effect in retried.job.effects if isinstance(effect, StartTask)] == [2]
    human = Two().reports("failed").says("A")
    assert [effect.skill for effect in human.job.effects if isinstance(effect, HandOver)] == ["technical"]
    assert (human.job.run.lane, human.job.run.wait.kind) == ("foreground", "handover")


def test_a_question_after_the_customers_choice_comes_to_the_front() -> None:
    ask = FAILED | {"options": [{"id": "note", "label": "Leave a note", "next": "why"}]}
    two = Two(loose(GO, CHAIR, ask, DONE, WHY, BYE)).reports("failed").says("L")
    assert (two.job.run.lane, two.job.run.step_id, two.job.run.wait.letters) == ("foreground", "why", ())


@pytest.mark.scenario("J-43")
def test_of_a_deadline_and_an_end_only_the_first_counts() -> None:
    two = Two()
    late = TaskResult("done", two.job.run.seq, {})
    two.reports("timeout")
    before = two.job.run
    turn = engine.step(VERSION, before, late, MORNING, two.context)
    assert (turn.run, turn.effects) == (before, ())


def test_a_job_in_front_is_waited_for_and_its_last_report_is_the_status() -> None:
    player = Player(loose(GO | {"background": False}, FAILED, DONE, AGENT, BYE))
    assert (player.run.wait.kind, len(player.did(StartTask)), player.did(Fork)) == ("task", 1, [])
    assert player.says("well?").words == ["I am still working on that. You will hear from me here."]
    player.goes_to(player.context.place, task={"step": 2, "total": 4})
    assert player.says("well?").words == ["Step 2 of 4"]
    player.puts(TaskResult("done", player.run.seq, {"data": {"by": "us"}}))
    assert player.words == ["Online again, said us."]
    assert player.did(StartRun) == [StartRun("main_menu")]


def test_the_report_is_still_known_when_the_menu_is_shown_once_more() -> None:
    two = Two().reports("failed", text="no power")
    assert "no power" in engine.prompt(VERSION, two.job.run, MORNING, two.context)[0].content.text
    assert dict(two.job.run.vars) == {"_task": {"text": "no power"}}


def test_a_job_without_edges_ends_quietly_when_done_and_with_an_offer_when_it_failed() -> None:
    version = loose(GO | {"on": {}}, CHAIR, BYE)
    done, failed = Two(version).reports("done"), Two(version).reports("failed")
    assert (done.told, done.job.run.status) == ("", "completed")
    assert failed.told.endswith("Would you like to talk to someone?\nagent) Talk to someone")  # no number: it is behind
    assert failed.job.run.status == "failed"
    assert Two(version).reports("cancelled").job.run.status == "cancelled"


def test_a_menu_behind_that_comes_round_too_often_ends_with_one_sentence() -> None:
    menu = FAILED | {"options": [{"id": "again", "label": "Again", "next": "failed"}]}
    two = Two(loose(GO, CHAIR, menu, DONE, BYE)).reports("failed")
    for _ in range(6):  # the first brings a new value
        two.says("A")
    assert (two.job.run.status, two.told.count("agent) Talk to someone")) == ("failed", 1)
    assert two.run.step_id == "chair"


def test_a_forked_run_is_logged_as_started_and_the_one_in_front_as_forked() -> None:
    two = Two()
    assert two.did(Record)[0] == Record("go", "task", "forked")
    assert [one for one in two.job.effects if isinstance(one, Record)][-1] == Record("go", "task", "started", "1")
