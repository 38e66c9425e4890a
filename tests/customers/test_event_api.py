"""Does the ledger tell what happened to whom, once, with a version, and only to those who may read?"""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from common import clock
from customers import attributes, conflicts
from customers.models import Conflict, Customer
from tests.customers.test_api import client
from tests.customers.test_link_api import ALL, merged, person, post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead() -> APIClient:
    return client(*ALL)


def told(who: APIClient, customer: Customer | None = None) -> list[dict[str, Any]]:
    given = {"customer": str(customer.public_id)} if customer else {}
    answer = who.get("/api/v1/identity-events/", given)
    assert answer.status_code == 200
    return list(answer.json()["results"])


def test_a_merge_and_its_undoing_are_told_with_rising_versions(lead: APIClient) -> None:
    a, b = person(1), person(2)
    link = merged(lead, a, b).json()
    post(lead, "links/split", {"links": [link["public_id"]], "reason": "two people"})
    split, merge = told(lead)
    assert (merge["type"], split["type"]) == ("customer.merged", "customer.split")
    assert {*merge["before"]} == {*split["after"]} == {str(a.public_id), str(b.public_id)}
    assert merge["after"] == split["before"] == [str(a.public_id)]
    assert split["version"] > merge["version"] and split["link"] == link["public_id"]


def test_a_conflict_is_told_when_it_opens_and_not_when_it_is_repeated(lead: APIClient) -> None:
    a = person(1)
    for _ in range(2):
        conflicts.note(customer_id=a.pk, kind=Conflict.Kind.OVER_LIMIT, subject="phone", candidates=[])
    conflicts.note(customer_id=a.pk, kind=Conflict.Kind.CLAMPED_TIME, subject="name", candidates=[])
    (event,) = told(lead)
    assert (event["type"], event["after"]) == ("identity.conflict", [str(a.public_id)])
    opened = Conflict.objects.get(kind=Conflict.Kind.OVER_LIMIT)
    assert (event["subject"], event["conflict"]) == ("over_limit:phone", str(opened.public_id))


@pytest.mark.parametrize(("choices", "types"), [({"name": "Ann"}, []), ({}, ["identity.conflict"])])
def test_what_a_merge_opens_and_settles_at_once_is_told_to_nobody(
    lead: APIClient, choices: dict[str, str], types: list[str]
) -> None:
    a, b = person(1), person(2)
    for number, (who, name) in enumerate(((a, "Ann"), (b, "Bea"))):
        said = {"source": "bot", "occurred_at": clock.now(), "source_event_id": f"{number}"}
        attributes.observe(customer=who, key="name", value=name, **said)  # type: ignore[arg-type]  # named above
    merged(lead, a, b, choices=choices)
    assert sorted(one["type"] for one in told(lead)) == ["customer.merged", *types]


def test_one_persons_news_is_found_by_any_id_they_ever_had(lead: APIClient) -> None:
    a, b, c, d = (person(number) for number in range(1, 5))
    merged(lead, a, b)
    merged(lead, c, d)
    assert told(lead, b) == told(lead, a) != []
    assert len(told(lead)) == 2 and told(lead, a) != told(lead, d)


def test_who_may_not_see_customers_hears_nothing_of_them() -> None:
    assert client().get("/api/v1/identity-events/").status_code == 403
    assert APIClient().get("/api/v1/identity-events/").status_code == 401


@pytest.mark.parametrize(("value", "status"), [("x", 400), ("01920000-0000-7000-8000-000000000000", 404)])
def test_an_id_of_nobody_is_refused(lead: APIClient, value: str, status: int) -> None:
    assert lead.get("/api/v1/identity-events/", {"customer": value}).status_code == status
