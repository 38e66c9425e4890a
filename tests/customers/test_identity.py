"""Who is the sender? The same person on the same address, nobody else, and never an error."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from customers import identity, merging
from customers.handles import Handle, Resolution
from customers.models import Conflict, Customer, Identity, Link
from tests.customers.cast import ANN, BOB, NOON, counts, imported, resolve, visitor, whatsapp

pytestmark = pytest.mark.django_db


def test_a_new_sender_is_a_new_customer_with_a_proven_address() -> None:
    found = resolve(whatsapp(ANN, name="Ann"))
    assert (found.created, found.origin.kind, found.origin.is_root) == (True, "lead", True)
    assert (found.identity.raw, found.identity.display, found.identity.proof) == (ANN, "Ann", "provider")
    assert found.root == found.origin


def test_a_known_sender_is_found_with_one_query(django_assert_num_queries: Any) -> None:
    first = resolve(whatsapp(ANN, "BR.1"))
    with django_assert_num_queries(1):
        again = resolve(whatsapp(ANN, "BR.1"))
        assert (again.root, again.created) == (first.root, False)


def test_two_people_are_two_customers() -> None:
    assert resolve(whatsapp(ANN)).origin != resolve(whatsapp(BOB)).origin


@pytest.mark.scenario("ID-1")
def test_a_variant_of_a_known_phone_is_the_same_customer_and_its_raw_form_is_kept() -> None:
    known = imported("+5531988888888")
    found = resolve(whatsapp("553188888888"))
    assert (found.origin, found.identity) == (known.origin, known.identity)
    assert identity.addresses(head=found.identity).first().raw == "553188888888"  # type: ignore[union-attr]  # there is one


@pytest.mark.scenario("ID-2")
def test_a_landline_does_not_match_the_mobile_that_looks_like_it() -> None:
    assert imported("+5511933334444").origin != resolve(whatsapp("551133334444")).origin


@pytest.mark.scenario("ID-15")
@pytest.mark.parametrize("raw", ["", "null", "0000000000", "{{phone}}"])
def test_a_blocked_value_makes_nobody(raw: str) -> None:
    assert identity.resolve(handles=[Handle("phone", "", raw, "provider")], occurred_at=NOON) is None
    assert counts() == (0, 0)


def test_a_blocked_handle_does_not_stop_the_good_one_beside_it() -> None:
    assert resolve([Handle("phone", "", "null", "provider"), *whatsapp(bsuid="BR.1")]).identity.raw == "BR.1"


@pytest.mark.scenario("ID-48")
def test_phone_and_business_id_of_one_payload_are_one_address() -> None:
    first = resolve(whatsapp(ANN))
    both, alone = resolve(whatsapp(ANN, "BR.1")), resolve(whatsapp(bsuid="BR.1"))
    assert {first.origin, both.origin, alone.origin} == {first.origin}
    assert {first.identity, both.identity, alone.identity} == {first.identity}


def test_a_phone_that_appears_later_joins_the_business_ids_address() -> None:
    first = resolve(whatsapp(bsuid="BR.1"))
    both = resolve(whatsapp(ANN, "BR.1"))
    assert (both.identity, both.created) == (first.identity, False)
    assert resolve(whatsapp(ANN)).identity == first.identity


@pytest.mark.scenario("ID-68")
def test_a_business_id_in_the_phones_place_makes_no_phone_row() -> None:
    resolve(whatsapp("BR.1", portfolio="p1"))
    assert list(Identity.objects.values_list("namespace", "scope")) == [("wa_bsuid", "p1")]


@pytest.mark.scenario("ID-51")
def test_business_ids_of_two_portfolios_do_not_collide() -> None:
    one, other = whatsapp(bsuid="BR.1", portfolio="p1"), whatsapp(bsuid="BR.1", portfolio="p2")
    assert resolve(one).origin != resolve(other).origin


def busy(handles: list[Handle], mail: str) -> Resolution:
    """Somebody who is more than this one address."""
    return resolve([*handles, Handle("email", "", mail, "provider")])


@pytest.mark.scenario("ID-66")
def test_a_payload_that_names_a_customer_and_a_shell_links_them() -> None:
    ann, shell = busy(whatsapp(ANN), "ann@example.com"), resolve(whatsapp(bsuid="BR.1"))
    found = resolve(whatsapp(ANN, "BR.1"))
    assert (found.origin, found.conflicts) == (ann.origin, ())
    assert Customer.objects.get(pk=shell.origin.pk).root_id == ann.origin.pk
    assert len(found.proven) == 2 and Link.objects.get().rule == "one_payload"


@pytest.mark.scenario("ID-66")
def test_a_payload_links_no_shell_that_somebody_has_parted() -> None:
    ann, shell = busy(whatsapp(ANN), "ann@example.com"), resolve(whatsapp(bsuid="BR.1"))
    resolve(whatsapp(ANN, "BR.1"))
    merging.split(links=[Link.objects.get()], actor="user:1", request_id="undo")
    assert resolve(whatsapp(ANN, "BR.1")).conflicts
    assert Customer.objects.get(pk=shell.origin.pk).root_id != ann.origin.pk


@pytest.mark.scenario("ID-67")
def test_a_payload_that_names_two_customers_opens_a_conflict_and_moves_nothing() -> None:
    ann, bob = busy(whatsapp(ANN), "ann@example.com"), busy(whatsapp(bsuid="BR.1"), "bob@example.com")
    found = resolve(whatsapp(ANN, "BR.1"))
    assert (found.origin, found.conflicts[0].kind) == (ann.origin, "identifier_collision")
    assert resolve(whatsapp(bsuid="BR.1")).origin == bob.origin
    assert [proven.identity for proven in found.proven] == [ann.identity]


def test_the_same_collision_is_one_open_conflict_that_counts() -> None:
    busy(whatsapp(ANN), "ann@example.com"), busy(whatsapp(bsuid="BR.1"), "bob@example.com")
    for _ in range(3):
        resolve(whatsapp(ANN, "BR.1"))
    assert list(Conflict.objects.open().values_list("count", flat=True)) == [3]


@pytest.mark.scenario("ID-73")
def test_an_imported_phone_is_adopted_by_its_first_message_and_proven() -> None:
    known = imported("+5531988888888")
    assert known.proven == ()
    found = resolve(whatsapp(ANN))
    assert (found.identity, found.identity.proof) == (known.identity, "provider")
    assert [one.identity for one in found.proven] == [known.identity]


@pytest.mark.scenario("ID-73")
def test_a_claimed_phone_is_never_adopted() -> None:
    mallory = resolve([*visitor(), Handle("phone", "", "+" + ANN, "claimed")])
    found = resolve(whatsapp(ANN))
    assert (found.origin != mallory.origin, found.created) == (True, True)


@pytest.mark.scenario("ID-72")
def test_a_late_event_finds_the_owner_of_its_time() -> None:
    old = resolve(whatsapp(ANN))
    handover = NOON + timedelta(days=30)
    Identity.objects.filter(pk=old.identity.pk).update(valid_to=handover, retired_reason="transferred")
    new = resolve(whatsapp(ANN), handover + timedelta(days=1))
    assert new.origin != old.origin
    assert resolve(whatsapp(ANN), handover - timedelta(days=1)).origin == old.origin
    assert resolve(whatsapp(ANN), handover + timedelta(days=2)).origin == new.origin


def test_an_event_from_before_the_first_one_finds_the_same_customer() -> None:
    first = resolve(whatsapp(ANN))
    assert resolve(whatsapp(ANN), NOON - timedelta(minutes=5)).origin == first.origin


@pytest.mark.scenario("ID-78")
def test_a_sixth_phone_is_not_attested_and_the_message_still_has_its_customer() -> None:
    home = resolve(whatsapp(bsuid="BR.1"))
    for number in range(5):
        resolve(whatsapp(f"4915112345{number}0", "BR.1"))
    found = resolve(whatsapp("49151123459", "BR.1"))
    assert (found.origin, found.conflicts[0].kind) == (home.origin, "over_limit")
    assert Identity.objects.filter(namespace="phone").count() == 5


@pytest.mark.scenario("ID-7")
def test_an_extension_of_a_known_phone_neither_routes_nor_proves() -> None:
    resolve(whatsapp("14155552671"))
    found = resolve([*visitor(), Handle("phone", "", "+14155552671 x123", "imported")])
    row = Identity.objects.get(customer=found.origin, namespace="phone")
    assert (row.proof, row.routable, row.shared) == ("claimed", False, True)


@pytest.mark.scenario("ID-91")
def test_the_home_of_an_identity_never_changes() -> None:
    row, other = resolve(whatsapp(ANN)).identity, Customer.objects.create()
    with pytest.raises(Exception, match="origin of a fact"):
        Identity.objects.filter(pk=row.pk).update(customer=other)


def test_after_a_merge_the_origin_stays_and_the_root_is_the_survivor() -> None:
    ann, bob = resolve(whatsapp(ANN)), resolve(whatsapp(BOB))
    Customer.objects.filter(pk=bob.origin.pk).update(root=ann.origin)
    found = resolve(whatsapp(BOB))
    assert (found.origin, found.root) == (bob.origin, ann.origin)
    assert set(Customer.objects.cluster(ann.origin)) == {ann.origin, bob.origin}


def test_a_sign_of_life_is_noted_to_ten_minutes() -> None:
    first = resolve(whatsapp(ANN))
    resolve(whatsapp(ANN), NOON + timedelta(minutes=5))
    resolve(whatsapp(ANN), NOON + timedelta(minutes=25))
    first.origin.refresh_from_db()
    assert first.origin.last_seen_at == NOON + timedelta(minutes=25)


@pytest.mark.scenario("ID-76")
def test_half_rekeyed_rows_are_found_without_a_duplicate(settings: Any) -> None:
    old = resolve(whatsapp(ANN))
    settings.BLIND_INDEX_KEYS_OLD = {1: settings.SECRETS["BLIND_INDEX_KEY"]}
    settings.BLIND_INDEX_VERSION = 2
    settings.SECRETS = settings.SECRETS | {"BLIND_INDEX_KEY": settings.SECRETS["FIELD_KEY"]}
    assert resolve(whatsapp(ANN)).origin == old.origin
    assert resolve(whatsapp(BOB)).identity.key_version == 2


@pytest.mark.scenario("ID-69")
def test_another_display_name_changes_the_display_only() -> None:
    first = resolve(whatsapp(ANN, name="Ann"))
    again, renamed = resolve(whatsapp(ANN, name="Ann")), resolve(whatsapp(ANN, name="Ann L."))
    assert [one.renamed for one in (first, again, renamed)] == [True, False, True]
    assert (renamed.identity, renamed.identity.display) == (first.identity, "Ann L.")
    assert counts() == (1, 1)


@pytest.mark.scenario("ID-70")
def test_a_business_id_that_the_answer_to_a_send_reveals_is_an_alias_of_the_address() -> None:
    ann = resolve(whatsapp(ANN))
    told = whatsapp(bsuid="BR.1")
    assert identity.attest(home=ann.origin, handles=told, occurred_at=NOON, endpoint=ann.identity) == []
    assert resolve(told).identity == ann.identity


def test_a_phone_shared_on_another_channel_stays_an_address_of_its_own() -> None:
    telegram = [Handle("telegram_user", "", "77", "provider"), Handle("phone", "", "+" + ANN, "provider")]
    ann = resolve(telegram)
    found = resolve(whatsapp(ANN))
    assert (found.origin, found.identity != ann.identity) == (ann.origin, True)


def test_a_number_that_is_both_typed_and_proven_counts_as_proven() -> None:
    found = resolve([*visitor(), Handle("phone", "", "+" + ANN, "claimed"), *whatsapp(ANN)])
    assert Identity.objects.get(customer=found.origin, namespace="phone").proof == "provider"
