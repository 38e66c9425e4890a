"""Are attributes defined by people, checked at every door, and applied to everybody who was there before?"""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from common import clock
from customers import attribute_upkeep, attributes, definitions, tasks
from customers.attribute_rules import BUILT_IN
from customers.models import AttributeDefinition, AuditEntry, Conflict, Customer
from tests.customers.cast import NOON
from tests.customers.test_attribute_conflicts import say
from tests.customers.test_merging import person

pytestmark = pytest.mark.django_db
ADD = reverse("admin:customers_attributedefinition_add")
FORM = {"key": "size", "label": "Size", "type": "choice", "choices": "S\nM\nL", "policy": "newest", "order": "100"}


@pytest.fixture
def office() -> Client:
    boss = User.objects.create_user("boss", is_staff=True)
    boss.user_permissions.set(Permission.objects.filter(codename__endswith="attributedefinition"))
    client = Client()
    client.force_login(boss)
    return client


@pytest.fixture(autouse=True)
def as_in_the_table(db: None) -> None:
    """With the rows of the migration: tests with transactions of their own leave empty tables."""
    import_module("customers.migrations.0012_attribute_definitions").write(apps, None)
    definitions.forget()


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process has heard of the change."""
    monkeypatch.setattr(attribute_upkeep, "SETTLED", timedelta(0))


def test_what_is_built_in_is_in_the_table_as_in_the_code() -> None:
    assert definitions.every() == BUILT_IN


def test_an_attribute_is_defined_in_the_back_office_and_audited(office: Client) -> None:
    answer = office.post(ADD, {**FORM, "on_disagreement": "keep", "feed_6": "ignore"})
    assert answer.status_code == 302, answer.context["errors"]
    found = definitions.of("size")
    assert (found.type, found.choices, found.on_disagreement) == ("choice", ("S", "M", "L"), "keep")
    assert dict(found.sync) == {"site": "ignore"}
    assert AuditEntry.objects.get().action == "attribute.define"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"key": "Shoe size"}, "Small letters"),
        ({"choices": "S"}, "at least two"),
        ({"type": "text", "policy": "union"}, "Only lists"),
        ({"type": "text", "policy": "max"}, "Only numbers"),
        ({"key": "name"}, "already exists"),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused(office: Client, wrong: dict[str, str], said: str) -> None:
    page = office.post(ADD, {**FORM, "on_disagreement": "flag", **wrong}).content.decode()
    assert said in page and not AttributeDefinition.objects.filter(label="Size").exists()


def test_who_has_no_right_defines_nothing() -> None:
    User.objects.create_user("ana", is_staff=True)
    client = Client()
    client.force_login(User.objects.get())
    assert client.post(ADD, FORM).status_code == 403


def test_the_key_cannot_be_changed_and_nothing_is_deleted(office: Client) -> None:
    row = AttributeDefinition.objects.get(key="city")
    change = reverse("admin:customers_attributedefinition_change", args=[row.pk])
    office.post(change, {**FORM, "key": "town", "type": "text", "on_disagreement": "flag"})
    row.refresh_from_db()
    assert (row.key, row.label, row.version) == ("city", "Size", 2)
    delete = reverse("admin:customers_attributedefinition_delete", args=[row.pk])
    assert office.post(delete, {"post": "yes"}).status_code == 403


def test_a_changed_rule_is_applied_to_everybody_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    later(monkeypatch), monkeypatch.setattr(attribute_upkeep, "CHUNK", 2)
    people = [person(number) for number in range(5)]
    for one in people:
        say(one, "city", "Lund", "site"), say(one, "city", "Malmö", at=NOON + timedelta(hours=1))
    AttributeDefinition.objects.filter(key="city").update(policy="verified_sticky")
    definitions.changed("city")
    tasks.apply_definitions()
    assert {attributes.values(one)["city"] for one in people} == {"Lund"}
    assert Conflict.objects.open().filter(kind="value_disagrees", subject="city").count() == 5
    row = AttributeDefinition.objects.get(key="city")
    assert (row.version, row.applied_version, row.applied_to) == (2, 2, 0)


def test_a_change_goes_on_where_it_stopped_and_back_closes_the_conflicts(monkeypatch: pytest.MonkeyPatch) -> None:
    later(monkeypatch), monkeypatch.setattr(attribute_upkeep, "CHUNK", 1)
    people = [person(number) for number in range(3)]
    for one in people:
        say(one, "city", "Lund", "site"), say(one, "city", "Malmö", at=NOON + timedelta(hours=1))
    row = AttributeDefinition.objects.filter(key="city")
    row.update(policy="verified_sticky"), definitions.changed("city")
    attribute_upkeep._apply_chunk(row.get())
    assert row.get().applied_to == people[0].pk
    assert [attributes.values(one)["city"] for one in people] == ["Lund", "Malmö", "Malmö"]
    assert attribute_upkeep.apply_changes() == 2
    row.update(policy="newest"), definitions.changed("city")
    assert attribute_upkeep.apply_changes() == 3
    assert not Conflict.objects.open().exists()


def test_a_change_waits_until_every_process_has_heard_of_it() -> None:
    definitions.changed("city")
    assert not AttributeDefinition.objects.due(clock.now() - attribute_upkeep.SETTLED).exists()
    assert AttributeDefinition.objects.due(clock.now() + timedelta(seconds=1)).get().key == "city"


def test_what_is_archived_is_not_shown_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    ann = person(1)
    say(ann, "city", "Lund"), say(ann, "company", "Ann & Sons")
    AttributeDefinition.objects.filter(key="city").update(is_archived=True)
    definitions.forget()
    assert [row.key for row in attributes.shown(ann)] == ["company"]
    assert attributes.values(ann)["city"] == "Lund"


def test_sensitive_values_are_masked_for_who_may_not_see_them_whole() -> None:
    ann = person(1)
    say(ann, "birth_date", "1990-05-03"), say(ann, "email", "ann@example.com"), say(ann, "name", "Ann")
    shown = {row.key: (row.value, row.masked) for row in attributes.shown(ann)}
    assert shown["name"] == ("Ann", False)
    assert all(masked and "1990-05" not in text and "ann@" not in text for text, masked in list(shown.values())[1:])
    assert {row.value for row in attributes.shown(ann, reveals=True)} == {"Ann", "ann@example.com", "1990-05-03"}
    (word,) = attributes.history(ann, "birth_date")
    assert (word.masked, word.holds) == (True, True) and "1990-05" not in word.value


def test_the_history_names_every_word_and_which_one_holds(django_assert_num_queries: Any) -> None:
    ann = person(1)
    say(ann, "city", "Lund", "import:crm"), say(ann, "city", None, at=NOON + timedelta(hours=1))
    say(ann, "city", "Malmö", "site", NOON + timedelta(hours=2))
    root = Customer.objects.get(pk=ann.pk)
    with django_assert_num_queries(2):
        words = attributes.history(root, "city")
    assert [(word.value, word.is_clear, word.holds) for word in words] == [
        ("Malmö", False, True), ("", True, False), ("Lund", False, False),
    ]  # fmt: skip
