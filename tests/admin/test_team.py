"""May who works here vanish from the back office? They are archived or deactivated: conversations name them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from handover import statuses
from handover.models import Agent, Queue
from tests import factories as make
from tests.admin import office
from tests.handover.inbox.cast import client_of

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


def test_the_page_of_an_agent_undoes_nothing_that_they_said_meanwhile(boss: Client) -> None:
    ana = make.agent("Ana Sousa", queues=(make.queue("sales"),))
    left_open = office.shown(boss, ana)
    statuses.say(agent=ana, status=Agent.Status.AWAY)
    Agent.objects.filter(pk=ana.pk).update(is_draining=True, language="es", hears_sounds=False)
    sent = left_open | {"name": "Ana S.", "manual_status": "online"}
    assert boss.post(office.page(Agent, "change", ana.pk), sent).status_code == 302
    ana.refresh_from_db()
    assert (ana.name, ana.manual_status, ana.is_draining) == ("Ana S.", "away", True)
    assert (ana.language, ana.hears_sounds) == ("es", False)


def test_a_desk_speaks_a_language_that_exists(boss: Client) -> None:
    ana = make.agent("Ana Sousa", queues=(make.queue("sales"),))
    change, given = office.page(Agent, "change", ana.pk), office.shown(boss, ana)
    refused = boss.post(change, given | {"language": "klingon"}).content.decode()
    assert "klingon is not one of the available choices" in refused
    assert boss.post(change, given | {"language": "es"}).status_code == 302
    assert Agent.objects.get().language == "es"
    Agent.objects.update(language="klingon")
    assert '<html lang="en"' in client_of(ana).get(reverse("inbox:start"), follow=True).content.decode()
