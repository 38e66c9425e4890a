"""On what do tests of sending stand? A provider that answers, its channel, a customer who has written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import LiveServerThread, QuietWSGIRequestHandler

from channels_app.models import Channel
from conversations.models import Session
from tests import factories
from tests.channels_app import providers, whatsapp


class HangsUp(QuietWSGIRequestHandler):
    """An answer that broke off ends its connection, as uvicorn does it; Django's server would keep it open."""

    def handle_one_request(self) -> None:
        self.is_whole = False
        super().handle_one_request()
        self.close_connection = self.close_connection or not self.is_whole

    def log_request(self, *said: Any) -> None:
        self.is_whole = True  # it is called for nothing that broke off


class Server(ThreadedWSGIServer):
    def __init__(self, address: tuple[str, int], handler: type[QuietWSGIRequestHandler], **more: Any) -> None:
        super().__init__(address, HangsUp, **more)


LiveServerThread.server_class = Server


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
