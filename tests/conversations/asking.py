"""How does a journey ask another system in a test? A real server, a connection to it, and a journey that uses it."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Now

from conversations.models import Connection, WebRequest
from tests.common.backends import Backend
from tests.stories import cast
from tests.stories.cast import Endpoint

SECRET = "canary-secret-4711"
TRACK = """
journey: track
title: Track an order
languages: [en]
triggers: [{keyword: [track]}]
vars: {number: {type: text, pii: true}, state: {type: text}}
steps:
  - {id: number, type: ask, text: "Which order?", expect: {kind: text}, on_invalid: bye, resume: We were at your order.}
  - id: look
    type: request
    connection: shop
    send: {method: GET, path: "/orders/{{ vars.number }}"}
    retry: {attempts: 3, backoff: 1s, max: 10s, on: [timeout, 429, 5xx]}
    map: {vars.state: $.state}
    on: {"404": unknown, error: broken}
  - {id: found, type: end, text: "It is {{ vars.state }}."}
  - {id: unknown, type: end, text: We do not know that order.}
  - {id: broken, type: end, text: The shop does not answer.}
  - {id: bye, type: end, text: Bye.}
"""


def connect(backend: Backend, **fields: Any) -> Connection:
    """A connection `shop` to this server."""
    wanted = {"key": "shop", "title": "Shop", "base_url": backend.url, "headers": {"Authorization": f"Bearer {SECRET}"}}
    return Connection.objects.create(**{**wanted, **fields})


def asks(person: cast.Person, number: str = "4711") -> Endpoint:
    """The person tracks an order: the run waits for what the shop answers."""
    phone = person.on_whatsapp()
    phone.says("track")
    phone.says(number)
    return phone


def request() -> WebRequest:
    """The newest one."""
    return WebRequest.objects.select_related("connection", "run").order_by("-pk")[0]


def make_due() -> None:
    """The next attempt is now."""
    WebRequest.objects.update(next_attempt_at=Now())


def crowd(connection: Connection, many: int) -> None:
    """So many more questions of the newest one's run to this system, that nobody waits for."""
    row = request()
    for number in range(many):
        WebRequest.objects.create(
            run=row.run,
            customer=row.customer,
            seq=row.seq + 100 + number,
            step_id=row.step_id,
            connection=connection,
            request=row.request,
            next_attempt_at=row.next_attempt_at,
            created_at=row.created_at,
        )
