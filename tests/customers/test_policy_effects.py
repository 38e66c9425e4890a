"""Is counted, before rules are changed, whom they would concern?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from common import clock
from customers import policy, policy_effects
from customers.models import Customer, Identity
from customers.policy import Policy
from tests.customers.cast import ANN, BOB, resolve, visitor, whatsapp
from tests.customers.test_attribute_conflicts import say
from tests.customers.test_merging import join, person

pytestmark = pytest.mark.django_db


def count(**changed: object) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for effect in policy_effects.of(Policy(), policy.tried(changed)):
        found.setdefault(effect.setting, []).append(effect.count)
    return found


def test_nothing_is_counted_where_nothing_differs() -> None:
    assert count() == {} and count(silence_days=45) == {}


def test_a_primary_identifier_that_people_lack_or_share() -> None:
    resolve(whatsapp(ANN))
    assert count(primary="email") == {"primary": [1, 0]}


def test_limits_that_people_are_above() -> None:
    ann = resolve(whatsapp(ANN)).origin
    join(ann, resolve(whatsapp(BOB)).origin)
    assert count(limits={"phone": 1}) == {"limits": [1]}
    assert count(limits={"phone": 4}) == {"limits": [0]}
    assert count(limits={"phone": 9}) == {}
    assert count(identities_max=2) == {"identities_max": [1]} and count(links_max=2) == {"links_max": [0]}


def test_phones_that_would_be_silent_and_visitors_that_would_be_old() -> None:
    resolve(whatsapp(ANN), clock.now() - timedelta(days=20)), resolve(whatsapp(BOB), clock.now())
    resolve(visitor(), clock.now() - timedelta(days=20))
    assert count(silence_days=10) == {"silence_days": [1]}
    assert count(anonymous_days=10) == {"anonymous_days": [1]}


def test_values_that_come_from_a_feed() -> None:
    ann, bob = person(1), person(2)
    (
        say(ann, "name", "~ann~", "provider:whatsapp"),
        say(ann, "city", "Lund", "crm:shop"),
        say(bob, "city", "Lund", "crm"),
    )
    assert count(profile_names="take") == {"profile_names": [1]}
    assert count(sync={"crm": "ignore"}) == {"sync": [2]}


def test_what_counts_from_now_on_says_so() -> None:
    (effect,) = policy_effects.of(Policy(), replace(Policy(), proof_days=30))
    assert (effect.count, effect.words) == (0, "are concerned now: it counts for what comes")


def test_every_setting_has_a_count_and_counting_changes_nothing() -> None:
    assert set(policy_effects.COUNTS) == set(Policy.__slots__)
    resolve(whatsapp(ANN))
    before = (Customer.objects.count(), Identity.objects.count(), policy.current())
    for setting in policy_effects.COUNTS:
        list(policy_effects.COUNTS[setting](Policy(), Policy()))
    assert (Customer.objects.count(), Identity.objects.count(), policy.current()) == before


def test_settings_that_are_none_are_refused_before_anything_is_counted() -> None:
    with pytest.raises(policy.Refused):
        policy.tried({"sync": {"crm": "perhaps"}})
    with pytest.raises(policy.Refused):
        policy.tried({"sync": {"hearsay": "take"}})
