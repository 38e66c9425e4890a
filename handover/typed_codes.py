"""Is this message the one-time code that we have sent? It may make two customers one, so it is looked at beforehand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from common import clock
from common.problems import Problem
from conversations import outbox, sessions, threads
from conversations.content import Text
from conversations.journeys.scene import Scene
from conversations.journeys.state import Proven
from conversations.models import Conversation
from conversations.sessions import Place
from customers import codes
from customers.models import Identity
from handover import following, proofs
from handover import proof_options as options

CODE = re.compile(r"\s*\d{3}[ -]?\d{3}\s*")
WORDS = {"code_wrong": "proof_wrong", "code_expired": "proof_expired", "code_locked": "proof_locked"}


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a code: the address that it has proven, or the word for why it has not."""

    identity: Identity | None = None
    refusal: str = ""


def check(*, place: Place, text: str) -> Checked | None:
    """The code, if one is open at this very place; None for any other words. Asked before a turn locks anything."""
    if place.is_public or not CODE.fullmatch(text):
        return None
    challenge = proofs.open_code(place.identity, place.channel)
    row = challenge.arrival if challenge else None
    if challenge is None or row is None:
        return None
    try:
        done = codes.check_code(
            namespace=row.namespace,
            raw=row.raw,
            scope=row.scope,
            session_ref=challenge.session_ref,
            purpose=proofs.PURPOSE,
            code=text,
            home=place.identity.customer,
            actor="customer",
        )
    except Problem as problem:
        return Checked(refusal=problem.code)
    return Checked(done.identity)


def take(*, received: threads.Received, heard: threads.Heard, checked: Checked) -> None:
    """The session is proven by it, and the step that waited is taken; or why not is said. No human is talked over."""
    if received.is_repeat:
        return
    row = checked.identity
    is_proven = row is not None and row.is_fresh(clock.now())
    if row is not None and is_proven:
        sessions.prove(session=received.session, identity=row)
    scene = Scene(received.conversation, received.session, received.root, ip=heard.ip)
    if scene.conversation.owner_kind != Conversation.Owner.BOT or outbox.is_hushed(scene.conversation):
        return
    run = proofs.waiting(scene)
    if is_proven:
        scene.say(Text(options.words(scene, "proof_done")))
        if run is not None and run.wait:
            following.move(scene=scene, run=run, given=Proven(run.wait["token"]))
    elif checked.refusal:
        options.offer(scene, WORDS.get(checked.refusal, "proof_wrong"), options.after(scene, run) if run else [])
    else:
        options.offer(scene, "proof_failed", [options.agent(scene)])
