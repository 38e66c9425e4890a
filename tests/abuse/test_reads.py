"""What if somebody on the staff reads it all? Unusually many are in the audit log, and far too many are refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from common import clock
from conversations import words
from customers.models import AuditEntry
from handover import reads
from handover.board import leads
from handover.models import Agent, Queue
from tests import factories as make
from tests.abuse.desk import begin_anew
from tests.handover.inbox.cast import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.scenario("T-66")]


@pytest.fixture(autouse=True)
def nothing_read_yet() -> None:
    begin_anew()


@pytest.fixture
def sales() -> Queue:
    return make.queue("sales")


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return make.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def few(settings: Any) -> None:
    """Three in an hour are many, five are the most."""
    settings.HANDOVER = {**settings.HANDOVER, "READS_TOLD": 3, "READS_MOST": 5}


def told() -> list[tuple[str, int | None]]:
    found = AuditEntry.objects.filter(action="conversations.many").order_by("pk")
    return list(found.values_list("actor", "rows"))


def test_ten_thousand_reads_raise_the_alert_once(ana: Agent, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(reads.TooManyReads):
        for start in range(0, 12_000, 500):
            reads.note(user_id=ana.user_id, conversations=range(start, start + 500))
    [(actor, rows)] = told()
    assert (actor, rows is not None and 2_000 < rows < 3_000) == (f"user:{ana.user_id}", True)
    assert sum("conversations within an hour" in line for line in caplog.messages) == 1


def test_who_leads_them_is_told_and_finds_it_on_the_board(ana: Agent, sales: Queue, few: None) -> None:
    chloe = make.agent("Chloe Martin", supervises=(sales,))
    stranger = make.agent("Ben Okoye", supervises=(make.queue("support"),))
    reads.note(user_id=ana.user_id, conversations=range(5))
    assert [pk for pk, _ in leads.over(ana.user_id)] == [chloe.pk]
    page = client_of(chloe).get("/inbox/board/").content.decode()
    assert "<bdi>Ana Sousa</bdi> has opened 5 conversations within an hour." in page
    assert "has opened" not in client_of(stranger).get("/inbox/board/").content.decode()


def test_administrators_are_told_of_an_account_without_a_desk(sales: Queue, few: None) -> None:
    boss, robot = make.agent("Ada Boss"), User.objects.create_user("robot")
    User.objects.filter(pk=boss.user_id).update(is_superuser=True, is_staff=True)
    reads.note(user_id=robot.pk, conversations=range(5))
    page = client_of(boss)
    assert "<bdi>robot</bdi> has opened 5" in page.get("/inbox/board/").content.decode()
    assert reads.badge(page.get("/inbox/board/").wsgi_request) == "1"
    clock.shift_by(lambda: timedelta(hours=25))
    try:
        assert "has opened" not in page.get("/inbox/board/").content.decode()
        assert reads.badge(page.get("/inbox/board/").wsgi_request) == ""
    finally:
        clock.shift_by(timedelta)


def test_the_same_one_again_is_one_read(ana: Agent, few: None) -> None:
    for _ in range(50):
        reads.note(user_id=ana.user_id, conversations=(1, 2, 3))
    assert told() == []


def test_one_does_not_use_up_anothers(ana: Agent, few: None) -> None:
    reads.note(user_id=ana.user_id, conversations=range(5))
    reads.note(user_id=ana.user_id + 1, conversations=range(5, 10))
    assert [rows for _, rows in told()] == [5, 5]


def test_an_hour_later_it_begins_anew(ana: Agent, few: None) -> None:
    reads.note(user_id=ana.user_id, conversations=range(5))
    clock.shift_by(lambda: timedelta(hours=1))
    try:
        reads.note(user_id=ana.user_id, conversations=range(5, 10))
    finally:
        clock.shift_by(timedelta)


@pytest.mark.parametrize("way", ["thread", "list", "palette", "api", "api-one"])
def test_every_way_of_reading_counts(ana: Agent, sales: Queue, few: None, way: str) -> None:
    rows, page = [make.waiting_in(sales) for _ in range(2)], client_of(ana)
    words.gather()
    reads.note(user_id=ana.user_id, conversations=range(1_000_001, 1_000_005))
    ways = {
        "thread": [f"/inbox/c/{row.public_id}/" for row in rows],
        "list": ["/inbox/queue-sales/"],
        "palette": ["/inbox/palette?q=maya"],
        "api": ["/api/v1/conversations/"],
        "api-one": [f"/api/v1/conversations/{row.public_id}/messages/" for row in rows],
    }
    answers = [page.get(url, headers={"Accept": "application/json"}) for url in ways[way]]
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (429, "too_many_reads")
    assert len(told()) == 1


def test_a_browser_reads_why_and_when_again(ana: Agent, sales: Queue, few: None) -> None:
    reads.note(user_id=ana.user_id, conversations=range(1_000_001, 1_000_006))
    answer = client_of(ana).get(f"/inbox/c/{make.waiting_in(sales).public_id}/")
    assert answer.status_code == 429 and b"unusually many" in answer.content
    assert 0 < int(answer.headers["Retry-After"]) <= 3600


def test_what_one_may_not_see_is_no_read(ana: Agent, few: None) -> None:
    reads.note(user_id=ana.user_id, conversations=range(1_000_001, 1_000_006))
    hidden = make.waiting_in(make.queue("support"))
    assert client_of(ana).get(f"/inbox/c/{hidden.public_id}/").status_code == 404


def test_without_redis_nobody_is_refused(ana: Agent, few: None, settings: Any) -> None:
    reads._client.cache_clear()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    try:
        reads.note(user_id=ana.user_id, conversations=range(50))
    finally:
        reads._client.cache_clear()
        reads._away_until = 0.0
    assert told() == []


def test_nothing_is_counted_where_it_is_switched_off(ana: Agent, settings: Any) -> None:
    settings.HANDOVER = {**settings.HANDOVER, "READS_TOLD": 0, "READS_MOST": 0}
    reads.note(user_id=ana.user_id, conversations=range(20_000))
    assert told() == [] and Client().get("/inbox/mine/").status_code == 302
