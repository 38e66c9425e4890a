"""Which pages does the inbox show, and to whom?"""

from __future__ import annotations

import pytest
from django.test import Client

from handover.models import Agent, Queue
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Queue:
    return make.queue("sales")


@pytest.fixture
def ana(sales: Queue) -> Agent:
    """Works in sales, nowhere else."""
    return make.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def at_desk(ana: Agent) -> Client:
    client = Client()
    client.force_login(ana.user)
    return client


def test_the_desk_opens_with_the_agents_own_conversations(at_desk: Client) -> None:
    assert at_desk.get("/inbox/").headers["Location"] == "/inbox/mine/"


def test_a_waiting_conversation_stands_in_its_queue(at_desk: Client, sales: Queue) -> None:
    make.waiting_in(sales, name="Maya Lindqvist")
    page = at_desk.get("/inbox/queue-sales/").content.decode()
    assert "Maya Lindqvist" in page
    assert "Nobody is waiting" in page  # the hidden sentence for an empty list


def test_a_thread_shows_what_was_said(at_desk: Client, sales: Queue) -> None:
    conversation = make.waiting_in(sales, text="I need a chair")
    page = at_desk.get(f"/inbox/c/{conversation.public_id}/")
    assert "I need a chair" in page.content.decode()
