"""An erased customer had typed canaries wherever a journey asks: is one of them left in any table?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from conversations.journeys import callers
from conversations.models import JourneyRun, Miss, RemoteTask, StepLog, WebRequest
from handover.models import Agent, Queue
from tests.common.backends import Backend, said, serve
from tests.conversations import asking
from tests.stories import canaries, cast, modem
from tests.stories.cast import Endpoint, Person

pytestmark = pytest.mark.django_db

# One word for each place: an answer, a value of a request and of its answer, a question, a report, a free answer.
ANSWER, ASKED, BACK, QUESTION, REPORT, WORD = (
    "zaffreone", "zaffretwo", "zaffrethree", "zaffrefour", "zaffrefive", "zaffresix"
)  # fmt: skip
ALL = ("zaffre",)
BOOK = """
journey: book
title: Book
languages: [en]
triggers: [{keyword: [book]}]
vars: {about: {type: text}, note: {type: text}, back: {type: text}}
steps:
  - {id: about, type: ask, text: "About what?", expect: {kind: text}, on_invalid: bye, resume: We were booking.}
  - {id: note, type: ask, text: "Any note?", expect: {kind: text}, on_invalid: bye, resume: We were booking.}
  - id: look
    type: request
    connection: shop
    send: {method: POST, path: "/notes/{{ vars.note }}", query: {q: "{{ vars.note }}"}, body: {n: "{{ vars.note }}"}}
    map: {vars.back: $.back}
    on: {error: bye}
  - {id: keep, type: set, set: {customer.last_note: "= vars.about"}}
  - {id: found, type: end, text: "{{ vars.about }}, {{ vars.back }}."}
  - {id: bye, type: end, text: Bye.}
"""


@pytest.fixture
def shop(settings: Settings) -> Iterator[Backend]:
    with canaries.log(), serve() as backend:
        settings.CONNECTION_PRIVATE_HOSTS = [backend.place]
        asking.connect(backend)
        backend.usual = said({"back": BACK})
        yield backend


@pytest.fixture
def maya(sales: Queue, shop: Backend) -> Person:
    modem.published()
    cast.publish(BOOK)
    return cast.maya()


def walks(phone: Endpoint) -> None:
    """Answers, a request with its answer, a question that nobody answers, a job with reports."""
    phone.says("book")
    phone.says(ANSWER)
    phone.says(ASKED)
    callers.call_due()
    assert phone.news() == [f"{ANSWER}, {BACK}."]
    phone.says(f"where is the {QUESTION}")
    phone.says("gadget")
    modem.answered(202, {"id": REPORT})
    modem.report(modem.newest(), 1, step=1, total=4, text=REPORT, data={"line": REPORT})
    modem.time_passes()
    phone.says("1")
    phone.says(WORD)


@pytest.mark.scenario("J-57", "ID-43")
def test_nothing_that_was_typed_in_a_journey_is_left_in_any_table(maya: Person) -> None:
    walks(maya.on_whatsapp())
    before = {line.partition(":")[0] for line in canaries.found(ALL)}
    rows = (JourneyRun, StepLog, WebRequest, RemoteTask, Miss)
    assert before >= {model._meta.db_table for model in rows if model is not StepLog}
    canaries.erase(maya.customer)
    assert canaries.found(ALL) == []
    assert not any(model.objects.exists() for model in rows)


@pytest.mark.scenario("J-57")
def test_nor_what_the_team_was_told_of_it(maya: Person, ana: Agent) -> None:
    phone = maya.on_whatsapp()
    walks(phone)
    cast.take_over(phone, ana)
    modem.report(modem.newest(), 2, "failed", text=f"{REPORT} failed")
    modem.time_passes()
    canaries.erase(maya.customer)
    assert canaries.found(ALL) == []
    assert modem.report(RemoteTask(public_id=maya.customer.public_id), 3, "done").status_code in (404, 410)
