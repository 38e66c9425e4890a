"""Do the questions that journeys put to other systems leave a secret or a person anywhere it should not be?"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from common.problems import Problem
from config.logs import JsonFormatter
from conversations.journeys import callers, disclosing, inflight, releasing
from conversations.models import Journey, StepLog, WebRequest
from tests.common.backends import Answer, Backend, said, serve
from tests.conversations import asking
from tests.stories import canaries, cast
from tests.stories.cast import Person

NUMBER, NAME = "CANARY-ORDER-81", "Canaria Canarison"
WORDS = (NUMBER, NUMBER.lower(), "Canaria")
ECHO = """
journey: track
title: Track an order
languages: [en]
triggers: [{keyword: [track]}]
vars: {number: {type: text, pii: true}, who: {type: text, pii: true}, state: {type: text}, loud: {type: text}}
steps:
  - {id: number, type: ask, text: "Which order?", expect: {kind: text}, on_invalid: bye, resume: We were at your order.}
  - {id: loud, type: set, set: {vars.loud: "= lower(vars.number)"}}
  - id: look
    type: request
    connection: shop
    send:
      method: POST
      path: "/orders/{{ vars.number }}/state"
      query: {q: "{{ vars.loud }}", page: "1"}
      body: {number: "{{ vars.number }}", parts: ["= vars.loud", "x"], kind: order}
    map: {vars.state: $.state, vars.who: $.name}
    on: {error: broken}
  - {id: found, type: end, text: "It is {{ vars.state }}."}
  - {id: broken, type: end, text: The shop does not answer.}
  - {id: bye, type: end, text: Bye.}
"""


@pytest.fixture
def shop(db: None, settings: Settings) -> Iterator[Backend]:
    """A shop that repeats what it was sent, and says whose order it is."""
    with serve() as backend:
        settings.CONNECTION_PRIVATE_HOSTS = [backend.place]
        asking.connect(backend)
        cast.sales()
        cast.library()
        cast.publish(ECHO)
        backend.before = lambda got: setattr(
            backend, "usual", said({"state": f"sent with {got.headers['authorization']}", "name": NAME})
        )
        yield backend


@pytest.fixture
def maya(shop: Backend) -> Person:
    return cast.maya()


def dump() -> str:
    """Every row of every table, as Postgres writes it: sealed columns stay sealed."""
    return "\n".join(text for _, text in canaries.plain())


@pytest.mark.scenario("J-36")
@pytest.mark.scenario("T-37")
@pytest.mark.parametrize(
    "answer",
    [
        None,
        said({"why": NAME}, 500),
        Answer(body=b"<p>Canaria Canarison"),
        Answer(302, headers={"Location": f"/{NUMBER}"}),
    ],
)
def test_neither_the_log_nor_a_plain_column_holds_a_secret_or_a_private_value(
    maya: Person, shop: Backend, caplog: pytest.LogCaptureFixture, answer: Answer | None
) -> None:
    caplog.set_level(logging.INFO)
    if answer is not None:
        shop.answers = [answer]
    asking.asks(maya, NUMBER)
    callers.call_due()
    assert len(shop.got) == 1 and NUMBER in shop.got[0].path
    lines = "\n".join(JsonFormatter().format(record) for record in caplog.records)
    assert "asked shop" in lines
    for canary in (*WORDS, asking.SECRET):
        assert canary not in lines
        assert canary not in dump()


@pytest.mark.scenario("T-37")
def test_a_system_that_repeats_our_secret_does_not_tell_it_to_anybody(maya: Person, shop: Backend) -> None:
    phone = asking.asks(maya, NUMBER)
    callers.call_due()
    assert shop.got[0].headers["authorization"] == f"Bearer {asking.SECRET}"
    assert phone.news()[-1] == "It is sent with •••."
    assert asking.SECRET not in json.dumps([maya.run("track").vars, asking.request().response])


@pytest.mark.scenario("T-37")
def test_no_template_reaches_a_connection(maya: Person, shop: Backend) -> None:
    for name in ("connection.headers", "shop.headers", "connection.secret", "settings.SECRET_KEY"):
        text = ECHO.replace("{{ vars.state }}", "{{ " + name + " }}")
        with pytest.raises(Problem, match="is not a name"):
            cast.publish(text)


@pytest.mark.scenario("J-36")
def test_the_page_of_a_request_masks_what_a_private_var_had_a_part_in(maya: Person, shop: Backend) -> None:
    asking.asks(maya, NUMBER)
    callers.call_due()
    row = asking.request()
    asked, answered = disclosing.asked(row), disclosing.answered(row)
    assert asked == (
        'POST /orders/•••/state ?{"page": "1", "q": "•••"} {"kind": "order", "number": "•••", "parts": ["•••", "x"]}'
    )
    assert answered == '{"$.name": "•••", "$.state": "sent with •••"}'
    WebRequest.objects.update(request=None, response=None)
    assert disclosing.asked(asking.request()) == "POST /orders/{{ vars.number }}/state"
    assert disclosing.answered(asking.request()) == ""


@pytest.mark.scenario("J-36")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("pii: true", "pii: false"),
        ("/orders/{{ vars.number }}/", "/orders/{{ session.kind }}/"),
        ("vars.state: $.state, vars.who: $.name", "vars.state: $.name"),
        ("id: look", "id: ask"),
    ],
)
def test_a_run_that_moved_to_another_version_shows_no_more_of_what_it_asked(
    maya: Person, shop: Backend, before: str, after: str
) -> None:
    asking.asks(maya, NUMBER)
    waiting = ECHO.replace("{id: found, type: end,", "{id: found, type: ask, resume: Well,")
    moves(waiting)
    callers.call_due()
    moves(waiting.replace(before, after))
    row = asking.request()
    shown = disclosing.asked(row) + disclosing.answered(row)
    assert maya.run("track").version.number == 3
    assert not any(canary in shown for canary in WORDS)


def moves(text: str) -> None:
    """Another version is published, and the runs go on in it."""
    Journey.objects.filter(key="track").update(draft=text)
    journey = Journey.objects.get(key="track")
    wanted = releasing.Wanted("migrate", None, "")
    releasing.release(journey_id=journey.pk, seen=journey.draft_revision, by=None, notes="", wanted=wanted)
    inflight.sweep()


@pytest.mark.scenario("J-36")
def test_the_step_log_masks_it_too(maya: Person, shop: Backend) -> None:
    asking.asks(maya, NUMBER)
    callers.call_due()
    log = [step.input for step in StepLog.objects.filter(run=maya.run("track"))]
    assert log and not any(canary in text for text in log for canary in (*WORDS, asking.SECRET))
