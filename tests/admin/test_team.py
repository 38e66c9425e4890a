"""May who works here vanish from the back office? They are archived or deactivated: conversations name them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from handover.models import Agent, Queue
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["queue", "agent"])
def test_queues_and_agents_are_not_deleted(admin_client: Client, kind: str) -> None:
    queue = make.queue("sales")
    agent = make.agent("Ana Sousa", queues=(queue,))
    row = {"queue": queue, "agent": agent}[kind]
    asked = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    admin_client.post(reverse(f"admin:handover_{kind}_changelist"), asked)
    assert (
        admin_client.post(reverse(f"admin:handover_{kind}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    )
    assert (Queue.objects.count(), Agent.objects.filter(pk=agent.pk).count()) == (1, 1)


def test_a_login_behind_a_desk_is_not_deleted(admin_client: Client) -> None:
    agent = make.agent("Ana Sousa")
    admin_client.post(reverse("admin:auth_user_delete", args=[agent.user_id]), {"post": "yes"})
    assert Agent.objects.filter(pk=agent.pk).exists()


def test_a_new_agent_has_the_room_that_is_set(settings) -> None:  # type: ignore[no-untyped-def]  # pytest-django's
    settings.HANDOVER = {**settings.HANDOVER, "CAPACITY": 3}
    assert Agent(name="Ben").capacity == 3
