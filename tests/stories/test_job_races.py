"""A job's deadline, its reports and its end meet: does exactly one count?"""

from __future__ import annotations

import pytest

from conversations import timers
from conversations.journeys import remote
from conversations.models import JourneyRun, RemoteTask
from tests.handover.at_once import at_once
from tests.stories import cast, modem
from tests.stories.cast import Endpoint

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def phone() -> Endpoint:
    """A job runs for somebody who has walked on."""
    cast.sales()
    cast.library()
    modem.published()
    phone = cast.maya().on_whatsapp()
    phone.says("gadget")
    return phone


@pytest.mark.scenario("J-43")
@pytest.mark.parametrize("attempt", range(3))
def test_deadline_and_done_at_once_make_one_outcome(phone: Endpoint, attempt: int) -> None:
    task = modem.newest()
    modem.due(remote.DEADLINE)
    at_once([lambda: modem.report(task, 1, "done").status_code, lambda: timers.sweep(limit=1)] * 2)
    at_once([timers.sweep] * 3)
    task.refresh_from_db()
    assert task.is_settled and task.state in ("done", "timed_out")
    said = cast.words(phone.news())
    assert ("online again" in said) + ("The restart failed" in said) == 1
    assert RemoteTask.objects.count() == 1


@pytest.mark.scenario("J-40")
def test_one_report_eight_times_at_once_is_applied_once(phone: Endpoint) -> None:
    task = modem.newest()
    answers = at_once([lambda: modem.report(task, 1, step=1, total=2, text="on").status_code] * 8)
    assert sorted(map(str, answers)) == ["200"] * 7 + ["202"]
    at_once([timers.sweep] * 2)
    assert phone.news().count("Step 1 of 2: on") == 1


@pytest.mark.scenario("J-43")
def test_an_end_and_a_word_of_the_customer_at_once_do_not_block_each_other(phone: Endpoint) -> None:
    task = modem.newest()
    modem.report(task, 1, "failed")
    results = at_once([timers.sweep, lambda: phone.turn("1"), timers.sweep])
    assert not [one for one in results if isinstance(one, Exception)]
    color = JourneyRun.objects.get(version__journey__key="color")
    assert (color.step_id, color.lane) == ("why", "foreground")
    assert JourneyRun.objects.get(lane="background").step_id == "failed"
