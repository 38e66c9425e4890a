"""Do the written-out statements give the rows that querysets give?"""

from __future__ import annotations

import pytest

from customers import attribute_facts, conflicts, sql
from customers.models import Attribute, Conflict, Identity, Observation
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


def test_the_facts_about_an_attribute_are_what_the_rows_say() -> None:
    person, _ = factories.maya()
    factories.attribute(person, "language", "sv")
    factories.attribute(person, "city", "Lund")
    reference = Observation.objects.get(key="language")
    (found,) = attribute_facts.of({person.pk: ["language"]})[person.pk].said["language"]
    assert {name: getattr(found, name) for name in attribute_facts.WORD} == {
        name: getattr(reference, name) for name in attribute_facts.WORD if name != "public_id"
    } | {"public_id": str(reference.public_id)}


def test_a_settled_conflict_is_no_open_one_and_the_systems_word_settles_nothing() -> None:
    person, _ = factories.maya()
    for subject, by in (("language", "Ann"), ("city", conflicts.SYSTEM), ("name", "")):
        row = conflicts.note(customer_id=person.pk, kind="tie", subject=subject, candidates=["observation:1"])
        if by:
            conflicts.close(conflict=row, by=by, resolution="kept")
    facts = attribute_facts.of({person.pk: ["language"]})[person.pk]
    assert list(facts.conflicts) == [("tie", "name")]
    assert [(subject, *between) for subject, between in facts.settled] == [("language", "observation:1")]
    assert facts.conflicts["tie", "name"].pk == Conflict.objects.get(subject="name").pk


def test_who_has_said_nothing_has_facts_too() -> None:
    person, _ = factories.maya()
    assert attribute_facts.of({person.pk: []}) == {person.pk: attribute_facts.Facts()}


def test_a_row_that_shows_it_already_is_not_written_again() -> None:
    person, _ = factories.maya()
    row = factories.attribute(person, "language", "sv")
    shown = sql.Shown(person.pk, "language", row.observation_id, None, False, row.match_key)
    before = version_of(row)
    assert not sql.show([shown])
    assert version_of(row) == before
    sql.show([shown._replace(has_conflict=True)])
    assert version_of(row) != before


def version_of(row: Attribute) -> object:
    """Where the row's present version is stored."""
    return Attribute.objects.filter(pk=row.pk).extra(select={"place": "ctid"}).values_list("place", flat=True).get()
