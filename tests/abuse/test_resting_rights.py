"""Who may wake, wrap up or reopen what a colleague has parked or closed? By API and inbox, by the same rule."""

from __future__ import annotations

import pytest
from django.test import Client

from conversations.models import Conversation
from handover import desk
from handover.models import Agent, Queue
from tests import factories as make
from tests.abuse.desk import begin_anew
from tests.handover.inbox.conftest import fresh_loops

__all__ = ["fresh_loops"]

pytestmark = pytest.mark.django_db
ROLES = ("foreigner", "colleague", "owner", "supervisor")
ROWS = [
    ("unpark", "parked", (404, 409, 200, 200)),
    ("wrap-up", "closed", (404, 409, 200, 200)),
    ("reopen", "closed", (404, 200, 200, 200)),  # whoever sees it may go on with it
]


class House:
    """Ana has it; Tom works beside her, Ben elsewhere, and Chloe leads them."""

    def __init__(self) -> None:
        begin_anew()
        self.sales = make.queue("sales")
        self.who = {
            "foreigner": make.agent("Ben Okafor", queues=(make.queue("support"),)),
            "colleague": make.agent("Tom Hardy", queues=(self.sales,)),
            "owner": make.agent("Ana Sousa", queues=(self.sales,)),
            "supervisor": make.agent("Chloe Martin", supervises=(self.sales,)),
        }

    def resting(self, state: str) -> Conversation:
        ana: Agent = self.who["owner"]
        hers = make.give(make.waiting_in(self.sales), ana)
        verb = desk.park if state == "parked" else desk.close
        return verb(conversation_id=hers.pk, agent=ana)

    def ask(self, role: str, root: str, conversation: Conversation, verb: str) -> int:
        client = Client(raise_request_exception=False)
        client.force_login(self.who[role].user)
        sends = {"content_type": "application/json"} if root.startswith("/api/") else {}
        path, headers = f"{root}/{conversation.public_id}/{verb}", {"Accept": "application/json"}
        return int(client.post(path, {}, headers=headers, **sends).status_code)  # type: ignore[arg-type]  # a header


@pytest.fixture
def house(db: None) -> House:
    return House()


@pytest.mark.scenario("T-7")
@pytest.mark.scenario("T-21")
@pytest.mark.parametrize(("root", "end"), [("/api/v1/conversations", "/"), ("/inbox/c", "")])
@pytest.mark.parametrize(("verb", "state", "statuses"), ROWS)
def test_each_role_does_what_it_may_with_what_rests(
    house: House, root: str, end: str, verb: str, state: str, statuses: tuple[int, ...]
) -> None:
    rows = [house.resting(state) for _ in ROLES]
    got = [house.ask(role, root, row, verb + end) for role, row in zip(ROLES, rows, strict=True)]
    assert tuple(got) == statuses
    for row, status in zip(rows, statuses, strict=True):
        before = (row.state, row.owner_epoch)
        row.refresh_from_db()
        assert ((row.state, row.owner_epoch) == before) is (status != 200 or verb == "wrap-up")


@pytest.mark.scenario("T-21")
def test_a_supervisor_of_another_team_wakes_nothing(house: House) -> None:
    parked, support = house.resting("parked"), Queue.objects.get(key="support")
    house.who["foreigner"].memberships.filter(queue=support).update(role="supervisor")
    assert house.ask("foreigner", "/inbox/c", parked, "unpark") == 404
