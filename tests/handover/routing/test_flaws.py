"""Is it said to who runs the queues that they cannot work as they are set up?"""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from channels_app.models import Channel
from common import checkups
from handover.admin import QueueForm
from handover.models import BusinessHours, Queue
from tests import factories
from tests.admin import office

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
    leather = factories.queue("leather", skill="leather", is_default=True)
    assert "Nobody in “Leather” has the skill “Leather”" in checkups.registered["queues"]().text
    factories.agent("Ana Sousa", queues=(leather,))
    assert checkups.registered["queues"]().level == "OK"


@pytest.mark.parametrize("lost", [{"is_default": False}, {"is_archived": True}])
def test_that_no_queue_is_the_default_one_is_said(lost: dict[str, bool]) -> None:
    factories.queue("support")
    sales = factories.queue("sales", is_default=True)
    assert checkups.registered["queues"]().level == "OK"
    Queue.objects.filter(pk=sales.pk).update(**lost)
    assert "No queue in use is the default one" in checkups.registered["queues"]().text


def test_hours_without_a_shift_are_said() -> None:
    factories.queue("sales", is_default=True, hours=BusinessHours.objects.create(title="Never", weekly={"mon": []}))
    assert "The hours “Never” have no shift: “Sales” is never open." in checkups.registered["queues"]().text


def errors(**changed: str) -> dict[str, list[str]]:
    return dict(
        QueueForm({"title": "Sales", "key": "sales", "strategy": "manual", "delivery": "offer", **changed}).errors
    )


@pytest.mark.parametrize(
    ("field", "given", "said"),
    [
        ("intake", "no-such-journey", "There is no published journey “no-such-journey”."),
        ("quiet_journey", "no-such-journey", "There is no published journey “no-such-journey”."),
        ("channels", "whatsapp,nosuchchannel", "There is neither a channel nor a kind of channel “nosuchchannel”."),
        ("languages", "en,english", "“english” is no code of a language: write two letters, such as en."),
    ],
)
def test_what_a_queue_names_must_be_there(db: None, field: str, given: str, said: str) -> None:
    assert said in errors(**{field: given})[field]


def test_what_is_there_can_be_named(db: None) -> None:
    office.journey("questions")
    channel = Channel.objects.create(key="shop-chat", kind="web", title="Shop")
    given = {"intake": "questions", "channels": f"whatsapp,{channel.key}", "languages": "EN, es"}
    form = QueueForm({"title": "Sales", "key": "sales", "strategy": "manual", "delivery": "offer", **given})
    form.is_valid()
    assert not {"intake", "channels", "languages"} & set(form.errors)
    assert form.cleaned_data["languages"] == ["en", "es"]


def test_what_is_not_there_any_more_is_said_and_does_not_hinder_other_changes(db: None) -> None:
    gone = {"intake": "gone", "quiet_journey": "lost", "channels": ["nosuch"], "languages": ["english"]}
    queue = factories.queue("sales", **gone, hours=BusinessHours.objects.create(title="Office", weekly=[]))
    said = checkups.registered["queues"]().text
    assert "The pre-chat journey “gone” of “Sales” is not published." in said
    assert "The journey for silence “lost”" in said
    assert "“nosuch”, which is neither a channel" in said and "the language “english”" in said
    assert "The hours “Office” cannot be read (the days are mon" in said
    form = QueueForm({"title": "Sales", "key": "sales", "intake": "gone"}, instance=queue)
    assert "intake" not in form.errors
