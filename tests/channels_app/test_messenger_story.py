"""Do conversations on Messenger and Instagram work from end to end?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from channels_app.models import InboundEvent
from channels_app.registry import account_of, adapter
from channels_app.sandbox import kit
from channels_app.sandbox.emulators import Upload
from channels_app.sandbox.models import SandboxContact
from common import clock
from conversations.models import Conversation, Delivery, Message, Session
from customers.models import Consent, Identity
from tests.channels_app import doors, pretended
from tests.channels_app.sending import say
from tests.channels_app.stage import Stage, stage, stages
from tests.stories import cast

pytestmark = pytest.mark.django_db(transaction=True)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.fixture(params=["messenger", "instagram"])
def both(request: Any, live_server: Any) -> Iterator[Stage]:
    with stage(request.param, live_server.url) as running:
        yield running


@pytest.fixture
def messenger(live_server: Any) -> Iterator[Stage]:
    with stage("messenger", live_server.url) as running:
        yield running


@pytest.fixture
def instagram(live_server: Any) -> Iterator[Stage]:
    with stage("instagram", live_server.url) as running:
        yield running


def delivered(scene: Stage, text: str = "hello", **more: Any) -> Delivery:
    """Something that is said to Maya, as far as it came."""
    found = say(scene.session, text, **more)
    scene.go_on()
    found.refresh_from_db()
    return found


def test_words_come_in_an_answer_goes_out_and_is_read(both):
    both.does(text="hi")
    assert [message.content["text"] for message in both.heard] == ["hi"]
    person = Identity.objects.get(namespace="messenger_user")
    assert (person.raw, person.scope, person.proof) == (both.address, both.channel.account, "provider")
    found = delivered(both)
    assert both.phone[-1].body["text"] == "hello" and found.external_id == both.phone[-1].external_id
    assert both.looks()
    found.refresh_from_db()
    assert found.state == "read"


def test_a_delivery_is_told_by_messenger(messenger):
    messenger.does(text="hi")
    assert delivered(messenger).state == "delivered"


def test_a_journey_runs_with_taps_on_quick_replies(messenger):
    cast.sales()
    cast.library()
    messenger.does(text="hi")
    replies = messenger.phone[-1].body["quick_replies"]
    reply = next(reply for reply in replies if reply["title"] == "Mesh executive")
    messenger.does("tap", message=messenger.phone[-1].external_id, option=reply["payload"], title=reply["title"])
    assert "budget" in messenger.phone[-1].body["text"]


def test_a_lost_answer_is_settled_by_the_echo_of_the_message(messenger):
    messenger.does(text="hi")
    messenger.controls(failure="lost")
    found = delivered(messenger)
    assert found.external_id == messenger.phone[-1].external_id and found.state in ("sent", "delivered")
    assert [row.body["text"] for row in messenger.phone].count("hello") == 1


def test_our_own_echo_adds_nothing_to_the_conversation(both):
    both.does(text="hi")
    delivered(both)
    ours = Message.objects.filter(session=both.session).exclude(author="customer")
    assert ours.count() == len(both.phone)
    assert Conversation.objects.get().owner_kind == "bot"


def test_what_staff_writes_in_metas_inbox_is_shown_as_staffs(both):
    both.does(text="hi")
    both.does("action", option="staff")
    newest = Message.objects.latest("pk")
    assert newest.content["text"].startswith("Hello, this is Ann") and newest.author == "agent"


def test_several_items_of_one_entry_come_in_their_order(both):
    both.does("action", option="burst")
    assert [message.content["text"] for message in both.heard] == ["One thing", "and another", "and a third"]


def test_an_unsent_message_is_gone_here_too(both):
    row = both.does(text="my secret")
    both.does("removal", message=row.external_id)
    assert [message.content["type"] for message in both.heard] == ["removed"]


def test_a_reaction_and_an_edit_reach_the_message(messenger):
    row = messenger.does(text="hi")
    messenger.does("edit", "hello", message=row.external_id)
    messenger.does("reaction", message=row.external_id, emoji="👍")
    message = messenger.heard[0]
    assert [edit.content["text"] for edit in message.edits.all()] == ["hello"]
    assert [reaction.emoji for reaction in message.reactions.all()] == ["👍"]


def test_a_picture_comes_with_its_words_and_can_be_fetched(both, settings):
    settings.INSIDE_HOSTS = [both.channel.config["base_url"].split("/")[2]]
    both.does("file", "look", file=Upload(PNG, "image/png", "chair.png"))
    (message,) = both.heard
    assert message.content["kind"] == "image" and message.content["caption"] == "look"
    reference = message.attachments.get().reference
    assert adapter(both.channel.kind).fetch(account_of(both.channel), reference).content == PNG


def test_who_ticked_a_box_and_writes_has_agreed(messenger):
    messenger.does("action", option="box")
    messenger.does(text="hi")
    known = Identity.objects.filter(namespace="messenger_user")
    assert {one.raw for one in known} == {messenger.address, "user_ref:box-1"}
    assert len({one.customer_id for one in known}) == 1
    assert list(Consent.objects.values_list("purpose", "state")) == [("marketing", "in")]


@pytest.mark.parametrize(("failure", "reason"), [("551", "unreachable"), ("10", "outside_window")])
def test_a_refusal_reaches_the_agent_with_its_reason(both, failure, reason):
    both.does(text="hi")
    both.controls(failure=failure)
    found = delivered(both)
    assert (found.state, found.reason) == ("failed", reason)


def put_back(scene: Stage, age: timedelta) -> None:
    """Maya's last words lie so far back, for us and for the provider."""
    at = clock.now() - age
    Session.objects.update(last_inbound_at=at, window_expires_at=at + timedelta(hours=24))
    SandboxContact.objects.filter(channel=scene.channel.key).update(last_inbound_at=at)


@pytest.mark.parametrize(
    ("author", "age", "state"),
    [
        ("bot", timedelta(hours=25), "failed"),
        ("agent", timedelta(hours=25), "delivered"),
        ("agent", timedelta(days=8), "failed"),
    ],
)
def test_after_a_day_only_a_person_may_write_and_after_a_week_nobody(messenger, author, age, state):
    messenger.does(text="hi")
    put_back(messenger, age)
    assert delivered(messenger, author=author).state == state


def test_a_link_with_a_code_opens_the_conversation(both):
    both.does("open", "K7Q2M9XW4R8T2ABC")
    event = InboundEvent.objects.earliest("pk")
    assert event.state == "done" and both.heard[0].content["text"] == "Get started"


@pytest.mark.scenario("T-33")
def test_a_forged_webhook_is_refused_and_not_stored(both):
    both.channel.credentials = {"app_secret": "another"}  # as the provider believes it to be
    pretended.write(both.channel, "text", "hi")
    assert set(both.go_on()) == {401}
    assert not InboundEvent.objects.exists() and not Message.objects.exists()


def test_the_check_says_that_the_pretended_account_works(both):
    findings = adapter(both.channel.kind).check(account_of(both.channel))
    assert [finding.is_well for finding in findings] == [True, True]


def test_meta_is_told_what_we_want_to_hear(both):
    found = adapter(both.channel.kind)
    assert all(finding.is_well for finding in found.connect(account_of(both.channel), "https://x"))
    assert "messages" in kit.recall(both.channel, "subscribed_fields")
    both.channel.credentials = {"access_token": "another"}
    assert [finding.is_well for finding in found.connect(account_of(both.channel), "https://x")] == [False]


def test_a_link_from_sms_joins_the_two_once_both_sides_say_yes(live_server):
    with stages(live_server.url, "sms", "messenger") as (sms, messenger):
        sms.does(text="continue on Messenger")
        code = re.search(r"\?ref=([A-Z0-9]+)", sms.phone[-1].body["text"]).group(1)
        messenger.does("open", code)
        yes = next(reply for reply in messenger.phone[-1].body["quick_replies"] if "es" in reply["title"])
        messenger.does("tap", message=messenger.phone[-1].external_id, option=yes["payload"], title=yes["title"])
        number = re.search(r"answer (\d{6})", sms.phone[-1].body["text"]).group(1)
        sms.does(text=number)
    assert Identity.objects.get(namespace="phone").customer.root == messenger.session.identity.customer.root


def test_the_door_proves_our_address_to_meta(both):
    token = both.channel.credentials["verify_token"]
    for given, status in ((token, 200), ("another", 403)):
        query = urlencode({"hub.mode": "subscribe", "hub.verify_token": given, "hub.challenge": "4711"})
        path = f"/webhooks/{both.channel.kind}/demo"
        answer = doors.run(lambda path=path, query=query: doors.call(method="GET", path=path, query=query))
        assert answer[0] == status and (answer[1] == b"4711") is (status == 200)
