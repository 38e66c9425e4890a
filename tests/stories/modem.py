"""How is a job elsewhere played in a test? A journey with one, a connection, and a job that reports as it is told."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.db.models.functions import Now
from django.test import Client

from common import clock
from conversations import timers
from conversations.journeys import callbacks, requests
from conversations.journeys.calls import Outcome
from conversations.models import Connection, RemoteTask, Timer, WebRequest
from tests.stories import cast

MODEM = """
journey: modem
title: Restart my modem
languages: [en]
triggers: [{keyword: [gadget]}]
vars: {serial: {type: text, pii: true, default: AB12CD34}}
steps:
  - id: go
    type: task
    connection: telco
    background: true
    send: {method: POST, path: /jobs, body: {serial: "{{ vars.serial }}"}}
    cancel: {method: POST, path: "/jobs/{{ vars.serial }}/cancel"}
    deadline: 15m
    progress: "Step {{ task.step }} of {{ task.total }}: {{ task.text }}"
    on: {done: online, failed: failed, timeout: failed, cancelled: stopped}
    next: started
  - {id: started, type: end, text: The restart has begun., then: color}
  - id: failed
    type: menu
    text: "The restart failed: {{ task.error }}. What now?"
    options:
      - {id: retry, label: Retry, next: go, if: "task.attempt < 3"}
      - {id: cancel, label: Cancel, next: stopped}
      - {id: human, label: Agent, next: agent}
  - {id: online, type: end, text: Your modem is online again.}
  - {id: stopped, type: end, text: The restart is off.}
  - id: agent
    type: handover
    skill: sales
    intake: prechat_sales
    on: {offline: stopped, failed: stopped, closed: stopped}
"""
COLOR = """
journey: color
title: A color
languages: [en]
steps:
  - {id: pick, type: menu, text: "Which color?", options: [{id: red, label: Red}, {id: blue, label: Blue}]}
  - {id: why, type: ask, text: "And why?", expect: {kind: text}}
  - {id: thanks, type: end, text: "{{ vars.pick }}, because {{ vars.why }}."}
"""


def published() -> None:
    """The journey, one more to walk meanwhile, and the connection."""
    Connection.objects.get_or_create(key="telco", defaults={"title": "Telco", "base_url": "https://telco.example"})
    cast.publish(COLOR)
    cast.publish(MODEM)


def newest() -> RemoteTask:
    return RemoteTask.objects.order_by("-pk")[0]


def answered(status: int = 202, data: Any = None, error: str = "") -> None:
    """The other system answers the call that begins the job."""
    while (claimed := requests.claim()) is not None:
        row, leave = claimed
        requests.store(row, Outcome(0 if error else status, data, error), is_probe=leave.is_probe)
        requests.hand_on(row.pk)


def report(task: RemoteTask, seq: int, state: str = "running", *, key: str = "", age: int = 0, **more: Any) -> Any:
    """The job posts a signed report; returns the response."""
    body = json.dumps({"seq": seq, "state": state, **more})
    return post(task.public_id, body, key=key or callbacks.secret(task.public_id), age=age)


def post(public_id: UUID, body: str, *, key: str, age: int = 0, **headers: Any) -> Any:
    """These bytes, signed with this key `age` seconds ago."""
    stamp = str(int(clock.now().timestamp()) - age)
    signed = {
        "Throughline-Timestamp": stamp, "Throughline-Signature": callbacks.sign(key, stamp, body.encode()), **headers,
    }  # fmt: skip
    return Client().post(f"/api/v1/tasks/{public_id}/events", body, content_type="application/json", headers=signed)


def time_passes() -> int:
    """Every timer that is due fires."""
    return timers.sweep()


def due(kind: str) -> None:
    """This kind of timer is due now."""
    Timer.objects.filter(kind=kind).update(due_at=clock.database_now())


def calls() -> list[str]:
    """What was asked of the other system, oldest first."""
    return [f"{row.request['method']} {row.request['path']}" for row in WebRequest.objects.order_by("pk")]


def at_once() -> None:
    """Whatever is to be asked later is asked now."""
    WebRequest.objects.filter(state="pending").update(next_attempt_at=Now())
