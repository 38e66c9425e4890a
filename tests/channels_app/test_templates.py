"""Do we know which templates a channel has, and does an agent send one when the window is shut?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from channels_app import templates
from channels_app.models import Channel
from channels_app.registry import DeliveryError
from channels_app.sandbox import kit, provider
from channels_app.sandbox.graph_templates import TEMPLATES
from channels_app.template_models import MessageTemplate
from common import clock
from conversations.models import Conversation, Delivery, Message
from handover.models import Agent
from tests import factories as make
from tests.channels_app.stage import Stage, stage
from tests.handover.inbox.cast import client_of

pytestmark = pytest.mark.django_db(transaction=True)
GREETING = {
    "name": "greeting", "language": "en", "category": "UTILITY", "components": [{"type": "BODY", "text": "Hi {{1}}!"}],
}  # fmt: skip


@pytest.fixture
def phone(live_server: Any) -> Iterator[Stage]:
    with stage("whatsapp", live_server.url) as running:
        yield running


@pytest.fixture
def ana() -> Agent:
    return make.agent("Ana Sousa", queues=(make.queue("sales"),))


@pytest.fixture
def shut(phone: Stage, ana: Agent) -> Iterator[Conversation]:
    """Maya wrote 25 hours ago, and Ana has her conversation."""
    phone.does(text="hi")
    found = phone.session.conversation
    Conversation.objects.filter(pk=found.pk).update(
        owner_kind="agent", owner_id=ana.pk, queue_id=make.queue("sales").pk, owner_epoch=found.owner_epoch + 1
    )
    Delivery.objects.filter(state="queued").delete()
    clock.shift_by(lambda: timedelta(hours=25))
    yield Conversation.objects.get(pk=found.pk)
    clock.shift_by(timedelta)


def listed(channel: Channel) -> dict[str, str]:
    return dict(MessageTemplate.objects.filter(channel=channel).values_list("name", "status"))


# --- reading ----------------------------------------------------------------------------------------------------------


def test_all_pages_are_read_and_what_is_gone_goes(phone):
    many = [TEMPLATES[0] | {"name": f"update_{n}", "status": "PAUSED" if n % 2 else "APPROVED"} for n in range(230)]
    kit.remember(phone.channel, "templates", many)
    at = clock.now() - timedelta(days=1)
    MessageTemplate.objects.create(channel=phone.channel, name="old", language="en", status="approved", synced_at=at)
    assert templates.sync(phone.channel) == 230
    found = listed(phone.channel)
    assert len(found) == 230 and (found["update_228"], found["update_229"]) == ("approved", "paused")


def test_reading_again_keeps_the_rows(phone):
    templates.sync(phone.channel)
    before = set(MessageTemplate.objects.values_list("public_id", flat=True))
    templates.sync(phone.channel)
    assert set(MessageTemplate.objects.values_list("public_id", flat=True)) == before


def test_a_provider_that_does_not_answer_changes_nothing(phone):
    templates.sync(phone.channel)
    phone.channel.config["base_url"] += "/nowhere"
    phone.channel.save(update_fields=["config"])
    with pytest.raises(DeliveryError):
        templates.sync(phone.channel)
    assert templates.sync_all() == 0 and len(listed(phone.channel)) == 6


def test_a_new_template_is_pending_until_the_webhook_says_more(phone):
    provider.create_template(channel=phone.channel, body=GREETING)
    templates.sync(phone.channel)
    assert listed(phone.channel)["greeting"] == "pending"
    MessageTemplate.objects.update(synced_at=clock.now() - timedelta(minutes=1))
    phone.go_on()
    assert listed(phone.channel)["greeting"] == "approved"


def test_a_rejection_brings_its_reason_to_every_number_of_the_account(phone):
    fields = {"kind": "whatsapp", "title": "Second", "config": phone.channel.config, "credentials": {}}
    second = Channel.objects.create(key="second", account="222", **fields)
    body = GREETING | {"components": [{"type": "BODY", "text": "Hi {{1}}{{2}}!"}]}
    long_ago = clock.now() - timedelta(minutes=1)
    for channel in (phone.channel, second):
        MessageTemplate.objects.create(channel=channel, name="greeting", language="en", status="pending",
                                       synced_at=long_ago)  # fmt: skip
    provider.create_template(channel=phone.channel, body=body)
    phone.go_on()
    found = MessageTemplate.objects.values_list("status", "reason")
    assert list(found) == [("rejected", "INVALID_FORMAT")] * 2


def test_older_news_change_nothing(phone):
    provider.create_template(channel=phone.channel, body=GREETING)
    row = MessageTemplate.objects.create(channel=phone.channel, name="greeting", language="en", status="disabled",
                                         synced_at=clock.now() + timedelta(hours=1))  # fmt: skip
    phone.go_on()
    row.refresh_from_db()
    assert row.status == "disabled"


# --- sending ----------------------------------------------------------------------------------------------------------


def row(name: str = "order_update") -> MessageTemplate:
    return MessageTemplate.objects.get(name=name)


def post(agent: Agent, conversation: Conversation, values: dict[str, str], template: str, **more: str) -> Any:
    url = reverse("inbox-templates", args=[conversation.public_id])
    fields = {f"value:{key}": value for key, value in values.items()}
    common = {"template": template, "client_id": "01890000-0000-7000-8000-000000000001"}
    return client_of(agent).post(url, {**common, **fields, **more}, headers={"Accept": "application/json"})


def test_the_picker_offers_what_is_approved_and_only_when_the_window_is_shut(phone, ana, shut):
    page = client_of(ana).get(reverse("inbox:conversation", args=[shut.public_id])).content.decode()
    assert "Send a template" in page
    offered = client_of(ana).get(reverse("inbox-templates", args=[shut.public_id])).content.decode()
    assert all(name in offered for name in ("Order update", "Continue chat", "Delivery photo"))
    assert "spring_sale" not in offered and "Hello …, there is news about your order …." in offered
    clock.shift_by(timedelta)
    page = client_of(ana).get(reverse("inbox:conversation", args=[shut.public_id])).content.decode()
    assert "Send a template" not in page


def test_a_template_goes_out_though_the_window_is_shut_and_once(phone, ana, shut):
    templates.sync(phone.channel)
    for _ in range(2):
        answer = post(ana, shut, {"body_1": "Maya", "body_2": "4711"}, str(row().public_id))
        assert answer.status_code == 200, answer.content
    phone.go_on()
    (sent,) = [one for one in phone.phone if one.body["type"] == "template"]
    assert kit.bubble(sent).state == "delivered"
    message = Message.objects.get(author="agent")
    assert message.content["text"].startswith("Hello Maya, there is news about your order 4711.")


@pytest.mark.parametrize(
    ("values", "status", "code"),
    [
        ({"body_1": "Maya"}, 400, "template_parameters"),
        ({"body_1": "Maya", "body_2": "1", "nonsense": "x"}, 400, "template_parameters"),
    ],
)
def test_the_server_counts_the_places(phone, ana, shut, values, status, code):
    templates.sync(phone.channel)
    answer = post(ana, shut, values, str(row().public_id))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Message.objects.filter(author="agent").exists()


def test_a_template_that_was_paused_meanwhile_is_refused(phone, ana, shut):
    templates.sync(phone.channel)
    MessageTemplate.objects.filter(name="order_update").update(status="paused")
    answer = post(ana, shut, {"body_1": "Maya", "body_2": "4711"}, str(row().public_id))
    assert (answer.status_code, answer.json()["code"]) == (409, "template_unusable")


def test_a_code_is_nothing_that_an_agent_sends(phone, ana, shut):
    templates.sync(phone.channel)
    offered = client_of(ana).get(reverse("inbox-templates", args=[shut.public_id])).content.decode()
    assert "login_code" not in offered
    answer = post(ana, shut, {"body_1": "123456", "button_0": "123456"}, str(row("login_code").public_id))
    assert (answer.status_code, answer.json()["code"]) == (409, "template_unusable")
    assert not Message.objects.filter(author="agent").exists()


def test_another_channels_template_and_nonsense_are_refused(phone, ana, shut):
    other = Channel.objects.create(key="other", kind="whatsapp", title="Other", account="9", config={})
    foreign = MessageTemplate.objects.create(channel=other, name="x", language="en", status="approved",
                                             synced_at=clock.now())  # fmt: skip
    assert post(ana, shut, {}, str(foreign.public_id)).json()["code"] == "template_unusable"
    assert post(ana, shut, {}, "nonsense").json()["code"] == "invalid"


@pytest.mark.scenario("T-7")
def test_who_may_not_see_the_conversation_finds_no_picker(phone, shut):
    ben = make.agent("Ben Okafor", queues=(make.queue("support"),))
    assert client_of(ben).get(reverse("inbox-templates", args=[shut.public_id])).status_code == 404
    assert post(ben, shut, {}, "x").status_code == 404


def test_without_a_script_the_picker_is_a_page_that_leads_back(phone, ana, shut):
    templates.sync(phone.channel)
    url = reverse("inbox-templates", args=[shut.public_id])
    fields = {"template": str(row("continue_chat").public_id), "client_id": "01890000-0000-7000-8000-000000000002"}
    refused = client_of(ana).post(url, fields, follow=True)
    assert b"Missing: Text 1." in refused.content
    sent = client_of(ana).post(url, {**fields, "value:body_1": "Maya"})
    assert sent.headers["Location"] == reverse("inbox:conversation", args=[shut.public_id])


def test_a_program_lists_and_sends_them(phone, ana, shut):
    api = APIClient()
    api.force_authenticate(ana.user)
    url = reverse("conversation-templates", args=[shut.public_id])
    offered = {one["name"]: one for one in api.get(url).json()}
    assert [place["key"] for place in offered["order_update"]["places"]] == ["body_1", "body_2"]
    body = {"template": offered["order_update"]["template"], "values": {"body_1": "Maya", "body_2": "4711"}}
    answers = [api.post(url, body, format="json", headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201] and answers[1].headers["Idempotent-Replay"] == "true"
    assert answers[0].json()["text"].startswith("Hello Maya") and Message.objects.filter(author="agent").count() == 1
    make.give(shut, make.queue("elsewhere"))
    assert api.post(url, body, format="json", headers={"Idempotency-Key": "k"}).json() == answers[0].json()


def test_the_places_of_a_template_are_counted_for_a_program_too(phone, ana, shut):
    api = APIClient()
    api.force_authenticate(ana.user)
    templates.sync(phone.channel)
    url = reverse("conversation-templates", args=[shut.public_id])
    body = {"template": str(row("order_update").public_id)}
    wrong = api.post(url, body | {"values": {}}, format="json", headers={"Idempotency-Key": "k2"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "template_parameters")
