"""Who works here? Ana in sales, Ben in support, Chloe leads sales; each sees what their queue gives them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from conversations import hub
from handover.inbox import floor
from handover.models import Agent, Queue
from tests import factories as make
from tests.handover.inbox.cast import client_of


@pytest.fixture
def sales(db: None) -> Queue:
    return make.queue("sales")


@pytest.fixture
def support(db: None) -> Queue:
    return make.queue("support")


@pytest.fixture
def ana(sales: Queue) -> Agent:
    """Works in sales only."""
    return make.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def ben(support: Queue) -> Agent:
    """Works in support only: never sees what waits in sales."""
    return make.agent("Ben Okafor", queues=(support,))


@pytest.fixture
def chloe(sales: Queue) -> Agent:
    """Leads sales, hence sees what Ana has."""
    return make.agent("Chloe Martin", supervises=(sales,))


@pytest.fixture
def desk(ana: Agent) -> Client:
    """Ana's browser."""
    return client_of(ana)


@pytest.fixture(autouse=True)
def fresh_loops() -> Iterator[None]:
    """Each test has a loop of its own: what belonged to the last one is forgotten, and no thread keeps a connection."""
    connection.settings_dict["CONN_MAX_AGE"] = 0
    yield
    hub._hubs.clear()
    floor._floors.clear()
