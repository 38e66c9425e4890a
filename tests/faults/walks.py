"""Where did each customer's journey come to? Seeds a journey of four questions, and reads the runs as plain values."""

from __future__ import annotations

import json
import sys
from typing import Any

WALK = """
journey: walk
title: Walk
languages: [en]
triggers:
  - keyword: [walk]
policy: {interruptible: true, resume: auto}
vars:
  name: {type: text}
  size: {type: text}
  budget: {type: number}
  reason: {type: text}
steps:
  - {id: name, type: ask, title: Name, text: "What is your name?", expect: {kind: text, min: 1, max: 100}}
  - id: size
    type: menu
    title: Size
    text: "Which size, {{ vars.name }}?"
    options:
      - {id: small, label: Small, next: budget}
      - {id: large, label: Large, next: budget}
  - {id: budget, type: ask, title: Budget, text: "What is your budget?", expect: {kind: number, min: 1, max: 5000}}
  - {id: reason, type: ask, title: Reason, text: "Why {{ vars.size }}?", expect: {kind: text, min: 1, max: 100}}
  - {id: done, type: message, text: "All: {{ vars.name }} {{ vars.size }} {{ vars.budget }} {{ vars.reason }}"}
  - {id: over, type: end}
"""
DOZE = """
journey: doze
title: Doze
languages: [en]
triggers:
  - keyword: [doze]
policy: {interruptible: true, resume: auto}
vars:
  word: {type: text}
steps:
  - id: word
    type: ask
    title: Word
    text: "Are you there?"
    expect: {kind: text, min: 1, max: 100}
    timeout: {after: 10m, next: late}
  - {id: late, type: message, text: Sleep well.}
  - {id: over, type: end}
"""


def seed(graph: str) -> dict[str, bool]:
    from conversations.journeys import publishing
    from tests.channels_app import storefront, whatsapp

    whatsapp.channel(base_url=graph)
    storefront.open_shop()
    for text in (WALK, DOZE):
        publishing.publish(text=text)
    return {"ok": True}


def login(number: str) -> dict[str, str]:
    """What the shop signs for the owner of this number."""
    from tests.channels_app import storefront

    signed = storefront.login(sub=f"user-{number}", name="Walker", phone=f"+{number}")
    return {"login": signed}


def runs() -> dict[str, Any]:
    """By number: the run's state, its log, what the bot said in it, and whether the stream has gaps."""
    from conversations.models import JourneyRun
    from customers.models import Identity

    found: dict[str, Any] = {}
    for run in JourneyRun.objects.select_related("customer", "conversation").order_by("id"):
        phone = Identity.objects.get(customer__root_id=run.customer.root_id, namespace="phone", routable=True)
        found.setdefault(phone.raw.lstrip("+"), []).append(_run(run))
    return found


def _run(run: Any) -> dict[str, Any]:
    from conversations.models import Message

    numbers = run.conversation.events.order_by("seq").values_list("seq", flat=True)
    messages = Message.objects.filter(session__conversation=run.conversation).exclude(author="customer").order_by("id")
    return {
        "id": run.pk,
        "step": run.step_id,
        "status": run.status,
        "seq": run.seq,
        "vars": run.vars,
        "log": list(run.log.order_by("id").values_list("seq", "step_id", "outcome")),
        "said": [message.content["text"] for message in messages],
        "has_gaps": list(numbers) != list(range(1, run.conversation.head_seq + 1)),
    }


def main() -> None:
    import django

    django.setup()
    given = json.load(sys.stdin)
    actions: dict[str, Any] = {"seed": seed, "login": login, "runs": runs}
    print(json.dumps(actions[given.pop("do")](**given)))


if __name__ == "__main__":
    main()
