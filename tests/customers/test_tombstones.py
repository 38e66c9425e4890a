"""Whom does a tombstone know again, and whom not?"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from common import clock
from common.crypto import blind
from customers import identity, mapping, normalise, tombstones
from customers.handles import Handle
from customers.models import Customer, Identity, Tombstone
from tests.customers.cast import ANN, NOON, SHOP, resolve, whatsapp
from tests.stories import canaries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    with canaries.log():
        yield


def erased(handles: list[Handle]) -> datetime:
    """Somebody with these addresses, erased now."""
    canaries.erase(resolve(handles, clock.now() - timedelta(days=1)).origin)
    return clock.now()


def is_dropped(handle: Handle, at: datetime) -> bool:
    try:
        identity.resolve(handles=[handle], occurred_at=at)
    except tombstones.Erased:
        return True
    return False


@pytest.mark.scenario("ID-44")
@pytest.mark.parametrize(
    ("namespace", "scope", "raw"),
    [
        ("phone", "", "5531988888888"),
        ("phone", "", "553188888888"),
        ("email", "", "Ann@X.example"),
        ("email_from", "mail-1", "ann@x.example"),
        ("telegram_user", "", "4711"),
        ("site_user", SHOP, "ann"),
        ("visitor", "widget", "browser-1"),
        ("wa_bsuid", "p1", "BR.ABC123"),
    ],
)
def test_an_old_event_of_any_kind_of_address_brings_nobody_back(namespace: str, scope: str, raw: str) -> None:
    at = erased([Handle(namespace, scope, raw, "provider")])
    assert is_dropped(Handle(namespace, scope, raw, "provider"), at - timedelta(minutes=5))
    assert not is_dropped(Handle(namespace, scope, raw, "provider"), at + timedelta(minutes=5))
    assert Customer.objects.kept().count() == 1


@pytest.mark.scenario("ID-44")
def test_a_variant_of_the_number_is_known_too_and_another_number_is_not() -> None:
    at = erased(whatsapp("5531988888888"))
    before = at - timedelta(minutes=1)
    assert is_dropped(Handle("phone", "p1", "553188888888", "provider"), before)
    assert not is_dropped(Handle("phone", "p1", "5531977777777", "provider"), before)


def test_what_somebody_only_typed_is_no_tombstone_for_its_owner() -> None:
    mallory = resolve(whatsapp("4915100000000"), NOON).origin
    typed = [Handle("email", "", "victim@example.com", "claimed")]
    identity.attest(home=mallory, handles=typed, occurred_at=NOON)
    canaries.erase(mallory)
    assert set(Tombstone.objects.values_list("namespace", flat=True)) == {"phone"}
    assert not is_dropped(Handle("email", "", "victim@example.com", "provider"), NOON)


def test_a_number_that_left_before_is_buried_only_until_then() -> None:
    ann = resolve(whatsapp(ANN), NOON).origin
    left = NOON + timedelta(days=10)
    Identity.objects.filter(customer=ann).update(valid_to=left)
    canaries.erase(ann)
    assert Tombstone.objects.get().erased_at == left
    assert not is_dropped(whatsapp(ANN)[0], left + timedelta(days=1))


def test_of_a_living_person_only_the_old_foreign_address_is_left_out() -> None:
    at = erased(whatsapp(ANN))
    before = at - timedelta(hours=2)
    resolve(whatsapp(bsuid="BR.LIVES1"), before)
    found = resolve(whatsapp(ANN, bsuid="BR.LIVES1"), at - timedelta(hours=1))
    assert [row.namespace for row in Identity.objects.filter(customer=found.origin)] == ["wa_bsuid"]


def test_the_digest_says_nothing_without_the_key_and_survives_a_new_key(settings: Any) -> None:
    at = erased(whatsapp(ANN))
    stone = Tombstone.objects.get()
    key = normalise.key("phone", ANN, from_provider=True)
    assert isinstance(key, normalise.Key)
    assert stone.digest not in (blind("phone", "", value=key.value), key.value)
    settings.TOMBSTONE_KEYS_OLD = [settings.SECRETS["TOMBSTONE_KEY"]]
    settings.SECRETS = settings.SECRETS | {"TOMBSTONE_KEY": "another-key-of-the-tests-0123456789abcdef"}
    assert is_dropped(whatsapp(ANN)[0], at - timedelta(minutes=1))


def test_a_key_whose_rules_have_changed_is_still_known(settings: Any) -> None:
    ann = resolve(whatsapp(ANN), NOON).origin
    row = Identity.objects.get()
    row.raw = "not a number any more"
    row.save(update_fields=["raw"])
    canaries.erase(ann)
    assert is_dropped(whatsapp(ANN)[0], clock.now() - timedelta(minutes=1))


# --- sites and files --------------------------------------------------------------------------------------------------


def login(issued_at: datetime) -> Any:
    return identity.identify(
        visitor_identity=None, issuer=SHOP, subject="ann", claims={}, trusts_site_claims=False, issued_at=issued_at
    )


@pytest.mark.scenario("ID-44")
def test_a_login_made_before_the_erasure_opens_nothing_and_a_new_one_a_fresh_customer() -> None:
    first = login(clock.now()).origin
    canaries.erase(first)
    assert login(clock.now() - timedelta(hours=1)) is None
    assert Tombstone.objects.get().hits == 1
    fresh = login(clock.now() + timedelta(seconds=1))
    assert fresh.created and fresh.origin.pk != first.pk


def imported(text: str, **more: Any) -> dict[str, int]:
    work = mapping.upload(file=io.BytesIO(text.encode()), name="people.csv", actor="user:1")
    columns = [{"header": name, "target": name, "trust": "mapping"} for name in ("phone",)]
    columns += [{"header": name, "target": name, "trust": "attribute"} for name in text.splitlines()[0].split(",")[1:]]
    mapping.choose(work=work, columns=columns, **more)
    mapping.check(work)
    mapping.confirm(work=work, actor="user:1")
    return mapping.apply(work)


@pytest.mark.scenario("ID-44")
def test_a_file_of_before_brings_nobody_back_and_one_of_after_does() -> None:
    at = erased([Handle("phone", "", "+46701740635", "imported")])
    text = "phone,name\n+46701740635,Maya\n+46701740636,Tom\n"
    assert imported(text) == {"create": 1, "refused": 1}
    assert imported(text, as_of=at - timedelta(days=1))["refused"] == 1
    assert imported(text, as_of=at + timedelta(days=1))["create"] == 1


@pytest.mark.scenario("ID-45")
def test_nobody_who_objected_comes_back_by_a_file() -> None:
    row = resolve([Handle("phone", "", "+46701740635", "imported")], NOON).identity
    tombstones.restore(tombstones.stones(rows=[row], at=NOON, objected=[row.pk]))
    canaries.erase(row.customer)
    assert imported("phone,name\n+46701740635,Maya\n", as_of=clock.now() + timedelta(days=1)) == {"refused": 1}


def test_a_staged_row_of_hers_goes_with_her() -> None:
    person = resolve(whatsapp("46701740635"), NOON).origin
    work = mapping.upload(file=io.BytesIO(b"phone\n+46701740635\n+46701740636\n"), name="people.csv", actor="user:1")
    mapping.choose(work=work, columns=[{"header": "phone", "target": "phone", "trust": "mapping"}])
    mapping.check(work)
    done = canaries.erase(person)
    assert done.stores["rows of imports"] == 2
    mapping.confirm(work=work, actor="user:1")
    assert mapping.apply(work) == {"create": 1}
