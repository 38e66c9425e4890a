"""What if a conversation's routing plan is of no shape that anybody writes? Whatever is asked of it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from conversations.models import Conversation
from tests import factories as make
from tests.abuse import desk
from tests.abuse.inbox_matrix import MATRIX as PAGES
from tests.abuse.matrix import MATRIX as ENDPOINTS
from tests.abuse.test_api_access import body
from tests.abuse.test_inbox_access import House, fresh_loops

__all__ = ["fresh_loops"]
ASKED = {"target": "queue:1", "for": 60}
SHAPES = {
    "words": "garbage",
    "steps-are-words": {"steps": "x"},
    "no-time": {"steps": [ASKED, ASKED | {"for": "soon"}]},
    "no-target": {"rule": 8, "steps": [{"for": 60}]},
    "no-step": {"rule": 8, "steps": [None]},
    "no-number": {"steps": [ASKED | {"for": 10**30}]},
}
# What whoever may see it does with it, in a form that says enough.
DONE = {
    "claim": {},
    "assign": {"to": "queue:support", "note": "For support"},
    "escalate": {"reason": "urgent", "note": "Please"},
    "park": {"reason": "waiting_customer", "until": "tomorrow"},
    "close": {"reason": "resolved"},
}
MANY = [{"verb": "assign", "to": "me"}, {"verb": "assign", "to": "queue:support"}, {"verb": "park", "hours": "1"}]
Asked = Iterator[tuple[str, Callable[[], Any]]]


def statuses(asked: Asked) -> dict[str, int]:
    """What each is answered; each finds what the first one found."""
    found = {}
    for name, ask in asked:
        with transaction.atomic():
            found[name] = ask().status_code
            transaction.set_rollback(True)
    return found


def broken(found: dict[str, int]) -> dict[str, int]:
    return {name: status for name, status in found.items() if status >= 500}


def unread(conversation: Conversation, shape: str) -> None:
    """It has come to the second step of that plan."""
    Conversation.objects.filter(pk=conversation.pk).update(routing_plan=SHAPES[shape], plan_step=1)


def pages(house: House, role: str) -> Asked:
    """All that are about it, and those where it is one of many."""
    rows = {name: row for name, row in PAGES.items() if "{c}" in row.path}
    rows |= {name: PAGES[name] for name in ("view", "board", "next", "offers", "counts", "offer-accept")}
    return ((name, partial(house.ask, role, row)) for name, row in rows.items())


def done(house: House, role: str) -> Asked:
    """All that is done with it, alone and among many."""
    house.waiting.refresh_from_db()
    seen = {"seen_epoch": str(house.waiting.owner_epoch), "seen_seq": "99"}
    ids = {"ids": str(house.waiting.public_id), "seen": "99"}
    rows = {name: PAGES[name]._replace(form=form | seen) for name, form in DONE.items()}
    rows |= {f"bulk {number}": PAGES["bulk"]._replace(form=form | ids) for number, form in enumerate(MANY)}
    return ((name, partial(house.ask, role, row)) for name, row in rows.items())


@pytest.mark.parametrize("shape", SHAPES)
def test_no_page_breaks_over_it_while_it_waits(db: None, shape: str) -> None:
    house = House()
    unread(house.waiting, shape)
    assert broken(statuses(pages(house, "supervisor")) | statuses(done(house, "agent"))) == {}


@pytest.mark.parametrize("shape", SHAPES)
def test_its_owner_opens_it_and_does_all_with_it(db: None, shape: str) -> None:
    house = House()
    make.give(house.waiting, house.who["agent"])
    unread(house.waiting, shape)
    found = statuses(done(house, "agent"))
    assert set(found.values()) == {200}, found
    page = house.ask("agent", PAGES["conversation"])
    assert page.status_code == 200 and "Maya Lindqvist" in page.content.decode()


@pytest.mark.parametrize("shape", SHAPES)
def test_no_endpoint_breaks_over_it(db: None, shape: str) -> None:
    floor = desk.Desk()
    unread(floor.waiting, shape)
    rows = [one for one in ENDPOINTS if one.split()[1].startswith(("conversations/", "reservations/"))]
    found = statuses((one, partial(floor.call, "supervisor", one, body(one))) for one in rows)
    assert broken(found) == {} and found["GET conversations/<uuid:public_id>/plan/"] == 200
