"""Do the written-out statements give the rows that querysets give?"""

from __future__ import annotations

import pytest

from customers import sql
from customers.models import Attribute, Identity, Observation
from tests import factories
from tests.common.test_rows import plain

pytestmark = pytest.mark.django_db


def test_owners_come_with_their_customers_and_claimed_addresses_not() -> None:
    person, phone = factories.maya()
    factories.phone(factories.customer(), proof="claimed")
    (found,) = sql.owners([phone.namespace], [phone.scope], [phone.key])
    assert plain(found) == plain(Identity.objects.get(pk=phone.pk))
    assert plain(found.customer) == plain(person)


def test_the_observations_of_one_attribute_only() -> None:
    person, _ = factories.maya()
    factories.attribute(person, "language", "sv")
    reference = Observation.objects.get(key="language")
    (found,) = sql.observations(person.pk, "language")
    assert plain(found) == plain(reference)


def test_what_is_shown_is_inserted_once_and_then_changed() -> None:
    person, _ = factories.maya()
    first = factories.attribute(person, "language", "sv")
    second = factories.attribute(person, "language", "en")
    assert first.pk == second.pk and first.observation_id != second.observation_id
    assert Attribute.objects.filter(root=person, key="language").count() == 1
