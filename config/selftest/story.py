"""What is the story? WhatsApp in the morning, the web shop in the afternoon, one agent's desk; each step a sentence.

A channel that comes later joins with steps of its own in `STEPS`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from websockets.exceptions import WebSocketException

from config.selftest.browser import Browser
from config.selftest.cast import Cast
from config.selftest.desk import Desk
from config.selftest.phone import Phone
from config.selftest.report import Missing, Report, Step, never, until

BACK = "It has to be kind to my back."
DELIVERY, OFFER = "Do you deliver on Saturdays?", "Yes, on Saturdays until noon."
LATER, SURE = "And could you call me before?", "Of course, we call an hour before."
NOBODY = "Nobody from our team is online"
PASSING = "I am passing you to our team"
LISTENS = "You are talking to our team"
WHOLE_SECOND = 1.1  # WhatsApp dates messages by the second: a sooner one would count as older than the last in the shop


@dataclass
class Story:
    """The play and what its steps hand on to each other."""

    cast: Cast
    is_staffed: bool = False
    actors: dict[str, Phone | Browser | Desk] = field(default_factory=dict)

    @property
    def phone(self) -> Phone:
        found = self.actors.get("phone") or self.actors.setdefault("phone", self.cast.phone())
        assert isinstance(found, Phone)
        return found

    @property
    def shop(self) -> Browser:
        found = self.actors.get("shop") or self.actors.setdefault("shop", self.cast.browser(self.cast.login()))
        assert isinstance(found, Browser)
        return found

    @property
    def desk(self) -> Desk:
        found = self.actors.get("desk") or self.actors.setdefault("desk", self.cast.desk())
        assert isinstance(found, Desk)
        return found


def says_hi(story: Story) -> None:
    story.phone.says("hi")
    story.phone.gets("Which chair", buttons=3)


def taps_a_chair(story: Story) -> None:
    story.phone.taps("Ergo task chair")
    story.phone.gets("budget for the Ergo task chair")


def gives_a_wrong_budget(story: Story) -> None:
    story.phone.says("cheap")
    story.phone.gets("between 50 and 5000")


def gives_a_right_budget(story: Story) -> None:
    story.phone.says("400")
    story.phone.gets("What matters most")


def receipts_come_back(story: Story) -> None:
    until(story.phone.has_read_all, "not every message was delivered and read")


def opens_the_widget(story: Story) -> None:
    card = story.shop.card
    if card is None or card["step"] != "What matters most":
        raise Missing(f"the widget does not know where the journey stopped: {card}")
    if story.shop.said():
        raise Missing("the widget shows messages before anything was said in it")


def goes_on_at_the_same_step(story: Story) -> None:
    story.shop.goes_on()
    story.shop.gets("what matters most")


def answers_were_kept(story: Story) -> None:
    story.shop.says(BACK)
    story.shop.gets("Chair: Ergo task chair\nBudget: ")
    story.shop.gets("Shall I place the order?")


def whatsapp_stays_on_whatsapp(story: Story) -> None:
    for words in ("Which chair are you thinking of?", "between 50 and 5000", "cheap"):
        if words in story.shop.everything():
            raise Missing(f"the widget was given a message of WhatsApp: {words!r}")


def a_stranger_types_the_number(story: Story) -> None:
    stranger = story.cast.browser()
    stranger.says(f"+{story.cast.number}")
    until(stranger.said, "the stranger got no answer")
    for words in ("Ergo", BACK, "What matters most"):
        if stranger.card is not None or words in stranger.everything():
            raise Missing(f"the stranger was shown something of the customer: {words!r}")


def nobody_is_online(story: Story) -> None:
    story.shop.taps("Talk to someone")
    until(lambda: story.shop.texts(), "nothing was said about the team")
    story.is_staffed = not any(NOBODY in text for text in story.shop.texts())
    if not story.is_staffed:
        story.shop.taps("Go on alone")
        story.shop.gets("Shall I place the order?")


def asks_for_a_human(story: Story) -> None:
    _ = story.desk
    if not story.is_staffed:
        story.shop.taps("Talk to someone")
    for answer in ("Vera", DELIVERY):
        until(lambda: story.shop.texts(), "no question before the conversation was asked")
        if any(PASSING in text for text in story.shop.texts()):
            break
        story.shop.says(answer)
    story.shop.gets(PASSING)


def appears_in_the_inbox(story: Story) -> None:
    story.desk.sees_row_of(story.cast.name)
    for words in ("Which chair are you thinking of?", BACK, "Ergo task chair"):
        story.desk.sees(words)


def is_taken_and_answered(story: Story) -> None:
    story.desk.claims()
    story.desk.replies(OFFER)
    story.shop.gets(OFFER)


def writes_on_whatsapp(story: Story) -> None:
    time.sleep(WHOLE_SECOND)
    story.phone.says(LATER)
    story.desk.sees(LATER)


def the_bot_is_silent(story: Story) -> None:
    """One sentence says, once, that the team reads here, too; the bot says nothing."""
    story.phone.gets(LISTENS)
    never(lambda: len(story.phone.texts()) > 1, "the bot spoke while the agent had the conversation")


def is_answered_on_whatsapp(story: Story) -> None:
    story.desk.replies(SURE)
    story.phone.gets(SURE)
    if SURE in story.shop.everything():
        raise Missing("the widget was given an answer that was meant for WhatsApp")


def the_agent_sees_it_read(story: Story) -> None:
    receipts_come_back(story)
    story.desk.sees_state("read", SURE)


def the_bot_is_back(story: Story) -> None:
    story.phone.says("Thank you!")
    story.desk.sees("Thank you!")
    story.desk.ends()
    until(lambda: story.phone.texts(), "the customer was not told that the conversation is over")
    story.phone.says("menu")
    story.phone.gets("How can I help you?", buttons=3)


STEPS: tuple[tuple[str, Callable[[Story], None]], ...] = (
    ("WhatsApp: hi starts the journey, with three buttons", says_hi),
    ("WhatsApp: a tap answers the menu", taps_a_chair),
    ("WhatsApp: a wrong budget is asked again", gives_a_wrong_budget),
    ("WhatsApp: a right budget goes on, and the customer stops there", gives_a_right_budget),
    ("WhatsApp: delivered and read receipts come back", receipts_come_back),
    ("Shop: the widget knows where the journey stopped", opens_the_widget),
    ("Shop: one tap goes on at the same step", goes_on_at_the_same_step),
    ("Shop: it is the same run, with the answers already given", answers_were_kept),
    ("Shop: no message of WhatsApp is in the widget", whatsapp_stays_on_whatsapp),
    ("Shop: a stranger who types the number gets nothing", a_stranger_types_the_number),
    ("Shop: with nobody online, the journey's offline branch runs", nobody_is_online),
    ("Shop: with an agent online, the questions before it lead into the queue", asks_for_a_human),
    ("Inbox: the conversation appears by itself, with both channels", appears_in_the_inbox),
    ("Inbox: the agent takes it and answers in the widget", is_taken_and_answered),
    ("WhatsApp: the customer writes there, in the same conversation", writes_on_whatsapp),
    ("WhatsApp: the bot is silent", the_bot_is_silent),
    ("WhatsApp: the agent answers there", is_answered_on_whatsapp),
    ("Inbox: the answer was read", the_agent_sees_it_read),
    ("WhatsApp: the agent closes, and the bot is back", the_bot_is_back),
)


def play(*, base_url: str, widget_secret: str, say: Callable[[Step], None] = lambda step: None) -> Report:
    """Plays all steps against a running Throughline with the demo; stops at the first that does not hold."""
    report, story = Report(), Story(Cast(base_url.rstrip("/"), widget_secret))
    try:
        for name, act in STEPS:
            step = _play(story, name, act)
            report.steps.append(step)
            say(step)
            if not step.is_ok:
                break
    finally:
        report.visits = [str(actor.visit["visit"]) for actor in story.cast.present if isinstance(actor, Browser)]
        story.cast.leave()
    return report


def _play(story: Story, name: str, act: Callable[[Story], None]) -> Step:
    started, detail = time.monotonic(), ""
    try:
        act(story)
    except (Missing, AssertionError, httpx.HTTPError, WebSocketException, OSError) as error:
        detail = f"{type(error).__name__}: {error}"
    return Step(name, not detail, round((time.monotonic() - started) * 1000), detail)
