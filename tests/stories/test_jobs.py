"""A job runs elsewhere while the customer goes on: who is told what, where, and what becomes of its end?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conversations.journeys import remote
from conversations.models import JourneyRun, RemoteTask
from handover.models import Queue
from tests.stories import cast, modem
from tests.stories.cast import Endpoint, Person

pytestmark = pytest.mark.django_db

Later = Callable[..., None]


@pytest.fixture
def maya(sales: Queue) -> Person:
    modem.published()
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    """She has begun the restart, and picks a color meanwhile."""
    phone = maya.on_whatsapp()
    said = phone.says("modem")
    assert said[0] == "The restart has begun."
    assert said[1].startswith("Which color?")
    modem.answered()
    return phone


@pytest.mark.scenario("J-37")
def test_the_job_reports_while_the_customer_walks_on(phone: Endpoint, maya: Person, later: Later) -> None:
    modem.report(modem.newest(), 1, step=1, total=4, text="reading the line")
    modem.time_passes()
    assert phone.news() == ["Step 1 of 4: reading the line"]
    assert phone.says("1") == ["And why?"]
    later(seconds=31)
    modem.report(modem.newest(), 2, step=2, total=4, text="restarting")
    modem.time_passes()
    assert phone.news() == ["Step 2 of 4: restarting"]
    assert phone.says("I like it") == ["Red, because I like it."]
    modem.report(modem.newest(), 3, "done")
    modem.time_passes()
    assert phone.news() == ["Your modem is online again."]


@pytest.mark.scenario("J-37")
def test_a_report_leaves_the_question_in_front_as_it_is(phone: Endpoint, maya: Person) -> None:
    before = JourneyRun.objects.values("seq", "step_id", "wait", "touched_at").get(version__journey__key="color")
    modem.report(modem.newest(), 1, "failed", text="no line")
    modem.time_passes()
    assert (
        JourneyRun.objects.values("seq", "step_id", "wait", "touched_at").get(version__journey__key="color") == before
    )
    assert "The restart failed: no line." in phone.news()[0]
