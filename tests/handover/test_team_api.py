"""Does a program see the teams as it may: presence, work and ratings by role, and what it does audited?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from common import clock
from customers.models import AuditEntry
from handover.models import Agent, Queue, SlaPolicy, Tag
from tests import factories as make
from tests.handover.board.test_board import rate
from tests.handover.inbox.conftest import ana, ben, chloe, sales, support

__all__ = ["ana", "ben", "chloe", "sales", "support"]
pytestmark = pytest.mark.django_db


def api(agent: Agent) -> APIClient:
    client = APIClient()
    client.force_login(agent.user)
    return client


def test_a_queue_says_how_it_stands(sales: Queue, ana: Agent) -> None:
    make.waiting_in(sales)
    found = api(ana).get("/api/v1/queues/sales/standing/").json()
    assert (found["waiting"], found["online"], found["room"]) == (1, 1, 6.0)
    assert api(ana).get("/api/v1/queues/sales/").json()["role"] == "agent"


def test_what_a_colleague_carries_is_for_those_who_lead_them(ana: Agent, chloe: Agent, ben: Agent) -> None:
    def known(viewer: Agent) -> dict[str, bool]:
        rows = api(viewer).get("/api/v1/agents/").json()["results"]
        return {row["login"]: row["work"] is not None for row in rows}

    assert known(chloe) == {"ana": True, "ben": False, "chloe": True}
    assert known(ana) == {"ana": True, "ben": False, "chloe": False}


@pytest.mark.parametrize(("query", "logins"), [("queue=sales", ["ana", "chloe"]), ("online=false", ["ben"])])
def test_colleagues_are_narrowed(ana: Agent, ben: Agent, chloe: Agent, query: str, logins: list[str]) -> None:
    Agent.objects.filter(pk=ben.pk).update(last_seen_at=None)
    rows = api(ana).get(f"/api/v1/agents/?{query}").json()["results"]
    assert [row["login"] for row in rows] == logins


def test_an_agent_says_where_they_are_and_is_kept_online_by_beats(ana: Agent) -> None:
    Agent.objects.update(last_seen_at=clock.now() - timedelta(minutes=5))
    assert api(ana).get("/api/v1/presence/").json()["presence"] == "offline"
    assert api(ana).post("/api/v1/presence/heartbeat/", {"input": True}, format="json").status_code == 204
    said = api(ana).put("/api/v1/presence/", {"status": "busy"}, format="json").json()
    assert (said["status"], said["presence"]) == ("busy", "busy")
    assert not AuditEntry.objects.exists()


def test_a_supervisor_speaks_for_their_agents_and_for_nobody_else(ana: Agent, ben: Agent, chloe: Agent) -> None:
    lead = api(chloe)
    assert lead.put("/api/v1/presence/ana/", {"status": "away"}, format="json").json()["status"] == "away"
    assert lead.put("/api/v1/agents/ana/draining/", {"draining": True}, format="json").json() == {"draining": True}
    for address, form in (("presence/ben/", {"status": "away"}), ("agents/ben/draining/", {"draining": True})):
        answer = lead.put(f"/api/v1/{address}", form, format="json")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_leading")
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "agent.status.away",
        "agent.drain",
    ]


def test_who_let_an_offer_pass_sees_so_and_is_back_with_the_word_online(ana: Agent) -> None:
    Agent.objects.filter(pk=ana.pk).update(not_responding_at=clock.now(), missed_offers=2)
    assert api(ana).get("/api/v1/presence/").json()["not_responding_since"] is not None
    api(ana).post("/api/v1/presence/heartbeat/", {"input": True}, format="json")
    away = api(ana).put("/api/v1/presence/", {"status": "away"}, format="json").json()
    assert away["not_responding_since"] is not None
    Agent.objects.filter(pk=ana.pk).update(manual_status="online")
    again = api(ana).put("/api/v1/presence/", {"status": "online"}, format="json").json()
    assert (again["status"], again["not_responding_since"]) == ("online", None)
    assert Agent.objects.get(pk=ana.pk).missed_offers == 0


def test_a_supervisor_who_says_online_for_them_has_them_back_and_it_is_audited(ana: Agent, chloe: Agent) -> None:
    Agent.objects.filter(pk=ana.pk).update(not_responding_at=clock.now(), missed_offers=2)
    for _ in range(2):
        said = api(chloe).put("/api/v1/presence/ana/", {"status": "online"}, format="json").json()
        assert (said["status"], said["not_responding_since"]) == ("online", None)
    assert list(AuditEntry.objects.values_list("action", "object_id")) == [("agent.status.online", "ana")]


def test_ratings_are_the_callers_own_or_of_the_queues_they_lead(
    sales: Queue, support: Queue, ana: Agent, ben: Agent, chloe: Agent
) -> None:
    rate(make.waiting_in(sales), ana, sales, 4)
    rate(make.waiting_in(sales), chloe, sales, None)
    rate(make.waiting_in(support), ben, support, 1)
    seen = {
        one.name[:3]: [row["score"] for row in api(one).get("/api/v1/ratings/").json()["results"]]
        for one in (ana, ben, chloe)
    }
    assert (seen["Ana"], seen["Ben"], sorted(seen["Chl"], key=str)) == ([4], [1], [4, None])
    assert len(api(chloe).get("/api/v1/ratings/?answered=true&queue=sales").json()["results"]) == 1
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "rows"))[-1] == ("ratings.list", 1)


def test_terms_are_read_and_not_written(ana: Agent, sales: Queue) -> None:
    Tag.objects.create(key="delivery", title="Delivery")
    sales.sla = SlaPolicy.objects.create(title="Quick", first_minutes=15)
    sales.save(update_fields=["sla"])
    assert api(ana).get("/api/v1/tags/").json()["results"] == [
        {"key": "delivery", "title": "Delivery", "is_archived": False}
    ]
    assert api(ana).get("/api/v1/sla-policies/").json()["results"][0]["queues"] == ["sales"]
    assert api(ana).post("/api/v1/tags/", {"key": "x", "title": "X"}, format="json").status_code == 405
