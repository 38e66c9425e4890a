"""Is a value checked at every door where one comes in, and does nothing but the value itself fail?"""

from __future__ import annotations

import math

import pytest

from channels_app import page_facts, visits
from channels_app.models import Channel, Visit
from conversations.models import ConversationEvent
from customers import attributes, definitions, mapping_cells
from customers.attribute_rules import BUILT_IN, Definition
from customers.models import Observation
from tests.channels_app import storefront
from tests.channels_app.storefront import login
from tests.stories import cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def defined() -> None:
    """A shop that wants a number for the chair, a plan among two, and yes or no from its page."""
    own = [
        Definition("chair_interest", "Chair", type="number"),
        Definition("plan", "Plan", type="choice", choices=("Free", "Pro")),
        Definition("page_member", "Member", type="boolean"),
    ]
    definitions.assume({**BUILT_IN, **{one.key: one for one in own}})


@pytest.fixture
def shop() -> Channel:
    return storefront.open_shop()


def known(visit: Visit) -> dict[str, object]:
    person = visit.person
    assert person is not None
    return attributes.values(person.customer.root_id)


def test_a_login_says_more_than_a_name(shop: Channel) -> None:
    claims = {
        "given_name": "Maya",
        "locale": "sv",
        "birthdate": "1990-05-03",
        "attributes": {"plan": "pro", "seats": 3},
    }
    held = known(visits.open(channel=shop, login=login(**claims)).visit)
    expected = {"name": "Maya Lindqvist", "first_name": "Maya", "language": "sv", "birth_date": "1990-05-03"}
    assert held == {**expected, "plan": "Pro", "seats": 3}
    assert set(Observation.objects.values_list("source", flat=True)) == {"site"}
    assert Observation.objects.values("write_group").distinct().count() == 1


def test_a_login_again_with_the_same_claims_says_nothing_new(shop: Channel) -> None:
    for _ in range(2):
        visits.open(channel=shop, login=login(attributes={"plan": "Pro"}))
    assert Observation.objects.filter(key="plan").count() == 1


def test_a_claim_that_does_not_fit_is_left_out_named_in_the_log_and_the_login_holds(
    shop: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    claims = {"birthdate": "soon", "attributes": {"plan": "gold", "Bad Key": 1, "seats": 3}}
    held = known(visits.open(channel=shop, login=login(**claims)).visit)
    assert held == {"name": "Maya Lindqvist", "seats": 3}
    said = " ".join(record.getMessage() for record in caplog.records)
    assert "Plan takes one of Free, Pro." in said and "gold" not in said


@pytest.mark.parametrize(
    "claims", [{"attributes": ["plan"]}, {"attributes": "plan"}, {"given_name": 5}, {"locale": " "}]
)
def test_claims_of_another_shape_are_no_claims(shop: Channel, claims: dict[str, object]) -> None:
    assert known(visits.open(channel=shop, login=login(**claims)).visit) == {"name": "Maya Lindqvist"}


def test_what_the_page_says_is_all_taken_or_all_refused_by_name(shop: Channel) -> None:
    visit = visits.open(channel=shop, login=login()).visit
    with pytest.raises(page_facts.FactsInvalid, match="Member takes yes or no"):
        page_facts.note(visit=visit, values={"colour": "red", "member": "perhaps"})
    assert known(visit) == {"name": "Maya Lindqvist"}
    assert page_facts.note(visit=visit, values={"colour": "red", "member": "yes"}) == 2
    assert known(visit)["page_member"] is True


@pytest.mark.parametrize("value", [math.nan, math.inf, 10**4000, "a\x00b", None, [1]], ids=range(6))
def test_what_the_page_says_can_be_read_by_everybody(shop: Channel, value: object) -> None:
    visit = visits.open(channel=shop, login=login()).visit
    with pytest.raises(page_facts.FactsInvalid):
        page_facts.note(visit=visit, values={"budget": value})
    assert page_facts.note(visit=visit, values={"budget": 2**53, "share": 0.5, "fan": True}) == 3


def test_an_answer_that_does_not_fit_goes_on_in_the_journey_and_is_told_to_its_operators() -> None:
    cast.sales()
    cast.library()
    maya = cast.maya()
    phone = maya.on_whatsapp()
    for said in ("hi", "2"):
        phone.says(said)
    alert = ConversationEvent.objects.get(kind="alert")
    assert (alert.data["code"], alert.data["attribute"]) == ("attribute_refused", "chair_interest")
    assert "chair_interest" not in attributes.values(maya.customer) and maya.run().status == "waiting"


def test_a_cell_that_does_not_fit_refuses_its_row_and_says_which() -> None:
    columns = [mapping_cells.Column("Phone", "phone", "mapping"), mapping_cells.Column("Plan", "plan", "attribute")]
    reading = mapping_cells.Reading(columns)
    assert reading.said(["+46701740635", "PRO"]).values == {"plan": "Pro"}
    (reason,) = reading.said(["+46701740635", "gold"]).refused
    assert reason.startswith("Plan:")
