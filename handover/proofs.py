"""Is it you? Asked when a step needs more proof than the session has: a code to an address of theirs, typed back here.

What is said never depends on whether anybody is known by the address: not the words, not the queries, not the time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from common import clock
from common.problems import Problem
from conversations import couriers, outbox, sessions
from conversations.content import Choice, Option, Text
from conversations.couriers import Way
from conversations.journeys.commands import PREFIX
from conversations.journeys.matching import Row, exact, fuzzy
from conversations.journeys.scene import Scene
from conversations.journeys.sentences import labels, sentence
from conversations.journeys.state import Heard, Wait
from conversations.models import JourneyRun, Message
from conversations.sessions import Place
from conversations.threads import Received
from customers import codes, proving
from customers.masking import masked
from customers.models import Challenge, Identity

PURPOSE = "journey"
CODE = re.compile(r"\s*\d{3}[ -]?\d{3}\s*")
PHONE_DIGITS = 7  # fewer are no phone number
AFTER = ("proof_again", "proof_other")  # what can be tapped below "I have sent a code"
WORDS = {"code_wrong": "proof_wrong", "code_expired": "proof_expired", "code_locked": "proof_locked"}


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a code: the address that it has proven, or the word for why it has not."""

    identity: Identity | None = None
    refusal: str = ""


def check(*, place: Place, text: str) -> Checked | None:
    """The code, if one is open at this very place; None for any other words. May make two customers one: asked before
    anything is locked for a turn.
    """
    if place.is_public or not CODE.fullmatch(text):
        return None
    challenge = _open(place.identity, place.channel)
    row = challenge.arrival if challenge else None
    if challenge is None or row is None:
        return None
    try:
        done = codes.check_code(
            namespace=row.namespace,
            raw=row.raw,
            scope=row.scope,
            session_ref=challenge.session_ref,
            purpose=PURPOSE,
            code=text,
            home=place.identity.customer,
            actor="customer",
        )
    except Problem as problem:
        return Checked(refusal=problem.code)
    return Checked(done.identity)


def settle(*, received: Received, checked: Checked) -> bool:
    """What the code means for its session: is it proven now?"""
    row = checked.identity
    if row is None or not row.is_fresh(clock.now()):
        return False
    sessions.prove(session=received.session, identity=row)
    return True


def waiting(scene: Scene) -> JourneyRun | None:
    """The run that waits for a proof at this endpoint."""
    mine = (run for run in scene.runs if run.session.identity_id == scene.session.identity_id)
    return next((run for run in mine if _wait(run) is not None), None)


def answer(*, scene: Scene, checked: Checked, is_proven: bool) -> None:
    """Says what came of a code."""
    if is_proven:
        scene.say(Text(_sentence(scene, "proof_done")))
    elif not checked.refusal:
        _offer(scene, _sentence(scene, "proof_failed"), [_agent(scene)])
    else:
        run = waiting(scene)
        options = _after(scene, run) if run else []
        _offer(scene, _sentence(scene, WORDS.get(checked.refusal, "proof_wrong")), options)


def ask(*, scene: Scene, run: JourneyRun) -> None:
    """Where may the code go? Addresses that this session may know, or one that they write."""
    if not scene.is_private:
        scene.say(Text(_sentence(scene, "public")), run=run)
    elif not couriers.ways(here=scene.session.channel):
        _offer(scene, _sentence(scene, "proof_nowhere"), [_agent(scene)])
    else:
        known = _choices(scene, run)
        _offer(scene, _sentence(scene, "proof_choose" if known else "proof_ask"), known)


def take(*, scene: Scene, run: JourneyRun, said: Heard) -> None:
    """Words or a tap while the run waits for a proof; a code itself was checked before."""
    challenge = _open(scene.session.identity, scene.session.channel)
    options = _after(scene, run) if challenge else _choices(scene, run)
    wanted = _chosen(options, said)
    if wanted == "proof_other":
        ask(scene=scene, run=run)
    elif wanted == "proof_again" and challenge and challenge.arrival:
        _send(scene, run, challenge.arrival)
    elif wanted:
        row = Identity.objects.filter(public_id=wanted, pk__in=scene.reach).first()
        _send(scene, run, row) if row else ask(scene=scene, run=run)
    elif (named := _address(said.text)) is not None:
        _to(scene, run, *named)
    elif challenge:
        _offer(scene, _sentence(scene, "proof_unclear"), options)
    else:
        ask(scene=scene, run=run)


# --- sending ----------------------------------------------------------------------------------------------------------


def _to(scene: Scene, run: JourneyRun, namespace: str, raw: str) -> None:
    """An address that they wrote: kept as theirs to claim, which attracts nothing and proves nothing."""
    home = scene.session.identity.customer
    row = proving.claimed(home=home, namespace=namespace, raw=raw, at=scene.now)
    _send(scene, run, row) if row else ask(scene=scene, run=run)


def _send(scene: Scene, run: JourneyRun, row: Identity) -> None:
    """A code to the address, and the same words whoever has it."""
    way = _way(scene, row)
    if way is None:
        _offer(scene, _sentence(scene, "proof_nowhere"), [_agent(scene)])
        return
    try:
        issued = codes.send_code(
            namespace=row.namespace,
            raw=row.raw,
            scope=row.scope,
            session_ref=f"endpoint:{scene.session.identity.public_id.hex}",
            purpose=PURPOSE,
            ip=scene.ip,
            asked_at=codes.Place(scene.session.identity, scene.session.channel),
            sent_over=codes.Place(row, way.channel),
        )
    except codes.NoAddress:
        ask(scene=scene, run=run)
        return
    except Problem:  # too many
        _offer(scene, _sentence(scene, "proof_too_many"), [_agent(scene)])
        return
    words = _sentence(scene, "proof_sent", address=f"{masked(row.namespace, row.raw)} ({way.title})")
    message = _offer(scene, words, _after(scene, run))
    if message is not None:
        target = issued.known or row
        outbox.enclose(message=message, identity=target, channel=way.channel, challenge=issued.challenge)


def _way(scene: Scene, row: Identity) -> Way | None:
    ways = couriers.ways(here=scene.session.channel)
    return next((way for way in ways if way.namespace == row.namespace), None)


# --- words and options ------------------------------------------------------------------------------------------------


def _choices(scene: Scene, run: JourneyRun) -> list[Option]:
    """The addresses that this session has proven, with the ways there. Where we speak already proves nothing more."""
    found = []
    for row in Identity.objects.live().routable().filter(pk__in=scene.reach, shared=False).order_by("pk"):
        way = _way(scene, row)
        if way is None or (way.channel == scene.session.channel and scene.assurance != "none"):
            continue
        label = f"{way.title}: {masked(row.namespace, row.raw)}"
        found.append(_option(run, str(row.public_id), label, len(found) + 1))
    return found


def _after(scene: Scene, run: JourneyRun) -> list[Option]:
    return [_option(run, key, _sentence(scene, key), number) for number, key in enumerate(AFTER, start=1)]


def _option(run: JourneyRun, key: str, label: str, number: int) -> Option:
    token = wait.token if (wait := _wait(run)) else run.seq
    return Option(key, label, f"{run.public_id.hex}:{token}:_{key}", number=number)


def _agent(scene: Scene) -> Option:
    return Option("agent", _sentence(scene, "agent"), PREFIX + "agent", number=1)


def _offer(scene: Scene, words: str, options: Sequence[Option]) -> Message | None:
    return scene.say(Choice(words, tuple(options)) if options else Text(words))


def _chosen(options: Sequence[Option], said: Heard) -> str:
    """The option that was tapped, or its number or words; '' if none."""
    tapped = next((option.id for option in options if said.payload and option.payload == said.payload), "")
    rows = [Row(one.id, one.label, labels(one.id) if one.id in AFTER else ()) for one in options]
    return tapped or exact(rows, said.text) or fuzzy(rows, said.text) or ""


def _address(text: str) -> tuple[str, str] | None:
    """A phone number or an e-mail address in the words, as it was written."""
    plain = text.strip()
    if "@" in plain and " " not in plain:
        return "email", plain
    digits = sum(character.isdecimal() for character in plain)
    return ("phone", plain) if digits >= PHONE_DIGITS and len(plain) <= 40 else None


def _sentence(scene: Scene, key: str, **values: object) -> str:
    return sentence(key, str(scene.attributes.get("language") or "en"), **values)


def _wait(run: JourneyRun) -> Wait | None:
    wait = Wait.from_json(run.wait)
    return wait if wait is not None and wait.kind == "proof" else None


def _open(endpoint: Identity, channel: str) -> Challenge | None:
    return codes.open_at(endpoint=endpoint, channel=channel, purpose=PURPOSE)
