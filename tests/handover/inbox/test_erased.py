"""What does the desk show of somebody who was erased? That they were, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.urls import reverse

from conversations.models import Conversation
from customers import privacy_erasing
from handover.models import Agent, Queue
from tests import factories as make
from tests.handover.inbox.cast import Screen
from tests.stories import canaries

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    with canaries.log():
        yield


def erase(conversation: Conversation) -> None:
    """Asked for; no worker has done anything yet."""
    privacy_erasing.erase(customer=conversation.customer, actor="user:1", reason="asked", request_id="r")


def page(conversation: Conversation) -> str:
    return reverse("inbox:conversation", args=[conversation.public_id])


@pytest.mark.parametrize("is_done", [False, True])
def test_the_thread_says_erased_at_once_and_for_ever(desk: Client, sales: Queue, is_done: bool) -> None:
    conversation = make.waiting_in(sales, text="canary words")
    erase(conversation)
    if is_done:
        privacy_erasing.sweep()
    shown = desk.get(page(conversation))
    assert shown.status_code == 410 and "This customer was erased" in shown.content.decode()
    assert "canary" not in shown.content.decode()
    asked = desk.get(page(conversation), headers={"X-Inbox-Pane": "thread"})
    assert (asked.status_code, asked.json()["code"]) == (410, "erased")


def test_no_list_and_no_count_has_it_any_more(desk: Client, sales: Queue) -> None:
    conversation = make.waiting_in(sales, text="canary words")
    erase(conversation)
    for view in ("queue-sales", "closed", "all"):
        assert str(conversation.public_id) not in desk.get(reverse("inbox:view", args=[view])).content.decode()
    assert desk.get(reverse("inbox:counts")).json()["views"]["queue-sales"]["count"] == "0"


def test_nobody_can_answer_there(desk: Client, ana: Agent, sales: Queue) -> None:
    conversation = make.give(make.waiting_in(sales), ana)
    erase(conversation)
    said = desk.post(page(conversation) + "reply", {"text": "hello"}, headers={"Accept": "application/json"})
    assert said.status_code == 410


def test_who_may_not_see_it_learns_nothing(ben: Agent, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    erase(conversation)
    stranger = Client()
    stranger.force_login(ben.user)
    assert stranger.get(page(conversation)).status_code == 404


async def test_an_open_screen_loses_it_at_once(desk: Client, sales: Queue) -> None:
    conversation = await sync_to_async(make.waiting_in)(sales)
    screen = await Screen(desk).open()
    await screen.ask(type="shown", ids=[str(conversation.public_id)])
    await screen.subscribe(conversation, after=conversation.head_seq)
    await screen.hear("subscribed")
    await sync_to_async(erase)(conversation)
    assert (await screen.hear("revoked"))["data"] == {"conversation": str(conversation.public_id)}
    assert (await screen.hear("gone"))["data"] == {"id": str(conversation.public_id)}
    await screen.leave()
