"""From the shop to WhatsApp, Telegram, Discord and back to the shop: one person, one conversation, the same step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from channels_app import limits
from channels_app.models import Channel
from channels_app.sandbox import emulators
from channels_app.sandbox.emulators import Bubble, Said
from channels_app.sandbox.models import SandboxMessage
from conversations.models import Conversation, JourneyRun
from customers.models import Identity, Link
from tests.channels_app import discord_site, pretended, storefront
from tests.channels_app.discord_site import go_on, until
from tests.channels_app.storefront import Browser
from tests.stories import cast

pytestmark = pytest.mark.django_db(transaction=True)
MAYA = pretended.person()


@dataclass
class Phone:
    """Maya's app of one provider: everything she does leaves as a real webhook, everything she sees came by the API."""

    channel: Channel

    def does(self, act: str, text: str = "", **more: Any) -> None:
        emulators.of(self.channel).write(self.channel, MAYA, Said(act, text, **more))  # type: ignore[arg-type]  # an act in words

    def bubbles(self) -> list[Bubble]:
        """What she was written, newest first."""
        address = emulators.of(self.channel).address(MAYA)
        rows = SandboxMessage.objects.filter(channel=self.channel.key, address=address, is_from_customer=False)
        return [emulators.of(self.channel).bubble(row) for row in rows.order_by("-pk")]

    def sees(self, words: str) -> Bubble:
        """The newest bubble with these words, as soon as it is there."""

        def found() -> Bubble | None:
            go_on()
            return next((bubble for bubble in self.bubbles() if words in bubble.text), None)

        got: Bubble = until(found)
        return got

    def taps(self, question: str, label: str) -> None:
        """Presses a button of a question."""
        bubble = self.sees(question)
        option = next(button for button in bubble.buttons if button.title == label)
        self.does("tap", message=bubble.id, option=option.id, title=option.title)


@dataclass
class Shop:
    """Maya's browser, where she is not signed in."""

    browser: Browser

    def says(self, text: str, payload: str = "") -> None:
        kind = {"type": "option", "payload": payload} if payload else {"type": "message"}
        assert self.browser.post("messages", {**kind, "id": str(uuid4()), "text": text}).status_code == 200
        go_on()

    def sees(self, words: str) -> dict[str, Any]:
        """The newest message with these words, as soon as it is there."""

        def found() -> dict[str, Any] | None:
            go_on()
            history = [one["data"] for one in self.browser.visit()["history"] if one["type"] == "message"]
            return next((one["content"] for one in reversed(history) if words in one["content"]["text"]), None)

        got: dict[str, Any] = until(found)
        return got

    def taps(self, question: str, label: str) -> None:
        options = self.sees(question)["options"]
        self.says(label, next(option["payload"] for option in options if option["label"] == label))


@pytest.fixture
def site(settings: Any) -> Iterator[str]:
    with discord_site.site(settings) as url:
        storefront.open_shop()
        limits.LEADS.forget()
        cast.sales()
        cast.library()
        yield url


@pytest.fixture
def shop(site: str) -> Shop:
    return Shop(Browser())


def phone(kind: str) -> Phone:
    """The demo's channel of that kind, and Maya's app for it."""
    emulator = emulators.find(kind)
    assert emulator is not None
    found = Channel.objects.create(**emulators.demo_fields(emulator))
    emulator.reset(found)  # what another test left on its way stands before what is said here
    return Phone(found)


@pytest.fixture
def discord(site: str) -> Iterator[Phone]:
    """Listened for by our gateway."""
    found = phone("discord")
    with discord_site.gateway():
        until(lambda: discord_site.is_ready(found.channel))
        yield found


def code_in(words: str) -> str:
    """The code in a link, or in the words that are to be written."""
    signs = words.replace("[#", " ").replace("]", " ").replace("=", " ").replace("%5B%23", " ").replace("%5D", " ")
    return next(word for word in signs.split() if len(word) == 16 and word.isupper() and word.isalnum())


def both_say_yes(before: Phone | Shop, after: Phone, title: str) -> None:
    after.taps("Link this chat", "Yes, link them")
    after.sees("Please say yes in")
    before.taps(f"{title} (", "Yes, link them")
    after.sees("We go on here.")


def run() -> JourneyRun:
    return JourneyRun.objects.get(version__journey__key="order_chair")


def to_whatsapp(shop: Shop, whatsapp: Phone) -> None:
    """By the link that the widget shows."""
    whatsapp.does("open", code_in(shop.browser.post("lead", {"to": "whatsapp-demo"}).json()["url"]))
    both_say_yes(shop, whatsapp, "WhatsApp")


def by_asking(before: Phone, after: Phone, title: str) -> None:
    """By writing to the bot."""
    before.does("text", f"Continue on {title}")
    after.does("open", code_in(before.sees(f"To go on in {title}").text))
    both_say_yes(before, after, title)


def back_to(shop: Shop) -> None:
    """By the card that the widget shows to whoever comes back."""
    card = shop.browser.visit()["resume"]
    assert card is not None and card["channel"] == "Discord"
    shop.browser.post("messages", {"type": "action", "id": str(uuid4()), "action": "resume", "run": card["run"]})
    go_on()


@pytest.mark.scenario("J-1", "J-7", "ID-61")
def test_one_journey_over_four_channels_and_back(shop: Shop, discord: Phone) -> None:
    whatsapp, telegram = phone("whatsapp"), phone("telegram")
    shop.browser.visit()
    shop.says("I want to order a chair")
    shop.taps("Which chair", "Mesh executive")
    shop.sees("budget")
    to_whatsapp(shop, whatsapp)
    whatsapp.sees("budget")
    whatsapp.does("text", "400")
    whatsapp.sees("What matters most")
    by_asking(whatsapp, telegram, "Telegram")
    telegram.sees("What matters most")
    telegram.does("text", "my back")
    telegram.sees("Shall I place the order?")
    by_asking(telegram, discord, "Discord")
    discord.sees("Shall I place the order?")
    back_to(shop)
    shop.taps("Shall I place the order?", "Place the order")
    assert run().status == "completed" and run().vars["budget"] == 400


def test_they_are_one_person_and_one_conversation(shop: Shop) -> None:
    whatsapp, telegram = phone("whatsapp"), phone("telegram")
    shop.browser.visit()
    shop.says("hello")
    to_whatsapp(shop, whatsapp)
    by_asking(whatsapp, telegram, "Telegram")
    assert Conversation.objects.unclosed().count() == 1 and Link.objects.live().count() == 2
    assert len(set(Identity.objects.filter(valid_to=None).values_list("customer__root_id", flat=True))) == 1
