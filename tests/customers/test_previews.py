"""Does a preview say what a merge or a split will do, and does a decision rest on what was shown?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from customers import attributes, handing, merging, previews
from customers.models import AuditEntry, Customer, Link
from tests.customers.cast import NOON, login, resolve, whatsapp

pytestmark = pytest.mark.django_db(transaction=True)


def person(number: int, name: str = "", source: str = "bot") -> Customer:
    made = resolve(whatsapp(f"4670174{number:04}"), NOON + timedelta(minutes=number)).origin
    if name:
        say(made, name, source, number)
    return made


def say(customer: Customer, name: str, source: str = "bot", minute: int = 50) -> None:
    attributes.observe(
        customer=customer, key="name", value=name, source=source, occurred_at=NOON + timedelta(minutes=minute),
        source_event_id=f"{customer.pk}:{minute}",
    )  # fmt: skip


def decide(a: Customer, b: Customer, stamp: str, **more: object) -> merging.Merged:
    given = {"choices": {}, "actor": "user:1", "request_id": "r1", **more}
    return previews.decide(a=a, b=b, expected=stamp, **given)  # type: ignore[arg-type]  # the keywords are named above


def test_both_sides_are_shown_with_what_would_hold() -> None:
    ann, lee = person(1, "Ann", "agent_verified"), person(2, "Ann Lee")
    seen = previews.preview(ann, lee)
    (field,) = seen.fields
    assert field.left is not None and field.right is not None
    assert (field.left.value, field.right.value, field.kept) == ("Ann", "Ann Lee", "left")
    assert (seen.survivor, seen.blocked) == (ann, [])


def test_what_is_shown_is_what_comes() -> None:
    ann, lee = person(1, "Ann"), person(2, "Ann Lee")
    seen = previews.preview(ann, lee)
    kept = {field.key: getattr(field, field.kept).value for field in seen.fields}
    done = decide(ann, lee, seen.stamp)
    assert attributes.values(done.root) == kept


def test_a_choice_is_a_word_that_a_person_verified() -> None:
    ann, lee = person(1, "Ann"), person(2, "Ann Lee")
    done = decide(ann, lee, previews.preview(ann, lee).stamp, choices={"name": "Anna Lee"})
    say(done.root, "bot's idea", minute=59)
    assert attributes.values(done.root) == {"name": "Anna Lee"}
    assert AuditEntry.objects.get().action == "customer.merge"


@pytest.mark.scenario("ID-97", "ID-38")
def test_a_decision_on_what_has_changed_since_is_refused() -> None:
    ann, lee = person(1, "Ann"), person(2, "Ann Lee")
    stamp = previews.preview(ann, lee).stamp
    say(lee, "Anna Lee")
    with pytest.raises(merging.StalePreview):
        decide(ann, lee, stamp)
    assert Link.objects.count() == 0
    assert decide(ann, lee, previews.preview(ann, lee).stamp).event is not None


@pytest.mark.scenario("ID-26")
def test_what_forbids_a_merge_is_named_beforehand_and_overridden_with_a_reason() -> None:
    ann, bob = login("ann").origin, login("bob").origin
    seen = previews.preview(ann, bob)
    assert seen.blocked == ["exclusive_clash"]
    assert decide(ann, bob, seen.stamp, is_forced=True, reason="two accounts of hers").event is not None
    assert AuditEntry.objects.get().reason == "two accounts of hers"


def test_a_split_is_shown_piece_by_piece() -> None:
    ann, lee, kim = person(1), person(2), person(3)
    first = decide(ann, lee, "", request_id="a").link
    decide(lee, kim, "", request_id="b")
    assert first is not None
    pieces = previews.preview_split([first])
    assert [({one.pk for one in piece.members}, piece.keeps) for piece in pieces] == [
        ({ann.pk}, True),
        ({lee.pk, kim.pk}, False),
    ]


@pytest.mark.scenario("ID-33")
def test_two_part_by_their_direct_link_or_else_by_all() -> None:
    ann, lee, kim = person(1), person(2), person(3)
    first = decide(ann, lee, "", request_id="a").link
    second = decide(lee, kim, "", request_id="b").link
    for one in (ann, lee, kim):
        one.refresh_from_db()
    assert previews.crossing(one=ann, other=lee) == [first]
    assert set(previews.crossing(one=ann, other=kim)) == {first, second}


@pytest.mark.parametrize("chosen", ["Bob", "Robert"])
def test_what_was_chosen_at_a_merge_ends_with_its_link(chosen: str) -> None:
    ann, bob = person(1, "Ann"), person(2, "Bob")
    before = [attributes.values(ann), attributes.values(bob)]
    done = decide(ann, bob, previews.preview(ann, bob).stamp, choices={"name": chosen, "city": "Lund"})
    assert attributes.values(done.root) == {"name": chosen, "city": "Lund"} and done.link is not None
    assert not handing.since([done.link], [ann, bob])
    merging.split(links=[done.link], actor="user:1", request_id="s")
    assert [attributes.values(Customer.objects.get(pk=one.pk)) for one in (ann, bob)] == before
