"""Is a customer asked how it was on their own channel, by what it can show, and is the answer heard there?"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from channels_app import ingest
from channels_app.sandbox import emulators
from channels_app.sandbox.emulators import Bubble
from common import clock
from conversations import timers
from conversations.content import Text
from conversations.models import Conversation, Timer
from handover import desk
from handover.models import Agent, Queue, Rating
from tests.channels_app import storefront
from tests.channels_app.stage import Stage, stage
from tests.channels_app.storefront import Browser
from tests.faults.plant import wait_until
from tests.stories import cast

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = ["whatsapp", "telegram", "messenger", "instagram", "sms", "email"]
ASKED, THANKS = "How did we do?", "If you like, add a word about it."


@pytest.fixture
def ana(transactional_db: None) -> Agent:
    queue = cast.sales(asks_rating=True)
    cast.library()
    return cast.ana(queue)


def is_answered_and_closed(ana: Agent) -> Conversation:
    """Ana answers, closes, and half a minute passes."""
    found = Conversation.objects.unclosed().get()
    Conversation.objects.filter(pk=found.pk).update(queue_id=Queue.objects.get(key="sales").pk)
    desk.reply(conversation_id=found.pk, agent=ana, content=Text("On Monday."), client_id=str(uuid4()))
    desk.close(conversation_id=found.pk, agent=ana)
    Timer.objects.filter(kind="rating").update(due_at=clock.now())
    timers.sweep()
    return found


def newest(scene: Stage, words: str) -> Bubble:
    bubbles = [emulators.of(scene.channel).bubble(row) for row in scene.phone]
    return next(bubble for bubble in reversed(bubbles) if words in bubble.text)


def rates_it_good(scene: Stage) -> None:
    """By the button, where there is one; else by what the message says one may write."""
    bubble = newest(scene, ASKED)
    button = next((one for one in bubble.buttons if one.title == "Good"), None)
    if button is not None:
        scene.does("tap", message=bubble.id, option=button.id, title=button.title)
    else:
        assert "4" in bubble.text or bubble.list is not None
        scene.does(text="4")


@pytest.mark.parametrize("kind", KINDS)
def test_who_is_asked_there_answers_there_and_is_heard(kind: str, live_server: Any, ana: Agent) -> None:
    with stage(kind, live_server.url) as scene:
        scene.does(text="hi")
        wait_until(lambda: (scene.go_on(), Conversation.objects.exists())[1], 40, "the first word is in")
        closed = is_answered_and_closed(ana)
        scene.go_on()
        rates_it_good(scene)
        assert newest(scene, THANKS)
        scene.does(text="Quick and friendly")
        rating = Rating.objects.get()
        assert (rating.score, rating.conversation, rating.session.kind) == (4, closed, kind)
        assert "Quick and friendly" in rating.comment
        scene.does(text="And can I pay on delivery?")
        closed.refresh_from_db()
        assert (closed.state, closed.owner_id) == ("open", ana.pk)


@pytest.mark.parametrize(
    ("text", "score", "words"),
    [
        ("5 - lovely", 5, "lovely"),
        ("Le doy un 4, muy amables\n\nUn saludo,\nMaya", 4, "muy amables"),
        ("2 chairs", None, ""),
    ],
)
def test_a_mail_that_quotes_the_question_says_only_what_is_above_it(
    live_server: Any, ana: Agent, text: str, score: int | None, words: str
) -> None:
    with stage("email", live_server.url) as scene:
        scene.does(text="hi")
        wait_until(lambda: (scene.go_on(), Conversation.objects.exists())[1], 40, "the first word is in")
        closed = is_answered_and_closed(ana)
        scene.go_on()
        scene.does(text=text)
    rating = Rating.objects.get()
    assert (rating.score, rating.comment) == (score, words)
    closed.refresh_from_db()
    assert closed.state == ("closed" if score else "open")


def test_in_the_widget_too(ana: Agent) -> None:
    storefront.open_shop()
    browser = Browser()
    browser.visit()

    def says(text: str, **more: str) -> list[dict[str, Any]]:
        said = {"type": "message", "id": str(uuid4()), "text": text, **more}
        assert browser.post("messages", said).status_code == 200
        ingest.drain()
        return [one["data"]["content"] for one in browser.visit()["history"] if one["type"] == "message"]

    says("hi")
    closed = is_answered_and_closed(ana)
    asked = next(one["data"] for one in reversed(browser.visit()["history"]) if one["type"] == "message")["content"]
    assert asked["text"].startswith(ASKED)
    good = next(one for one in asked["options"] if one["label"] == "Good")
    assert THANKS in says("Good", type="option", payload=good["payload"])[-1]["text"]
    assert (Rating.objects.get().score, Rating.objects.get().session.kind) == (4, "web")
    says("And can I pay on delivery?")
    closed.refresh_from_db()
    assert (closed.state, closed.owner_id) == ("open", ana.pk)
