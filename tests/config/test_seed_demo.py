"""Is the demo made once, believable, and removed without a trace and without touching anything else?"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from channels_app.models import Channel, WidgetKey
from channels_app.sandbox.models import SandboxContact
from common import clock
from config.demo import PASSWORD, channels
from conversations.models import Conversation, Delivery, Journey, Message, Session
from conversations.sessions import Place
from customers.models import Conflict, Consent, Customer, Identity, Link, MappingImport, MatchSuggestion
from handover import hours
from handover.board import leads
from handover.models import Affinity, Agent, BusinessHours, Note, Queue, ReferrerRule, SlaClock
from tests import factories as make

pytestmark = pytest.mark.django_db


def owners() -> Counter[tuple[str, str, str]]:
    return Counter(Conversation.objects.values_list("state", "owner_kind", "mode"))


def test_the_demo_has_everything_that_the_tutorial_names() -> None:
    call_command("seed_demo", "--no-history")
    assert {agent.user.username for agent in Agent.objects.all()} == {"admin", "ana", "ben", "chloe"}
    assert authenticate(username="ana", password=PASSWORD) is not None
    assert Queue.objects.get(is_default=True).intake == "prechat_sales"
    assert set(Channel.objects.values_list("key", flat=True)) == set(channels.KEYS)
    assert WidgetKey.objects.get(kid="shop-2026").channel.config["verifies_phone"] is True
    assert Journey.objects.get(key="order_chair").live_version is not None


def test_the_past_is_believable_and_written_once() -> None:
    call_command("seed_demo")
    found = owners()
    assert found["open", "agent", "live"] and found["open", "queue", "live"] and found["open", "bot", "live"]
    assert found["closed", "bot", "live"] and found["open", "queue", "ticket"]
    assert {"read", "sent", "failed"} == set(Delivery.objects.values_list("state", flat=True))
    assert Delivery.objects.get(state="failed").provider_text == "Message Undeliverable."
    assert Note.objects.filter(kind="card").exists() and Note.objects.filter(kind="note").exists()
    assert Affinity.objects.exists() and Identity.objects.filter(proof="imported").exists()
    assert not Agent.objects.filter(last_seen_at__isnull=False).exists()  # nobody is online afterwards
    before = Message.objects.count()
    call_command("seed_demo")
    assert Message.objects.count() == before


def test_the_pretended_providers_know_whose_window_is_open() -> None:
    call_command("seed_demo")
    for session in Session.objects.filter(kind="whatsapp", window_expires_at__gt=clock.now()):
        contact = SandboxContact.objects.get(channel=session.channel, address=session.identity.raw.lstrip("+"))
        assert contact.last_inbound_at == session.last_inbound_at
    assert SandboxContact.objects.filter(last_inbound_at__gt=clock.now() - timedelta(hours=24)).count() > 5
    call_command("seed_demo", "--purge")
    assert not SandboxContact.objects.exists()


def test_the_rungs_of_a_vip_and_of_a_closed_team_can_be_seen() -> None:
    call_command("seed_demo")
    workshop = Queue.objects.get(key="workshop")
    assert not hours.is_open(workshop, clock.now()) and hours.next_opening(workshop, clock.now())
    assert workshop.fallback is not None and workshop.fallback.key == "support"
    assert ReferrerRule.objects.filter(referrer__in=workshop.referrers).exists()
    assert Agent.objects.get(user__username="ana").languages == ["en", "es"]
    waiting = Conversation.objects.filter(state="open", owner_kind="queue", mode="live")
    rungs = {row.routing_plan["rule"]: Queue.objects.get(pk=row.owner_id).key for row in waiting if row.routing_plan}
    assert (rungs[7], rungs[12]) == ("vip", "support")


def test_the_promises_look_like_a_good_working_day() -> None:
    call_command("seed_demo")
    now, left = clock.now(), []
    for one in SlaClock.objects.filter(ended_at__isnull=True, due_at__isnull=False):
        left.append((one.due_at - now) / timedelta(minutes=one.minutes))
    late = [share for share in left if share < 0]
    near = [share for share in left if 0 <= share < 0.2]
    assert len(late) == 1 and late[0] > -0.15  # by minutes
    assert 1 <= len(near) <= 3 and len(left) - len(near) - len(late) > 5


def test_the_administrator_has_a_desk_and_leads_everybody_but_is_given_no_work() -> None:
    call_command("seed_demo", "--no-history")
    admin = Agent.objects.select_related("user").get(user__username="admin")
    assert leads.of(admin).is_all and not admin.memberships.exists()


def test_somebody_has_to_look_at_every_kind_of_double() -> None:
    call_command("seed_demo")
    assert Link.objects.live().count() == 1 and Identity.objects.filter(shared=True).exists()
    pairs = {bool(pair.proposed_by): pair.features for pair in MatchSuggestion.objects.shown()}
    assert pairs[False] == {"exact": "phone"} and "proposed" in pairs[True]
    assert {"value_disagrees", "suspected_recycle"} <= set(Conflict.objects.open().values_list("kind", flat=True))
    assert {"in", "out"} == set(Consent.objects.values_list("state", flat=True))
    (file,) = MappingImport.objects.all()
    assert file.state == "checked" and file.counts["check"].get("refused")


def test_the_roles_are_agents_supervisors_and_administrators() -> None:
    call_command("seed_demo", "--no-history")
    ana, chloe = (Agent.objects.get(user__username=login).user for login in ("ana", "chloe"))
    rights = ("add_matchsuggestion", "merge_customer", "undo_link", "force_merge")
    assert [ana.has_perm(f"customers.{right}") for right in rights] == [True, False, False, False]
    assert [chloe.has_perm(f"customers.{right}") for right in rights] == [True, True, True, False]
    Group.objects.get(name="Agents").permissions.clear()
    call_command("seed_demo", "--no-history")
    assert not Group.objects.get(name="Agents").permissions.exists()  # what was changed by hand stays


def test_what_was_changed_by_hand_stays() -> None:
    call_command("seed_demo", "--no-history")
    Agent.objects.filter(user__username="ana").update(name="Ana Maria Sousa")
    call_command("seed_demo", "--no-history")
    assert Agent.objects.get(user__username="ana").name == "Ana Maria Sousa"


def test_a_purge_removes_the_demo_and_nothing_else() -> None:
    real = make.phone(make.customer("Real Person"), "46701740601")
    make.receive(Place(identity=real, channel="whatsapp-real", kind="whatsapp", proven=(real.pk,)), "I am real")
    kept = Customer.objects.count(), Message.objects.count()
    call_command("seed_demo")
    call_command("seed_demo", "--purge")
    assert (Customer.objects.count(), Message.objects.count()) == kept
    assert not MappingImport.objects.exists() and not Link.objects.exists()
    assert not Agent.objects.exists()
    assert not Channel.objects.filter(key__in=channels.KEYS).exists()
    assert not BusinessHours.objects.exists() and not ReferrerRule.objects.exists()


def test_a_purge_may_be_repeated_and_the_demo_made_again() -> None:
    for way in ("--purge", "--no-history", "--purge", "--purge", "--no-history"):
        call_command("seed_demo", way)
    assert Agent.objects.count() == 4


def test_without_the_sandbox_no_public_passwords_are_made(settings: object) -> None:
    settings.SANDBOX = False  # type: ignore[attr-defined]  # the fixture's wrapper takes any setting
    with pytest.raises(CommandError, match="SANDBOX=1"):
        call_command("seed_demo")
    assert not Agent.objects.exists()
