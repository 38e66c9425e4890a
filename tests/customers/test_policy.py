"""Do the settings hold, and is a wrong one refused by name?"""

from __future__ import annotations

from typing import Any

import pytest

from customers import identity, policy
from customers.handles import Handle
from customers.models import AuditEntry, Customer, IdentityPolicy
from tests.customers.cast import NOON, counts, resolve, whatsapp

pytestmark = pytest.mark.django_db


def test_without_a_row_the_defaults_hold() -> None:
    policy.forget()
    assert policy.current() == policy.Policy()


def test_a_change_is_kept_counted_and_audited() -> None:
    policy.change(values={"silence_days": 30}, actor="user:1", reason="shorter here")
    row = IdentityPolicy.objects.get()
    assert (row.values, row.version, policy.current().silence_days) == ({"silence_days": 30}, 2, 30)
    assert AuditEntry.objects.get().object_id == "silence_days"


def test_a_setting_put_back_is_no_difference_any_more() -> None:
    policy.change(values={"silence_days": 30}, actor="user:1")
    policy.change(values={"silence_days": 45}, actor="user:1")
    assert IdentityPolicy.objects.get().values == {}


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"primary": "shoe size"}, "primary"),
        ({"limits": {"phone": 0}}, "limits"),
        ({"limits": {"fax": 2}}, "limits"),
        ({"region": "Sweden"}, "region"),
        ({"silence_days": True}, "silence_days"),
        ({"links_max": "many"}, "links_max"),
        ({"blocked": ["", 1]}, "blocked"),
    ],
)
def test_what_is_no_setting_is_refused_by_name(values: dict[str, Any], named: str) -> None:
    with pytest.raises(policy.Refused) as refusal:
        policy.change(values=values, actor="user:1")
    assert refusal.value.extra["setting"] == named and not IdentityPolicy.objects.exists()


@pytest.mark.scenario("ID-15")
def test_an_own_placeholder_makes_no_identity() -> None:
    policy.change(values={"blocked": ["kiosk*@shop.example"]}, actor="user:1")
    before = counts()
    handle = Handle("email", "", "Kiosk7@shop.example", "provider")
    assert identity.resolve(handles=[handle], occurred_at=NOON) is None and counts() == before


def test_a_region_completes_numbers_without_a_country_and_only_those() -> None:
    policy.change(values={"region": "SE"}, actor="user:1")
    typed = resolve([Handle("phone", "", "070-174 06 35", "imported")]).origin
    assert resolve(whatsapp("46701740635")).origin == typed


@pytest.mark.scenario("ID-78")
def test_a_limit_of_addresses_is_the_policys() -> None:
    policy.change(values={"limits": {"phone": 1}}, actor="user:1")
    handles = [Handle("telegram_user", "", "7001", "provider")]
    resolve([*handles, Handle("phone", "", "+46701740635", "provider")])
    found = resolve([*handles, Handle("phone", "", "+46701740636", "provider")])
    assert [one.kind for one in found.conflicts] == ["over_limit"] and Customer.objects.count() == 1
