"""What becomes of a job elsewhere when the run that waits for it is over? It is stopped, and nobody is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conversations.journeys import inflight, releasing
from conversations.models import Connection, Journey, JourneyRun, RemoteTask, Timer
from handover.models import Queue
from tests.stories import cast, modem
from tests.stories.cast import Endpoint, Person

pytestmark = pytest.mark.django_db

JOB = "POST /jobs"
STOPPED = [JOB, "POST /jobs/AB12CD34/cancel"]
BEHIND = "  - {id: started, type: end, text: The restart has begun., then: color}\n"
FRONT = modem.MODEM.replace("background: true", "background: false").replace("next: started", "next: online")
FRONT = FRONT.replace(BEHIND, "")


@pytest.fixture
def maya(sales: Queue) -> Person:
    modem.published()
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    """She waits for a job in front."""
    cast.publish(FRONT)
    phone = maya.on_whatsapp()
    phone.says("gadget")
    modem.answered()
    assert modem.calls() == [JOB]
    return phone


def is_left() -> bool:
    """Is the newest job over for us, without a timer that would still tell of it?"""
    task = modem.newest()
    assert (task.state, task.is_settled) == (RemoteTask.State.CANCELLED, True)
    return not Timer.objects.filter(kind__startswith="task_", object_id=task.pk).exists()


@pytest.mark.scenario("J-38")
def test_cancel_in_front_stops_the_job_elsewhere_too(phone: Endpoint) -> None:
    assert "I have stopped that" in phone.says("cancel")[0]
    assert modem.calls() == STOPPED
    assert is_left()
    assert modem.report(modem.newest(), 1, "done").json()["result"] == "late"
    modem.time_passes()
    assert phone.news() == []


def test_start_over_stops_the_first_job_and_begins_another(phone: Endpoint) -> None:
    phone.says("restart")
    first = RemoteTask.objects.order_by("pk")[0]
    assert (first.state, first.is_settled) == ("cancelled", True)
    assert modem.calls() == [*STOPPED, JOB]
    assert modem.newest().state == "queued"


def test_a_run_that_grows_too_old_stops_its_job(phone: Endpoint, later: Callable[..., None]) -> None:
    Timer.objects.all().delete()
    later(days=8)
    phone.says("hello?")
    assert JourneyRun.objects.filter(version__journey__key="modem").get().status == "expired"
    assert modem.calls() == STOPPED
    assert is_left()


def test_one_that_is_set_aside_keeps_its_job(phone: Endpoint) -> None:
    phone.says("menu")
    assert modem.newest().is_open
    assert modem.calls() == [JOB]


def test_a_version_that_is_stopped_stops_the_jobs_in_the_background(maya: Person) -> None:
    maya.on_whatsapp().says("gadget")
    modem.answered()
    Journey.objects.filter(key="modem").update(draft=modem.MODEM.replace("is off", "is over"))
    journey = Journey.objects.get(key="modem")
    wanted = releasing.Wanted("stop", None, "Bye.")
    releasing.release(journey_id=journey.pk, seen=journey.draft_revision, by=None, notes="", wanted=wanted)
    inflight.sweep()
    assert maya.run("modem").end_reason == "stopped"
    assert modem.calls() == STOPPED
    assert is_left()


def test_a_job_whose_way_to_stop_is_learned_too_late_is_stopped_then(maya: Person) -> None:
    cast.publish(FRONT.replace('cancel: {method: POST, path: "/jobs/{{ vars.serial }}/cancel"}', ""))
    phone = maya.on_whatsapp()
    phone.says("gadget")
    Connection.objects.update(cancel_path="/jobs/{id}/cancel")
    phone.says("cancel")
    assert modem.calls() == [JOB]
    modem.answered(data={"id": 7})
    assert modem.calls() == [JOB, "POST /jobs/7/cancel"]
