"""Which queue is meant by a name, a skill, a referrer, a language or a channel?"""

from __future__ import annotations

import pytest

from handover import routing
from handover.models import Queue, ReferrerRule
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def queues(db: None) -> None:
    factories.queue("general", is_default=True)
    factories.queue("billing", skill="billing")
    factories.queue("facturas", skill="billing", languages=["es"])
    factories.queue("returns", referrers=["returns"])
    factories.queue("letters", channels=["email"])


def key(**asked: str) -> str:
    found = routing.queue_for(**asked)
    return found.key if found else ""


@pytest.mark.parametrize(
    ("asked", "queue"),
    [
        ({}, "general"),
        ({"name": "returns", "skill": "billing"}, "returns"),
        ({"name": "nowhere"}, "general"),
        ({"skill": "billing"}, "billing"),
        ({"skill": "billing", "language": "es"}, "facturas"),
        ({"skill": "billing", "language": "es-MX"}, "facturas"),
        ({"skill": "billing", "language": "de"}, "billing"),
        ({"referrer": "returns"}, "returns"),
        ({"referrer": "returns", "skill": "billing"}, "billing"),
        ({"referrer": "elsewhere"}, "general"),
        ({"channel": "mail-shop email"}, "letters"),
        ({"channel": "web-shop web"}, "general"),
        ({"channel": "mail-shop email", "skill": "billing"}, "billing"),
    ],
)
def test_the_best_queue(asked: dict[str, str], queue: str) -> None:
    assert key(**asked) == queue


def test_an_archived_queue_is_not_meant() -> None:
    Queue.objects.filter(key="returns").update(is_archived=True)
    assert key(referrer="returns") == "general"


@pytest.mark.scenario("HO-54")
@pytest.mark.parametrize(
    ("address", "referrer"),
    [
        ("https://shop.example/returns/4711?token=secret#top", "returns"),
        ("https://www.shop.example/returns", "returns"),
        ("https://shop.example/chairs", "shop"),
        ("https://evil.example/shop.example/returns", ""),
        ("link:autumn", "campaign"),
        ("", ""),
    ],
)
def test_a_rule_says_what_a_page_stands_for(address: str, referrer: str) -> None:
    ReferrerRule.objects.create(pattern="shop.example/returns*", referrer="returns", rank=1)
    ReferrerRule.objects.create(pattern="shop.example/*", referrer="shop", rank=2)
    ReferrerRule.objects.create(pattern="link:autumn", referrer="campaign", rank=3)
    assert routing.referrer_of(address) == referrer
