"""Is it said to who runs the queues that they cannot work as they are set up?"""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from common import checkups
from handover.admin import QueueForm
from handover.models import Queue
from tests import factories

pytestmark = pytest.mark.django_db

SAID = "The fall-backs go in a circle: Sales → Support → Billing → Sales."


@pytest.fixture
def chain(db: None) -> list[Queue]:
    """Sales falls back to Support, and that to Billing, which ends."""
    made = [factories.queue(key) for key in ("sales", "support", "billing")]
    for queue, behind in pairwise(made):
        Queue.objects.filter(pk=queue.pk).update(fallback=behind)
    return [Queue.objects.get(pk=queue.pk) for queue in made]


def refused(queue: Queue, fallback: Queue) -> list[str]:
    form = QueueForm({"title": queue.title, "key": queue.key, "fallback": fallback.pk}, instance=queue)
    return form.errors.get("fallback", [])


@pytest.mark.scenario("HO-34")
def test_a_circle_of_fall_backs_is_not_kept_and_its_queues_are_named(chain: list[Queue]) -> None:
    sales, _, billing = chain
    assert "Billing → Sales → Support → Billing" in refused(billing, sales)[0]
    assert "Sales → Sales" in refused(sales, sales)[0]
    assert refused(sales, billing) == refused(billing, factories.queue("general")) == []


@pytest.mark.scenario("HO-34")
def test_a_circle_that_exists_is_said_in_the_back_office_and_by_the_doctor(chain: list[Queue], client: Client) -> None:
    client.force_login(get_user_model().objects.create_superuser("root", password="x"))
    page = reverse("admin:handover_queue_changelist")
    assert "go in a circle" not in client.get(page).content.decode()
    Queue.objects.filter(key="billing").update(fallback=chain[0])
    assert SAID in client.get(page).content.decode()
    found = checkups.registered["queues"]()
    assert (found.level, found.text.count("circle")) == ("WARN", 1)
    assert SAID in found.text


def test_a_skill_that_nobody_in_its_queue_has_is_said(db: None) -> None:
    leather = factories.queue("leather", skill="leather")
    assert "Nobody in “Leather” has the skill “Leather”" in checkups.registered["queues"]().text
    factories.agent("Ana Sousa", queues=(leather,))
    assert checkups.registered["queues"]().level == "OK"
