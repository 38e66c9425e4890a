"""Is it you? Asked when a step needs more proof than the session has: a code to an address of theirs, typed back here.

What is said never depends on whether anybody is known by the address: not the words, not the queries, not the time.
"""

from __future__ import annotations

from dataclasses import replace

from common.problems import Problem
from conversations import couriers, outbox
from conversations.content import Option, Text
from conversations.journeys.scene import Scene
from conversations.journeys.state import Heard, Tries
from conversations.models import JourneyRun
from customers import codes, proving
from customers.masking import masked
from customers.models import Challenge, Identity
from handover import proof_options as options

PURPOSE = "journey"
PATIENCE = 2  # answers that are neither a choice nor an address, before a human is named


def ask(*, scene: Scene, run: JourneyRun) -> None:
    """Where may the code go? Addresses that this session may know, or one that they write."""
    if not scene.is_private:
        scene.say(Text(options.words(scene, "public")), run=run)
    elif not couriers.ways(here=scene.session.channel):
        options.offer(scene, "proof_nowhere", [options.agent(scene)])
    else:
        known = options.known(scene, run)
        options.offer(scene, "proof_choose" if known else "proof_ask", known)


def take(*, scene: Scene, run: JourneyRun, said: Heard) -> None:
    """Words or a tap while the run waits for a proof; a code itself was looked at before."""
    challenge = open_code(scene.session.identity, scene.session.channel)
    shown = options.after(scene, run) if challenge else options.known(scene, run)
    wanted = options.chosen(shown, said)
    if wanted == "proof_other":
        ask(scene=scene, run=run)
    elif wanted == "proof_again" and challenge and challenge.arrival:
        _send(scene, run, challenge.arrival)
    elif wanted:
        row = Identity.objects.filter(public_id=wanted, pk__in=scene.reach).first()
        _send(scene, run, row) if row else ask(scene=scene, run=run)
    elif (named := options.address(said.text)) is not None:
        _to(scene, run, *named)
    elif challenge:
        options.offer(scene, "proof_unclear", shown)
    elif said.text.strip():
        _not_understood(scene, run, shown)
    else:
        ask(scene=scene, run=run)


def _not_understood(scene: Scene, run: JourneyRun, shown: list[Option]) -> None:
    """What is wrong with it; from the third such answer on also how to reach a human."""
    tries = Tries.from_json(run.tries)
    run.tries = replace(tries, refused=(*tries.refused, "•••")).to_json()
    run.save(update_fields=["tries"])
    options.offer(scene, "proof_no_choice" if shown else "proof_no_address", shown)
    if len(tries.refused) >= PATIENCE:
        options.offer(scene, "agent_hint", [])


def waiting(scene: Scene) -> JourneyRun | None:
    """The run that waits for a proof at this endpoint."""
    mine = (run for run in scene.runs if run.session.identity_id == scene.session.identity_id)
    return next((run for run in mine if options.wait(run) is not None), None)


def open_code(endpoint: Identity, channel: str) -> Challenge | None:
    """The code that was asked for at this endpoint last."""
    return codes.open_at(endpoint=endpoint, channel=channel, purpose=PURPOSE)


def _to(scene: Scene, run: JourneyRun, namespace: str, raw: str) -> None:
    """An address that they wrote: kept as theirs to claim, which attracts nothing and proves nothing."""
    home = scene.session.identity.customer
    row = proving.claimed(home=home, namespace=namespace, raw=raw, at=scene.now)
    _send(scene, run, row) if row else ask(scene=scene, run=run)


def _send(scene: Scene, run: JourneyRun, row: Identity) -> None:
    """A code to the address, and the same words whoever has it."""
    way, here = options.way_to(scene, row), scene.session
    if way is None:
        options.offer(scene, "proof_nowhere", [options.agent(scene)])
        return
    try:
        issued = codes.send_code(
            namespace=row.namespace,
            raw=row.raw,
            scope=row.scope,
            session_ref=f"endpoint:{here.identity.public_id.hex}",
            purpose=PURPOSE,
            ip=scene.ip,
            asked_at=codes.Place(here.identity, here.channel),
            sent_over=codes.Place(row, way.channel),
        )
    except codes.NoAddress:
        ask(scene=scene, run=run)
        return
    except Problem:  # too many
        options.offer(scene, "proof_too_many", [options.agent(scene)])
        return
    where = f"{masked(row.namespace, row.raw)} ({way.title})"
    message = options.offer(scene, "proof_sent", options.after(scene, run), address=where)
    if message is not None:
        target = issued.known or row
        outbox.enclose(message=message, identity=target, channel=way.channel, challenge=issued.challenge)
