"""Does every table that leads to a person say what it holds of them? Erasure and export know only what is declared."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from django.apps import apps
from django.db import models

from customers import privacy
from customers.models import Customer, Identity
from tests.house.test_foreign_keys import HEIGHT

MODELS = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in HEIGHT]
KINDS = {privacy.ORIGIN, privacy.PROJECTION, privacy.EXEMPT}
# Nobody leads there by a foreign key, and yet it holds what people said.
WITHOUT_KEYS = {"channels_app.InboundEvent", "customers.IdempotentAnswer", "customers.AuditEntry"}


def declared() -> dict[str, Mapping[str, str]]:
    """The foreign keys to a customer that each store declares, by model."""
    return {model._meta.label: keys for store in privacy.stores() for model, keys in store.holds.items()}


def targets(model: type[models.Model]) -> list[tuple[str, type[models.Model]]]:
    keys = [field for field in model._meta.get_fields() if field.concrete and field.is_relation]
    return [(field.name, field.related_model) for field in keys]


def leading_to_people(all_models: list[type[models.Model]]) -> set[str]:
    """Every model from which a chain of foreign keys ends at a customer or an identity."""
    found: set[type[models.Model]] = {Customer, Identity}
    grown = True
    while grown:
        fresh = {model for model in all_models if model not in found and any(t in found for _, t in targets(model))}
        grown, found = bool(fresh), found | fresh
    return {model._meta.label for model in found}


def undeclared(model: type[models.Model]) -> list[str]:
    """The model's foreign keys to a customer of which nobody says what they are."""
    keys = declared().get(model._meta.label, {})
    return [name for name, target in targets(model) if target is Customer and keys.get(name) not in KINDS]


@pytest.mark.scenario("ID-95")
@pytest.mark.scenario("ID-I13")
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_foreign_key_to_a_customer_is_declared(model: type[models.Model]) -> None:
    assert undeclared(model) == [], "say in a `privacy.Store` of the app what the key is: origin, projection or exempt"


@pytest.mark.scenario("ID-95")
def test_a_new_foreign_key_is_noticed() -> None:
    class Forgotten(models.Model):
        customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")

        class Meta:
            app_label = "customers"

    try:
        assert undeclared(Forgotten) == ["customer"]
        assert "customers.Forgotten" in leading_to_people([*MODELS, Forgotten])
    finally:
        del apps.all_models["customers"]["forgotten"]
        apps.clear_cache()


def test_every_model_that_leads_to_a_person_is_erased_or_says_why_not() -> None:
    known = set(declared()) | set(privacy.exemptions())
    assert sorted((leading_to_people(MODELS) | WITHOUT_KEYS) - known) == []


def test_what_is_declared_exists_and_every_reason_says_something() -> None:
    assert set(privacy.exemptions()) <= {model._meta.label for model in MODELS}
    assert all(len(why) > 20 for why in privacy.exemptions().values())


def test_stores_are_named_once_and_higher_apps_go_first() -> None:
    names = [store.name for store in privacy.stores()]
    assert len(names) == len(set(names))
    order = [HEIGHT[model._meta.app_label] for store in privacy.stores() for model in list(store.holds)[:1]]
    heights = [height for height in order if height != HEIGHT["customers"]]
    assert heights == sorted(heights, reverse=True) and names[-1] == "identities"
