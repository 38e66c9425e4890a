"""Can the back office leave customers without a queue? The default one is passed on, and nobody waits in an archive."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from handover.models import Queue
from tests import factories as make
from tests.admin import office

pytestmark = pytest.mark.django_db


@pytest.fixture
def support(db: None) -> Queue:
    return make.queue("support")


@pytest.fixture
def sales(support: Queue) -> Queue:
    return make.queue("sales", is_default=True, fallback=support)


def save(boss: Client, queue: Queue, given: dict[str, Any]) -> str:
    """What is said of it, '' if it is kept and nothing is."""
    answer = boss.post(office.page(Queue, "change", queue.pk), given)
    if answer.status_code != 302:
        return answer.content.decode()
    return " ".join(str(one) for one in get_messages(answer.wsgi_request) if one.level_tag == "warning")


def without(given: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != name}


def test_the_default_queue_is_neither_unticked_nor_archived(boss: Client, sales: Queue) -> None:
    given = office.shown(boss, sales)
    assert "Some queue must be the default one: tick" in save(boss, sales, without(given, "is_default"))
    assert "This is the default queue: tick" in save(boss, sales, given | {"is_archived": "on"})
    sales.refresh_from_db()
    assert (sales.is_default, sales.is_archived) == (True, False)
    assert save(boss, sales, given | {"title": "Shop"}) == ""


def test_it_is_passed_on_by_ticking_another(boss: Client, sales: Queue, support: Queue) -> None:
    left_open = office.shown(boss, sales)
    said = save(boss, support, office.shown(boss, support) | {"is_default": "on"})
    assert said == "“Sales” is not the default queue any more: “Support” is."
    assert Queue.objects.get(is_default=True) == support
    save(boss, sales, left_open | {"title": "Shop"})
    assert Queue.objects.get(is_default=True) == support and Queue.objects.filter(title="Shop").exists()
    add = {"title": "New", "key": "new", "strategy": "manual", "delivery": "offer", "when_exhausted": "keep"}
    rows = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    assert boss.post(office.page(Queue, "add"), add | rows | {"is_default": "on"}).status_code == 302
    assert Queue.objects.get(is_default=True).key == "new"


def test_a_queue_in_which_people_wait_is_not_archived(boss: Client, sales: Queue, support: Queue) -> None:
    billing = make.queue("billing", fallback=support)
    waits = [make.waiting_in(billing, name="Maya"), make.waiting_in(billing, name="Milo")]
    archived = office.shown(boss, billing) | {"is_archived": "on"}
    said = save(boss, billing, archived)
    assert "2 conversations wait here" in said and "to “Support” for instance" in said
    for each in waits:
        make.give(each, support, cause="transfer")
    assert save(boss, billing, archived) == ""
    assert Queue.objects.get(key="billing").is_archived
