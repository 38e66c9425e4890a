"""Which answers are offered while a proof is asked for, and what does one of them mean? In the customer's language."""

from __future__ import annotations

from collections.abc import Sequence

from conversations import couriers
from conversations.content import Choice, Option, Text
from conversations.couriers import Way
from conversations.journeys.commands import PREFIX
from conversations.journeys.matching import Row, exact, fuzzy
from conversations.journeys.scene import Scene
from conversations.journeys.sentences import labels, sentence
from conversations.journeys.state import Heard, Wait
from conversations.models import JourneyRun, Message
from customers.masking import masked
from customers.models import Identity

PHONE_DIGITS = 7  # fewer are no phone number
AFTER = ("proof_again", "proof_other")  # what can be tapped below "I have sent a code"


def known(scene: Scene, run: JourneyRun) -> list[Option]:
    """The addresses that this session has proven, with the ways there. Where we speak already proves nothing more."""
    found: list[Option] = []
    for row in Identity.objects.live().routable().filter(pk__in=scene.reach, shared=False).order_by("pk"):
        way = way_to(scene, row)
        if way is None or (way.channel == scene.session.channel and scene.assurance != "none"):
            continue
        label = f"{way.title}: {masked(row.namespace, row.raw)}"
        found.append(_option(run, str(row.public_id), label, len(found) + 1))
    return found


def after(scene: Scene, run: JourneyRun) -> list[Option]:
    """What can be done once a code is on its way."""
    return [_option(run, key, words(scene, key), number) for number, key in enumerate(AFTER, start=1)]


def agent(scene: Scene) -> Option:
    """The way to a human."""
    return Option("agent", words(scene, "agent"), PREFIX + "agent", number=1)


def offer(scene: Scene, key: str, options: Sequence[Option], **values: object) -> Message | None:
    """Says one of our sentences, with these options below it."""
    said = words(scene, key, **values)
    return scene.say(Choice(said, tuple(options)) if options else Text(said))


def words(scene: Scene, key: str, **values: object) -> str:
    """One of our sentences in the customer's language."""
    return sentence(key, str(scene.attributes.get("language") or "en"), **values)


def chosen(options: Sequence[Option], said: Heard) -> str:
    """The option that was tapped, or its number or words; '' if none."""
    tapped = next((option.id for option in options if said.payload and option.payload == said.payload), "")
    rows = [Row(one.id, one.label, labels(one.id) if one.id in AFTER else ()) for one in options]
    return tapped or exact(rows, said.text) or fuzzy(rows, said.text) or ""


def address(text: str) -> tuple[str, str] | None:
    """The kind of address that the words are, and the address as it was written; None if they are none."""
    plain = text.strip()
    if "@" in plain and " " not in plain:
        return "email", plain
    digits = sum(character.isdecimal() for character in plain)
    return ("phone", plain) if digits >= PHONE_DIGITS and len(plain) <= 40 else None


def way_to(scene: Scene, row: Identity) -> Way | None:
    """The best channel for a code to this address."""
    ways = couriers.ways(here=scene.session.channel)
    return next((way for way in ways if way.namespace == row.namespace), None)


def wait(run: JourneyRun) -> Wait | None:
    """The run's wait, if it is for a proof."""
    found = Wait.from_json(run.wait)
    return found if found is not None and found.kind == "proof" else None


def _option(run: JourneyRun, key: str, label: str, number: int) -> Option:
    waiting = wait(run)
    token = waiting.token if waiting else run.seq
    return Option(key, label, f"{run.public_id.hex}:{token}:_{key}", number=number)
