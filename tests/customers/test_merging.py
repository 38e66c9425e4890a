"""Do links join and part customers exactly, in any order, and by many at once?"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from customers import attributes, clusters, identity, merging, policy
from customers.handles import Handle
from customers.models import Customer, Distinct, Link, MergeEvent
from tests.customers.cast import NOON, login, resolve, visitor, whatsapp
from tests.customers.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
numbers = itertools.count(1)


def person(number: int) -> Customer:
    return resolve(whatsapp(f"4670174{number:04}"), NOON + timedelta(minutes=number)).origin


def join(a: Customer, b: Customer, rule: str = "by_hand", **more: object) -> merging.Merged:
    given = {"kind": Link.Kind.MANUAL, "actor": "user:1", "request_id": f"r{next(numbers)}", **more}
    return merging.merge(a=a, b=b, rule=rule, **given)  # type: ignore[arg-type]  # the keywords are named above


def undo(*links: Link | None, **more: object) -> MergeEvent:
    given = {"actor": "user:1", "request_id": f"r{next(numbers)}", **more}
    return merging.split(links=[link for link in links if link], **given)  # type: ignore[arg-type]  # as above


def groups() -> set[frozenset[int]]:
    found: dict[int, set[int]] = {}
    for pk, root in Customer.objects.values_list("pk", "root_id"):
        found.setdefault(root, set()).add(pk)
    return {frozenset(group) for group in found.values()}


def called(customer: Customer, name: str, minute: int) -> None:
    attributes.observe(
        customer=customer, key="name", value=name, source="bot", occurred_at=NOON + timedelta(minutes=minute),
        source_event_id=f"n{next(numbers)}",
    )  # fmt: skip


@pytest.mark.scenario("ID-23", "ID-I1", "ID-I12")
def test_a_chain_of_merges_is_one_flat_cluster_of_the_first_seen() -> None:
    a, b, c = (person(n) for n in range(3))
    join(b, a)
    assert join(c, b).root == a
    assert groups() == {frozenset({a.pk, b.pk, c.pk})}


@pytest.mark.scenario("ID-24", "ID-I7", "T-32")
def test_a_merge_into_oneself_changes_nothing_but_new_evidence_is_kept() -> None:
    a, b = person(1), person(2)
    first = join(a, b)
    assert join(a, a).event is None
    again = join(b, a, rule="confirmed_link")
    assert again.event is None and again.link is not None
    undo(first.link)
    assert groups() == {frozenset({a.pk, b.pk})}


@pytest.mark.scenario("ID-37")
def test_the_same_request_twice_is_one_merge() -> None:
    a, b = person(1), person(2)
    first, second = join(a, b, request_id="same"), join(a, b, request_id="same")
    assert first.event == second.event and MergeEvent.objects.count() == 1


@pytest.mark.scenario("ID-31", "T-P16")
def test_an_older_merge_is_undone_as_if_it_had_never_been() -> None:
    a, b, c = (person(n) for n in range(3))
    for customer, name in ((a, "Ann"), (b, "Bea"), (c, "Cleo")):
        called(customer, name, customer.pk % 50)
    older = join(a, b).link
    join(b, c)
    undo(older)
    assert groups() == {frozenset({a.pk}), frozenset({b.pk, c.pk})}
    assert attributes.values(Customer.objects.get(pk=a.pk))["name"] == "Ann"
    assert attributes.values(Customer.objects.get(pk=b.pk))["name"] in ("Bea", "Cleo")


@pytest.mark.scenario("ID-32", "ID-I3")
def test_what_was_parted_is_joined_again_only_by_force() -> None:
    a, b = person(1), person(2)
    undo(join(a, b).link)
    assert Distinct.objects.count() == 1
    with pytest.raises(merging.DistinctPair):
        join(a, b)
    assert join(a, b, is_forced=True, reason="they said so").event is not None


@pytest.mark.scenario("ID-26", "ID-I4")
def test_two_users_of_one_site_are_two_people_unless_forced() -> None:
    a, b = login("ann").origin, login("bob").origin
    with pytest.raises(merging.Clash):
        join(a, b)
    assert Link.objects.count() == 0
    assert join(a, b, is_forced=True, reason="two accounts of hers").root == a


def test_the_kind_is_told_by_the_addresses_and_comes_back_after_a_split() -> None:
    browser, user = resolve(visitor()).origin, login("ann").origin
    link = join(browser, user).link
    assert Customer.objects.get(pk=browser.pk).kind == Customer.Kind.KNOWN
    undo(link)
    assert Customer.objects.get(pk=browser.pk).kind == Customer.Kind.ANONYMOUS


def kind(customer: Customer) -> str:
    return str(Customer.objects.get(pk=customer.pk).kind)


def attested(home: Customer, namespace: str, value: str, proof: str, scope: str = "") -> None:
    identity.attest(home=home, handles=[Handle(namespace, scope, value, proof)], occurred_at=NOON)


@pytest.mark.parametrize(
    ("namespace", "value", "proof", "told"),
    [
        ("phone", "+4670174063", "otp", "lead"),
        ("email", "ann@x.com", "claimed", "anonymous"),
        ("customer_number", "7", "imported", "known"),
    ],
)
def test_an_address_that_comes_tells_the_kind_that_a_merge_and_its_undoing_tell(
    namespace: str, value: str, proof: str, told: str
) -> None:
    browser, other = resolve(visitor()).origin, resolve(visitor("browser-2"), NOON + timedelta(hours=1)).origin
    attested(browser, namespace, value, proof, "shop" if namespace == "customer_number" else "")
    assert kind(browser) == told
    link = join(browser, other).link
    assert kind(browser) == told
    undo(link)
    assert (kind(browser), kind(other)) == (told, "anonymous")


def test_what_comes_to_a_member_is_told_of_the_one_who_stands_for_both() -> None:
    one, other = resolve(visitor()).origin, resolve(visitor("browser-2"), NOON + timedelta(hours=1)).origin
    join(one, other)
    attested(Customer.objects.get(pk=other.pk), "phone", "+4670174063", "otp")
    assert kind(one) == "lead"


@pytest.mark.scenario("ID-34", "ID-I11")
def test_a_full_cluster_takes_no_more_links() -> None:
    policy.change(values={"links_max": 1}, actor="test")
    a, b, c = (person(n) for n in range(3))
    join(a, b)
    with pytest.raises(merging.CapReached):
        join(a, c)


@pytest.mark.scenario("ID-25", "T-32")
def test_a_ring_of_merges_at_once_ends_in_one_root_with_every_link() -> None:
    a, b, c = (person(n) for n in range(3))
    at_once(6, lambda n: join(*[(a, b), (b, c), (c, a), (b, a), (c, b), (a, c)][n]))
    assert groups() == {frozenset({a.pk, b.pk, c.pk})}
    assert Link.objects.live().count() == 3 and merging.check() == []


def test_many_merges_at_once_lose_no_union() -> None:
    people = [person(n) for n in range(24)]
    pairs = list(itertools.pairwise(people))
    random.Random(7).shuffle(pairs)
    at_once(8, lambda n: [join(*pair) for pair in pairs[n::8]])
    assert groups() == {frozenset(one.pk for one in people)}
    assert merging.check() == []


def expected(people: Sequence[Customer], links: Sequence[Link]) -> set[frozenset[int]]:
    found = clusters.pieces(people, [(link.a_id, link.b_id) for link in links])
    return {frozenset(member.pk for member in piece) for piece in found}


@pytest.mark.scenario("ID-99", "ID-I2")
@pytest.mark.parametrize("seed", range(12))
def test_any_history_of_merges_and_splits_leaves_what_its_links_say(seed: int) -> None:
    dice, people = random.Random(seed), [person(n) for n in range(6)]
    live: list[Link] = []
    for _ in range(14):
        if live and dice.random() < 0.4:
            undo(live.pop(dice.randrange(len(live))), stay_apart=False)
        else:
            a, b = dice.sample(people, 2)
            link = join(a, b).link
            live += [link] if link and link not in live else []
        assert groups() == expected(people, live)
    assert merging.check() == []


@pytest.mark.scenario("ID-I2")
def test_a_drifted_pointer_is_found_and_repaired() -> None:
    a, b = person(1), person(2)
    join(a, b)
    Customer.objects.filter(pk=b.pk).update(root_id=b.pk)
    assert merging.check(repair=True) == [b.pk]
    assert merging.check() == [] and groups() == {frozenset({a.pk, b.pk})}


def test_the_ledger_is_append_only() -> None:
    event = join(person(1), person(2)).event
    assert event is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        MergeEvent.objects.filter(pk=event.pk).update(actor="somebody else")


def test_the_command_tells_of_a_drift_and_repairs_it() -> None:
    a, b = person(1), person(2)
    join(a, b)
    call_command("identity_check")
    Customer.objects.filter(pk=b.pk).update(root_id=b.pk)
    with pytest.raises(CommandError, match="1 customers"):
        call_command("identity_check")
    call_command("identity_check", "--repair")
    assert merging.check() == []
