"""Can a program answer a customer where an agent can, by the same rule?"""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation, Delivery
from tests import factories as make
from tests.handover.channels import connect

pytestmark = [pytest.mark.django_db, pytest.mark.urls("handover.urls")]
API = "/api/v1/conversations/"


@pytest.fixture
def client() -> APIClient:
    client = APIClient()
    client.force_authenticate(make.agent("Ana Sousa", queues=(make.queue("sales"),)).user)
    return client


@pytest.fixture
def waiting() -> Conversation:
    connect("whatsapp", "sms", "email")
    return make.waiting_in(make.queue("sales"))


def ways(client: APIClient, conversation: Conversation) -> dict[str, dict[str, Any]]:
    return {row["kind"]: row for row in client.get(f"{API}{conversation.public_id}/ways/").json()}


def send(client: APIClient, conversation: Conversation, way: str) -> Any:
    body = {"text": "Hello", "session": way}
    headers = {"Idempotency-Key": "k-1"}
    return client.post(f"{API}{conversation.public_id}/messages/", body, format="json", headers=headers)


def test_the_ways_are_told_with_their_reasons_and_other_addresses_masked(
    client: APIClient, waiting: Conversation
) -> None:
    make.identity(waiting.customer, "email", "maya@example.com", proof="claimed")
    found = ways(client, waiting)
    assert [row["is_here"] for row in found.values()] == [True, False, False]
    assert (found["sms"]["reason"], found["email"]["reason"]) == ("", "This address is not proven.")
    assert "maya@" not in str(found) and waiting.sessions.get().identity.raw not in found["sms"]["address"]


def test_what_is_not_linked_has_no_id(client: APIClient, waiting: Conversation) -> None:
    found = ways(client, waiting)["email"]
    assert (found["id"], found["reason"]) == (None, "not linked")


def test_a_reply_goes_where_it_was_said(client: APIClient, waiting: Conversation) -> None:
    answer = send(client, waiting, ways(client, waiting)["sms"]["id"])
    assert (answer.status_code, answer.json()["channel"]) == (201, "sms-demo")
    assert Delivery.objects.get().channel == "sms-demo"


def test_a_closed_way_is_refused_with_its_reason(client: APIClient, waiting: Conversation) -> None:
    make.identity(waiting.customer, "email", "maya@example.com", proof="claimed")
    answer = send(client, waiting, ways(client, waiting)["email"]["id"])
    assert (answer.status_code, answer.json()["reason"]) == (409, "This address is not proven.")


def test_a_stranger_is_told_nothing(waiting: Conversation) -> None:
    stranger = APIClient()
    stranger.force_authenticate(make.agent("Ben", queues=(make.queue("support"),)).user)
    assert stranger.get(f"{API}{waiting.public_id}/ways/").status_code == 404
