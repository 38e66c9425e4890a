"""What happens in the story of ten days? Pure: scenes of lines, told to a player.

A line is (place, verb, words). Places are kinds of channel; `web` is the shop's chat in a browser nobody signed in to.
Verbs: `says`, `taps` a button by its label, `gets` words, `leads` to another kind by the link that is asked for there,
`follows` the link, `yes` to the question of a link, `wait` so many days, `reports` an event of the shop.
"""

from __future__ import annotations

from dataclasses import dataclass

WEB, WHATSAPP, TELEGRAM, DISCORD, SHOP = "web", "whatsapp", "telegram", "discord", "shop"


class Unplayable(Exception):
    """The line cannot be done (yet); its text says what is missing."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is done or seen."""

    place: str
    verb: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """A day of the story; `about` says what to look at."""

    title: str
    about: str
    lines: tuple[Line, ...]


def switched(before: str, after: str) -> tuple[Line, ...]:
    """From one place to the next by a link, and a yes on both sides."""
    return (
        Line(before, "leads", after),
        Line(after, "follows"),
        Line(after, "yes", "Link this chat"),
        Line(before, "yes", "has used your link"),
        Line(after, "gets", "We go on here."),
    )


SCENES = (
    Scene(
        "Day 1: a question in the shop's chat",
        "Nobody is signed in. A journey asks what the chair is for.",
        (
            Line(WEB, "says", "Can you recommend something for my back?"),
            Line(WEB, "gets", "What will you mostly do in it?"),
            Line(WEB, "taps", "Work at a desk"),
            Line(WEB, "gets", "How many hours a day"),
        ),
    ),
    Scene(
        "Day 1: on the way home, WhatsApp",
        "The same question, at the same step. Nothing is asked twice, no history is copied.",
        (
            *switched(WEB, WHATSAPP),
            Line(WHATSAPP, "gets", "How many hours a day"),
            Line(WHATSAPP, "says", "9"),
            Line(WHATSAPP, "gets", "we recommend the Ergo task chair"),
            Line(WHATSAPP, "taps", "Yes, send the link"),
            Line(WHATSAPP, "gets", "/demo/shop/"),
        ),
    ),
    Scene(
        "Day 4: Telegram, a question about shipping",
        "Three days later, another app: the greeting names what it was about, and an article answers.",
        (
            Line(SHOP, "wait", "3"),
            Line(WHATSAPP, "says", "I have a question"),
            Line(WHATSAPP, "gets", "we spoke about: Finding the right chair."),
            *switched(WHATSAPP, TELEGRAM),
            Line(TELEGRAM, "says", "How long does the delivery take?"),
            Line(TELEGRAM, "gets", "working days"),
        ),
    ),
    Scene(
        "Day 7: Discord, how is it put together?",
        "Welcomed back with the last topic; the answer comes with the film.",
        (
            Line(SHOP, "wait", "3"),
            Line(TELEGRAM, "says", "One more question"),
            Line(TELEGRAM, "gets", "we spoke about: Delivery times."),
            *switched(TELEGRAM, DISCORD),
            Line(DISCORD, "says", "Is there a video of the assembly?"),
            Line(DISCORD, "gets", "https://"),
        ),
    ),
    Scene(
        "Day 9: the parcel has arrived",
        "The shop reports it, and the follow-up is asked where the customer wrote last.",
        (
            Line(SHOP, "wait", "2"),
            Line(SHOP, "reports", "order_delivered"),
            Line(DISCORD, "gets", "Is everything all right with your"),
        ),
    ),
    Scene(
        "Day 10: back in the shop's chat",
        "The browser of the first day: the open question stands there, and the answer ends the story.",
        (
            Line(SHOP, "wait", "0.8"),
            Line(WEB, "returns"),
            Line(WEB, "gets", "Is everything all right with your"),
            Line(WEB, "taps", "All is well"),
            Line(WEB, "gets", "Enjoy your chair"),
        ),
    ),
)

LINES = tuple(line for scene in SCENES for line in scene.lines)
