"""Who gets what from which page of the inbox? The matrix must name every address below /inbox/ of the URLconf."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver

from common import clock
from conversations.models import Message
from handover import filters
from handover.inbox import staff
from handover.models import Agent, CannedReply, Macro, Reservation
from tests import factories as make
from tests.abuse import desk
from tests.abuse.inbox_matrix import MATRIX, ROLES, STRANGERS, Row
from tests.channels_app import storefront
from tests.conversations import files
from tests.handover.inbox.conftest import fresh_loops

__all__ = ["fresh_loops"]
ABSENT = UUID("01890000-0000-7000-8000-000000000001")
ROOT = "inbox/"
# What the pages read out of an address: by name in their sources, and the filter's own.
ASKED = re.compile(r"""\bGET(?:\.get|\.getlist)?[(\[]\s*["'](\w+)|_number\(request, "(\w+)""")
PAGES = [*Path("handover/inbox").glob("*.py"), *Path("channels_app").glob("*_views.py")]
ABOUT = [name for name, row in MATRIX.items() if "{c}" in row.path]  # a conversation


class House:
    """A conversation that waits in sales, with everything that an address may name, and a browser for each role."""

    def __init__(self) -> None:
        self.sales, support = make.queue("sales"), make.queue("support")
        self.who = {
            "foreigner": make.agent("Ben Okafor", queues=(support,)),
            "agent": make.agent("Ana Sousa", queues=(self.sales,)),
            "supervisor": make.agent("Chloe Martin", supervises=(self.sales,)),
            "admin": make.agent("Dora Lund"),
        }
        User.objects.filter(username="dora").update(is_superuser=True)
        self.waiting = make.waiting_in(self.sales)
        message = Message.objects.get(session__conversation=self.waiting)
        self.ids = {
            "{c}": self.waiting.public_id,
            "{x}": ABSENT,
            "{f}": files.referenced(message, name="film.mp4", state="failed", reason="gone").public_id,
            "{d}": message.public_id,
            "{m}": Macro.objects.create(title="Close", actions=[{"do": "close"}], queue=self.sales).public_id,
            "{w}": CannedReply.objects.create(shortcut="hi", title="Hi", text="Hi", queue=self.sales).public_id,
            "{o}": self._offer().public_id,
            "{a}": staff.ref(self.who["agent"].pk),
        }

    def _offer(self) -> Reservation:
        now, epoch = clock.now(), self.waiting.owner_epoch
        return Reservation.objects.create(
            conversation=self.waiting,
            agent=self.who["agent"],
            epoch=epoch,
            offered_at=now,
            expires_at=now + timedelta(minutes=1),
        )

    def browser(self, role: str) -> Client:
        """Of a colleague, or of somebody who has no business here (any more)."""
        client = Client(raise_request_exception=False)
        if role == "customer":
            storefront.open_shop()
            token = storefront.Browser().visit(jwt=storefront.login())["token"]
            return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})
        if role != "nobody":
            client.force_login(self.who.get(role, self.who["supervisor"]).user)
        User.objects.filter(username="chloe").update(is_active=role != "ended")
        Agent.objects.filter(user__username="chloe").update(is_active=role != "retired")
        return client

    def ask(self, role: str, row: Row, **instead: object) -> Any:
        path = row.path
        for place, value in {**self.ids, **{f"{{{name}}}": value for name, value in instead.items()}}.items():
            path = path.replace(place, str(value))
        send = getattr(self.browser(role), row.method.lower())
        return send(f"/{ROOT}{path}", row.form or {}, headers={"Accept": "application/json"})


@pytest.fixture
def house(db: None) -> House:
    return House()


def addresses() -> Iterator[str]:
    for route, pattern in desk._patterns(get_resolver().url_patterns):
        if route.startswith(ROOT):
            yield str(pattern.name)


@pytest.mark.scenario("T-7")
def test_every_address_of_the_inbox_has_its_row() -> None:
    assert sorted(addresses()) == sorted(MATRIX)


@pytest.mark.scenario("T-7")
@pytest.mark.scenario("T-21")
@pytest.mark.parametrize("name", MATRIX)
def test_each_role_gets_what_it_may(house: House, name: str) -> None:
    got = [house.ask(role, MATRIX[name]).status_code for role in ROLES]
    assert tuple(got) == MATRIX[name].statuses
    got = [house.ask(role, MATRIX[name]).status_code for role in ("nobody", "customer", "ended", "retired")]
    assert tuple(got) == STRANGERS.get(name, (401, 401, 401, 403))


@pytest.mark.scenario("T-7")
@pytest.mark.parametrize("name", ABOUT)
def test_a_foreign_conversation_looks_like_none(house: House, name: str) -> None:
    answers = [house.ask("foreigner", MATRIX[name]), house.ask("foreigner", MATRIX[name], c=ABSENT)]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    house.waiting.refresh_from_db()
    assert (house.waiting.owner_kind, house.waiting.state) == ("queue", "open")


def asked() -> set[str]:
    found = (pair for page in PAGES for pair in ASKED.findall(page.read_text()))
    return {name for pair in found for name in pair if name} | {one.name for one in fields(filters.Filter)}


def test_what_the_pages_ask_for_is_found() -> None:
    assert {"q", "at", "after", "before", "view", "but", "watch", "days", "state"} <= asked()


@pytest.mark.parametrize("name", [name for name, row in MATRIX.items() if row.method == "GET"])
def test_no_page_breaks_over_a_character_that_no_text_has(house: House, name: str) -> None:
    path = MATRIX[name].path
    client = house.browser("supervisor")
    for place, value in house.ids.items():
        path = path.replace(place, str(value))
    answers = {one: client.get(f"/{ROOT}{path.partition('?')[0]}", {one: "1\0"}).status_code for one in sorted(asked())}
    assert not {one: status for one, status in answers.items() if status >= 500}
