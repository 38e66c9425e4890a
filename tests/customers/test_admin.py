"""Does every page of the admin open, masked, read-only and at a fixed number of queries?"""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models
from django.test import Client
from django.urls import reverse

from customers import attributes, audit, consent, merging, verification
from customers.handles import Handle
from customers.models import (
    Attribute,
    AttributeDefinition,
    Customer,
    Distinct,
    Erasure,
    IdempotentAnswer,
    MappingImport,
)
from tests.customers.cast import ANN, NOON, resolve, whatsapp

pytestmark = pytest.mark.django_db
EDITED = {AttributeDefinition}  # what people set up, with a form of its own
REGISTERED = [model for model in apps.get_app_config("customers").get_models() if model in admin.site._registry]
READ_ONLY = [model for model in REGISTERED if model not in EDITED]


@pytest.fixture
def boss(client: Client) -> Client:
    """A superuser, with three customers to look at and one of everything else."""
    client.force_login(User.objects.create_superuser("boss"))
    for number in range(3):
        own = Handle("email", "", f"ann{number}@example.com", "provider")
        resolve([*whatsapp(f"{ANN[:-1]}{number}", "BR.1", name="Ann"), own])
    home = resolve([*whatsapp(ANN), Handle("email", "", "home@example.com", "provider")]).origin
    resolve([*whatsapp(bsuid="BR.2"), Handle("email", "", "away@example.com", "provider")])
    resolve(whatsapp(ANN, "BR.2"))
    attributes.observe(customer=home, key="name", value="Ann Lee", source="bot", occurred_at=NOON, source_event_id="1")
    audit.record(actor="user:1", action="identity.reveal")
    _parted()
    IdempotentAnswer.objects.create(actor="user:1", key="k", body_digest="d", state="done", answer={"name": "Ann Lee"})
    MappingImport.objects.create(name="people.csv", sha256="0", created_by="user:1")
    Erasure.objects.create(members=[0], customers=[], request_id="r", requested_by="user:1", erased_at=NOON)
    return client


def _parted() -> None:
    """Two who were joined by a confirmed link and parted again, and what one of them allowed."""
    one, other = resolve(whatsapp("4670174001")), resolve(whatsapp("4670174002"))
    code = verification.open_nonce(opener=one.identity, channel="web-shop", session_ref="visit:1").code
    challenge = verification.arrive(code=code, arrival=other.identity, channel="whatsapp-demo")
    assert challenge is not None
    verification.confirm(challenge=challenge, side="opener", actor="customer")
    done = verification.confirm(challenge=challenge, side="arrival", actor="customer")
    assert done is not None and done.link is not None
    merging.split(links=[done.link], actor="user:1", request_id="part")
    consent.record(identity=one.identity, purpose="marketing", state="out", occurred_at=NOON)


def page(model: type[models.Model], view: str, *args: Any) -> str:
    return reverse(f"admin:customers_{model._meta.model_name}_{view}", args=args)


@pytest.mark.parametrize("model", REGISTERED)
def test_lists_open_with_few_queries_and_tell_no_number(
    boss: Client, model: type[models.Model], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(13):  # one is the number beside the audit trail
        answer = boss.get(page(model, "changelist"))
    assert answer.status_code == 200
    assert ANN[:-1] not in answer.content.decode()


@pytest.mark.parametrize("model", READ_ONLY)
def test_pages_open_read_only_and_tell_no_number(
    boss: Client, model: type[models.Model], django_assert_max_num_queries: Any
) -> None:
    row = model._default_manager.first()
    assert row is not None
    with django_assert_max_num_queries(14):  # one is the number beside the audit trail
        answer = boss.get(page(model, "change", row.pk))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert [secret for secret in (ANN[:-1], "Ann Lee", 'name="_save"') if secret in text] == []


@pytest.mark.scenario("T-68")
@pytest.mark.parametrize("model", READ_ONLY)
def test_nothing_is_added_changed_or_deleted_by_hand(boss: Client, model: type[models.Model]) -> None:
    row = model._default_manager.first()
    assert row is not None
    before = model._default_manager.count()
    answers = [
        boss.post(page(model, "add"), {}),
        boss.post(page(model, "change", row.pk), {}),
        boss.post(page(model, "delete", row.pk), {"post": "yes"}),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert model._default_manager.count() == before


def test_the_projection_is_shown_with_its_customer(boss: Client) -> None:
    row = Attribute.objects.get()
    assert "bot" in boss.get(page(Customer, "change", row.root_id)).content.decode()


def test_a_link_is_undone_by_who_may(boss: Client) -> None:
    one, other = (resolve(whatsapp(f"46701740{number:03}")).origin for number in range(2))
    given = {"kind": "manual", "rule": "by_hand", "actor": "user:1", "request_id": "join"}
    link = merging.merge(a=one, b=other, **given).link
    assert link is not None
    boss.post(reverse("admin:customers_link_undo", args=[link.pk]), {"_form_submitted": "true"})
    other.refresh_from_db()
    assert other.is_root and Distinct.objects.filter(a=one, b=other).exists()
