"""Two become one while a job runs elsewhere, and part again: who hears what came of it, and who may answer?"""

from __future__ import annotations

import pytest

from conversations.models import RemoteTask
from customers import merging
from customers.models import Customer
from handover.models import Queue
from tests import factories
from tests.stories import cast, modem
from tests.stories.cast import Endpoint, Person
from tests.stories.test_parted import join, part

pytestmark = [pytest.mark.django_db, pytest.mark.scenario("J-14", "J-37")]


@pytest.fixture
def maya(sales: Queue) -> Person:
    modem.published()
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    """She has begun the restart on WhatsApp."""
    phone = maya.on_whatsapp()
    phone.says("gadget")
    modem.answered()
    phone.news()
    return phone


@pytest.fixture
def noor(sales: Queue) -> Endpoint:
    """Somebody else on WhatsApp, who has chosen nothing yet."""
    person = factories.customer("Noor")
    noor = Person(person, factories.phone(person, "+447700900018")).on_whatsapp()
    noor.says("hi")
    return noor


def joined(maya: Person, noor: Endpoint, *, is_root: bool) -> merging.Merged:
    """Both are one, under the one or the other."""
    other = noor.place.identity.customer
    pair = (maya.customer, other) if is_root else (other, maya.customer)
    return join(*(Customer.objects.get(pk=one.pk) for one in pair))


def reports(seq: int, state: str = "running", **more: object) -> None:
    assert modem.report(modem.newest(), seq, state, **more).status_code == 202
    modem.due("task_news")
    modem.time_passes()


@pytest.mark.parametrize("is_root", [True, False])
def test_after_a_split_the_report_comes_to_who_began_the_job(
    maya: Person, phone: Endpoint, noor: Endpoint, is_root: bool
) -> None:
    one = joined(maya, noor, is_root=is_root)
    noor.says("hello again")  # the last to write while they are one
    reports(1, step=1, total=4, text="reading the line")
    part(one)
    phone.news(), noor.news()
    reports(2, "done")
    assert (phone.news(), noor.news()) == (["Your modem is online again."], [])


@pytest.mark.parametrize("is_root", [True, False])
def test_a_failure_is_told_to_who_began_the_job_while_they_are_one_and_answered_by_them_afterwards(
    maya: Person, phone: Endpoint, noor: Endpoint, is_root: bool
) -> None:
    one = joined(maya, noor, is_root=is_root)
    noor.says("hello again")
    phone.news(), noor.news()
    reports(1, "failed", text="no line")
    assert ("What now?" in cast.words(phone.news()), noor.news()) == (True, [])
    part(one)
    noor.says("R")
    assert RemoteTask.objects.count() == 1  # that was no answer of hers to give
    phone.says("R")
    assert RemoteTask.objects.count() == 2
    assert RemoteTask.objects.exclude(customer=maya.customer).count() == 0
