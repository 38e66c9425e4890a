"""On what do tests of sending stand? A provider that answers, its channel, a customer who has written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from channels_app.models import Channel
from conversations.models import Session
from tests import factories
from tests.channels_app import providers, whatsapp


@pytest.fixture
def graph() -> Iterator[providers.Graph]:
    with providers.graph() as running:
        yield running


@pytest.fixture
def channel(graph: providers.Graph) -> Channel:
    return whatsapp.channel(base_url=graph.url)


@pytest.fixture
def session(channel: Channel) -> Session:
    """Maya has just written on WhatsApp."""
    _, phone = factories.maya()
    return factories.receive(factories.whatsapp(phone), "hi").session
