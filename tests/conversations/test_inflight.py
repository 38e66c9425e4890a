"""What becomes of the runs that have begun when a version is published? Kept, moved, begun anew, or ended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from common import clock
from conversations.journeys import definition, inflight, publishing, releasing
from conversations.journeys.inflight import Mode
from conversations.journeys.inflight_rules import fate
from conversations.models import Conversation, Journey, JourneyRun, RunChange, Session
from tests import factories
from tests.stories import cast
from tests.stories.cast import Person

pytestmark = pytest.mark.django_db

FIRST = """
journey: chairs
title: Chairs
languages: [en]
triggers: [{keyword: [chairs]}]
vars: {colour: {type: text}}
steps:
  - {id: colour, type: ask, text: "Which colour?", expect: {kind: text}, resume: We were at the colour.}
  - {id: legs, type: menu, text: "How many legs?", options: [{id: four, label: Four}, {id: five, label: Five}]}
  - {id: bye, type: end, text: "A {{ vars.colour }} one."}
"""
GENTLER = FIRST.replace("How many legs?", "How many legs shall it have?")
WITHOUT = FIRST.replace("{id: legs,", "{id: feet,")
OTHER_WAIT = FIRST.replace("{id: five, label: Five}", "{id: six, label: Six}")
NEEDY = (
    GENTLER.replace("Which colour?", "Colour?")
    .replace("vars: {", "vars: {size: {type: number}, ")
    .replace("steps:\n", "steps:\n  - {id: size, type: ask, text: Size, expect: {kind: number}, resume: Size.}\n")
    .replace("one.", "one of {{ vars.size }}.")
)


@pytest.fixture
def maya(db: None) -> Person:
    cast.publish(FIRST)
    return cast.maya()


def publish(text: str, mode: Mode, rename: dict[str, str] | None = None) -> RunChange | None:
    """As the author's button does, and what the worker then does."""
    Journey.objects.filter(key="chairs").update(draft=text)
    journey = Journey.objects.get(key="chairs")
    wanted = releasing.Wanted(mode, rename, "We have new chairs.")
    released = releasing.release(journey_id=journey.pk, seen=journey.draft_revision, by=None, notes="", wanted=wanted)
    inflight.sweep()
    return released.change and RunChange.objects.get(pk=released.change.pk)


def rehearsed(text: str, mode: Mode = "migrate", rename: dict[str, str] | None = None) -> inflight.Plan:
    Journey.objects.filter(key="chairs").update(draft=text)
    return releasing.rehearse(journey=Journey.objects.get(key="chairs"), wanted=releasing.Wanted(mode, rename))


def at_the_legs(maya: Person) -> cast.Endpoint:
    phone = maya.on_whatsapp()
    phone.says("chairs")
    assert "How many legs" in cast.words(phone.says("red"))
    return phone


@pytest.mark.scenario("HO-43")
@pytest.mark.scenario("J-25")
def test_a_kept_run_finishes_on_its_version_though_the_new_one_lacks_its_step(maya: Person) -> None:
    phone = at_the_legs(maya)
    assert publish(WITHOUT, "keep") is None
    assert "A red one." in cast.words(phone.says("1"))
    phone.says("chairs")
    assert maya.run("chairs").version.number == 2


def test_a_run_moves_where_its_step_is_the_same_and_goes_on_there(maya: Person) -> None:
    phone = at_the_legs(maya)
    change = publish(GENTLER.replace("A {{", "Yours: a {{"), "migrate")
    assert change is not None and change.counts == {"": 1} and change.finished_at is not None
    assert maya.run("chairs").version.number == 2
    assert "Yours: a red one." in cast.words(phone.says("five"))


@pytest.mark.scenario("J-26")
def test_a_changed_wait_keeps_the_run_where_it_is_and_the_rehearsal_says_so(maya: Person) -> None:
    phone = at_the_legs(maya)
    plan = rehearsed(OTHER_WAIT)
    assert (plan.changed, plan.kept) == (0, 1)
    assert plan.reasons == [("the step legs waits for something else now", 1)]
    publish(OTHER_WAIT, "migrate")
    assert maya.run("chairs").version.number == 1
    assert "A red one." in cast.words(phone.says("5") + phone.says("five"))


def test_a_rehearsal_changes_nothing(maya: Person) -> None:
    at_the_legs(maya)
    assert rehearsed(GENTLER).changed == 1
    assert Journey.objects.get().live_version.number == 1  # type: ignore[union-attr]  # it was published
    assert maya.run("chairs").version.number == 1


def test_a_renamed_step_is_followed(maya: Person) -> None:
    phone = at_the_legs(maya)
    assert rehearsed(WITHOUT).reasons == [("the step legs is gone", 1)]
    publish(WITHOUT, "migrate", {"legs": "feet"})
    assert maya.run("chairs").step_id == "feet"
    assert "A red one." in cast.words(phone.says("four"))


def test_a_renaming_must_name_steps_that_exist(maya: Person) -> None:
    with pytest.raises(inflight.Refused, match="no step toes"):
        rehearsed(WITHOUT, rename={"legs": "toes"})
    with pytest.raises(inflight.Refused, match="no version had a step arms"):
        rehearsed(WITHOUT, rename={"arms": "feet"})


def test_a_run_without_a_var_that_is_needed_from_there_on_stays(maya: Person) -> None:
    at_the_legs(maya)
    ((reason, count),) = rehearsed(NEEDY).reasons
    assert ("size" in reason, count) == (True, 1)


def test_a_run_begins_anew_in_front_of_the_customer(maya: Person) -> None:
    phone = at_the_legs(maya)
    publish(GENTLER.replace("Which colour?", "Which colour, please?"), "restart")
    assert "Which colour, please?" in cast.words(phone.news())
    assert [run.status for run in JourneyRun.objects.order_by("pk")] == ["cancelled", "waiting"]


def test_a_run_beside_a_human_is_not_begun_anew(maya: Person) -> None:
    phone = at_the_legs(maya)
    cast.take_over(phone, cast.ana(factories.queue("sales", skill="sales")))
    change = publish(GENTLER, "restart")
    assert change is not None and change.counts == {inflight.KEPT_BESIDE_HUMAN: 1}
    assert maya.run("chairs").version.number == 1


@pytest.mark.scenario("J-26")
def test_while_staff_write_from_the_providers_app_no_run_begins_anew_unheard(maya: Person) -> None:
    phone = at_the_legs(maya)
    Conversation.objects.update(hushed_until=clock.now() + timedelta(minutes=10))
    assert rehearsed(GENTLER, "restart").reasons == [(inflight.KEPT_BESIDE_HUMAN, 1)]
    change = publish(GENTLER, "restart")
    assert change is not None and change.counts == {inflight.KEPT_BESIDE_HUMAN: 1}
    Conversation.objects.update(hushed_until=None)
    assert "A red one." in cast.words(phone.says("five"))


@pytest.mark.scenario("J-26")
def test_where_nothing_can_be_said_now_a_run_is_kept_and_the_rehearsal_says_so(maya: Person) -> None:
    phone = at_the_legs(maya)
    Session.objects.update(window_expires_at=clock.now() - timedelta(hours=1))
    assert rehearsed(GENTLER, "restart").reasons == [(inflight.KEPT_OUT_OF_REACH, 1)]
    change = publish(GENTLER, "restart")
    assert change is not None and change.counts == {inflight.KEPT_OUT_OF_REACH: 1}
    assert "A red one." in cast.words(phone.says("five"))


def test_a_run_that_is_stopped_while_staff_write_from_the_providers_app_ends_in_silence(maya: Person) -> None:
    phone = at_the_legs(maya)
    Conversation.objects.update(hushed_until=clock.now() + timedelta(minutes=10))
    publish(GENTLER, "stop")
    assert (phone.news(), maya.run("chairs").end_reason) == ([], "stopped")


def test_a_stopped_run_ends_with_the_sentence(maya: Person) -> None:
    phone = at_the_legs(maya)
    publish(GENTLER, "stop")
    assert phone.news() == ["We have new chairs."]
    run = maya.run("chairs")
    assert (run.status, run.end_reason, run.wait) == ("cancelled", "stopped", None)


def test_a_worker_that_died_is_followed_at_the_next_run_and_none_is_changed_twice(maya: Person) -> None:
    at_the_legs(maya)
    tom = cast.tom()
    tom.says("chairs")
    Journey.objects.update(draft=GENTLER)
    wanted = releasing.Wanted("stop", None, "Bye.")
    revision = Journey.objects.get().draft_revision
    released = releasing.release(journey_id=Journey.objects.get().pk, seen=revision, by=None, notes="", wanted=wanted)
    assert released.change is not None
    assert inflight.work(released.change.pk, batch=1) is False
    inflight.sweep()
    inflight.sweep()
    assert RunChange.objects.get().counts == {"": 2}
    assert tom.news() == ["Bye."]


def test_a_run_that_begins_after_the_publication_is_left_alone(maya: Person) -> None:
    Journey.objects.update(draft=GENTLER)
    wanted = releasing.Wanted("stop", None, "Bye.")
    revision = Journey.objects.get().draft_revision
    releasing.release(journey_id=Journey.objects.get().pk, seen=revision, by=None, notes="", wanted=wanted)
    phone = at_the_legs(maya)
    inflight.sweep()
    assert phone.news() == []


def test_the_same_step_for_another_var_is_another_wait() -> None:
    old = definition.compile(publishing.check(FIRST).data or {})
    new = definition.compile(
        publishing.check(FIRST.replace("How many", "x").replace("{id: legs,", "{id: legs, var: n,")).data or {}
    )
    assert fate("legs", ["colour"], old, new, {}).reason == "the step legs waits for something else now"
    assert fate("colour", [], old, new, {}).step == "colour"
