"""How does the telephone company carry a job out, and what can go wrong on the way? Reports leave over real HTTP.

What is played is chosen on the sandbox page; `plan` says when which report leaves, and how it is signed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from channels_app.sandbox import postman
from channels_app.sandbox.models import SandboxFact
from common import clock, numbers
from conversations.journeys import callbacks

KEY, PLAY = "telco", "play"
STEPS = ("Saying goodbye to the modem", "Restarting it", "Waiting for its line", "Checking the speed")
FAILS_AT = 2
PLAYS = {
    "works": "It works, step by step",
    "fails_once": "It fails at step 2, and works when it is tried again",
    "fails": "It fails at step 2, always",
    "silent": "It is taken, and never heard of again",
    "refused": "It is not taken: 503",
    "twice": "Every report comes twice",
    "mixed": "Reports come out of order",
    "late": "One more report comes after the end",
    "changed": "One number comes again with other words",
    "forged": "Somebody else reports that it has failed",
}
PACES = {"3": "3 seconds", "12": "12 seconds", "35": "35 seconds"}
DEFAULT = {"play": "works", "pace": "12"}


@dataclass(frozen=True, slots=True)
class Sent:
    """One report that leaves after so many paces; a forged one is signed with another key."""

    after: float
    body: Mapping[str, Any]
    is_forged: bool = False


def plan(play: str, attempt: int = 1) -> list[Sent]:
    """What is reported, in the order in which it leaves. Pure."""
    fails = play == "fails" or (play == "fails_once" and attempt == 1)
    reached = FAILS_AT if fails else len(STEPS)
    if play in ("silent", "refused"):
        return []
    steps = [Sent(number - 1, _step(number)) for number in range(1, reached + 1)]
    ends = {"seq": reached + 1, "state": "failed", "text": "The modem does not answer"} if fails else None
    found = [*steps, Sent(reached, ends or {"seq": reached + 1, "state": "done"})]
    if play == "twice":
        found = [one for sent in found for one in (sent, Sent(sent.after + 0.2, sent.body))]
    elif play == "mixed":
        found = [found[2], found[0], found[1], *found[3:]]
        found = [Sent(float(place), sent.body) for place, sent in enumerate(found)]
    elif play == "late":
        found.append(Sent(reached + 1, _step(2) | {"seq": reached + 2}))
    elif play == "changed":
        found.insert(2, Sent(1.3, _step(2) | {"text": "Something else"}))
    elif play == "forged":
        found.insert(1, Sent(0.5, {"seq": 99, "state": "failed", "text": "Forged"}, is_forged=True))
    return found


def begin(*, callback: str, secret: str, attempt: str) -> str | None:
    """Takes the job and reports it as it is played just now; its id here, None if it is not taken."""
    chosen = playing()
    if chosen["play"] == "refused" or not callback.startswith(f"{settings.PUBLIC_URL}/"):
        return None
    pace = float(chosen["pace"])
    for sent in plan(chosen["play"], numbers.whole(attempt, digits=3) or 1):
        _post(callback, "somebody else's key" if sent.is_forged else secret, sent.body, 0.5 + sent.after * pace)
    return f"job-{uuid4().hex[:8]}"


def playing() -> dict[str, str]:
    """What is played, and how fast."""
    found = SandboxFact.objects.filter(channel=KEY, name=PLAY).first()
    chosen: Any = found.value if found else {}
    return {**DEFAULT, **chosen}


@require_POST
def choose(request: HttpRequest) -> JsonResponse:
    """Sets what is played from the next job on: JSON {play, pace}."""
    try:
        asked = json.loads(request.body or b"{}")
    except ValueError:
        asked = {}
    asked = asked if isinstance(asked, dict) else {}
    play, pace = str(asked.get("play")), str(asked.get("pace"))
    if play not in PLAYS or pace not in PACES:
        return JsonResponse({"code": "bad_controls", "detail": "There is no such play."}, status=400)
    SandboxFact.objects.update_or_create(channel=KEY, name=PLAY, defaults={"value": {"play": play, "pace": pace}})
    return JsonResponse({})


def _step(number: int) -> dict[str, Any]:
    text = STEPS[number - 1]
    return {"seq": number, "state": "running", "step": number, "total": len(STEPS), "text": text}


def _post(callback: str, key: str, report: Mapping[str, Any], after: float) -> None:
    raw, stamp = json.dumps(report).encode(), str(int(clock.now().timestamp() + after))
    headers = {
        "Content-Type": "application/json",
        "Throughline-Timestamp": stamp,
        "Throughline-Signature": callbacks.sign(key, stamp, raw),
    }
    postman.post(postman.Letter(callback, raw, headers, again=lambda tries, rest: None), after)
