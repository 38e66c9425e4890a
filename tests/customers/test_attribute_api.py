"""Does the API tell where each value comes from, and take words of people and of trusted servers as what they are?"""

from __future__ import annotations

import math
from typing import Any

import pytest
from rest_framework.test import APIClient

from common import clock
from customers import attributes, definitions
from customers.attribute_rules import BUILT_IN, Definition
from customers.models import AuditEntry, Customer, Observation
from tests.customers.cast import NOON
from tests.customers.test_api import client
from tests.customers.test_attribute_conflicts import say
from tests.customers.test_merging import join, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Customer:
    return person(1)


def url(who: Customer, rest: str = "") -> str:
    return f"/api/v1/customers/{who.public_id}/attributes/{rest}"


def send(as_who: APIClient, who: Customer, body: Any) -> Any:
    return as_who.patch(url(who), body, format="json")


def of_shop(**more: Any) -> dict[str, Any]:
    given = {"source": "crm:shop", "event_id": "e1", "occurred_at": NOON.isoformat()}
    return {**given, "values": {"segment": "gold", "city": "Malmö"}, **more}


def server() -> APIClient:
    return client("view_customer", "assert_customer")


def test_what_holds_is_told_with_source_time_verifier_and_conflict(ann: Customer) -> None:
    attributes.verify(customer=ann, key="name", value="Ann Lee", by="user:7")
    say(ann, "name", "Anne", at=clock.now())
    (row,) = client("view_customer").get(url(ann)).json()["attributes"]
    assert (row["key"], row["label"], row["type"], row["value"]) == ("name", "Name", "text", "Ann Lee")
    assert (row["source"], row["verified_by"], row["has_conflict"]) == ("agent_verified", "user:7", True)
    assert row["verified_until"] and row["occurred_at"] and not row["masked"]


def test_the_ids_of_both_lead_to_one_person(ann: Customer) -> None:
    anna = person(2)
    say(anna, "city", "Lund")
    join(ann, anna)
    body = client("view_customer").get(url(anna)).json()
    assert (body["customer"], body["merged_into"]) == (str(ann.public_id), str(ann.public_id))
    assert body["attributes"][0]["value"] == "Lund"


def test_a_sensitive_value_is_masked_unless_the_reader_may_reveal_and_that_is_audited(ann: Customer) -> None:
    say(ann, "email", "ann@example.com")
    (row,) = client("view_customer").get(url(ann)).json()["attributes"]
    assert row["masked"] and row["value"] != "ann@example.com"
    assert client("view_customer").get(f"/api/v1/customers/{ann.public_id}/").json()["attributes"][0]["masked"]
    assert not AuditEntry.objects.exists()
    (row,) = client("view_customer", "reveal_identity").get(url(ann)).json()["attributes"]
    assert (row["value"], row["masked"], AuditEntry.objects.get().action) == (
        "ann@example.com", False, "identity.reveal",
    )  # fmt: skip


def test_a_trusted_server_says_what_its_system_holds_and_once(ann: Customer) -> None:
    by = server()
    assert send(by, ann, of_shop()).json()["ignored"] == []
    again = send(by, ann, of_shop(values={"segment": "silver", "city": "Malmö"})).json()
    assert again["ignored"] == ["segment", "city"]
    row = Observation.objects.get(key="segment")
    assert (row.source, row.occurred_at, row.value) == ("crm:shop", NOON, "gold")
    assert Observation.objects.values("write_group").distinct().count() == 1


def test_a_segment_of_the_crm_holds_against_a_newer_one_of_an_agent(ann: Customer) -> None:
    send(server(), ann, of_shop())
    send(client("view_customer", "change_customer"), ann, {"segment": "silver", "city": "Lund"})
    assert attributes.values(ann) == {"segment": "gold", "city": "Lund"}


def test_null_clears(ann: Customer) -> None:
    by = server()
    send(by, ann, of_shop())
    send(by, ann, of_shop(event_id="e2", occurred_at=clock.now().isoformat(), values={"city": None}))
    assert attributes.values(ann) == {"segment": "gold"}


def test_a_value_that_does_not_fit_is_refused_by_name_and_nothing_of_the_rest_is_kept(ann: Customer) -> None:
    answer = send(server(), ann, of_shop(values={"city": "Lund", "birth_date": "3 May"}))
    assert (answer.status_code, answer.json()["code"], answer.json()["attribute"]) == (
        400, "attribute_invalid", "birth_date",
    )  # fmt: skip
    assert "Date of birth takes a date" in answer.json()["detail"] and not Observation.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"event_id": ""}, {"source": "otp"}, {"source": "crm:A B"}, {"values": {}}, {"values": {"a b": 1}}]
)
def test_a_server_that_does_not_say_what_it_must_is_refused(ann: Customer, wrong: dict[str, Any]) -> None:
    assert send(server(), ann, of_shop(**wrong)).status_code == 400
    assert not Observation.objects.exists()


def test_nobody_speaks_for_another_source_than_their_own(ann: Customer) -> None:
    agent = client("view_customer", "change_customer")
    assert send(agent, ann, of_shop()).status_code == 403
    assert send(server(), ann, {"city": "Lund"}).status_code == 403
    assert send(client("view_customer"), ann, {"city": "Lund"}).status_code == 403
    assert client("change_customer").get(url(ann)).status_code == 403
    assert APIClient().get(url(ann)).status_code in (401, 403)
    assert not Observation.objects.exists()


def test_a_feed_that_is_ignored_is_said_to_be(ann: Customer) -> None:
    definitions.assume({**BUILT_IN, "city": Definition("city", sync={"crm": "ignore"})})
    assert send(server(), ann, of_shop()).json()["ignored"] == ["city"]


def test_the_history_tells_every_word(ann: Customer) -> None:
    say(ann, "city", "Lund", "provider:whatsapp"), say(ann, "city", None, at=clock.now())
    rows = client("view_customer").get(url(ann, "city/history/")).json()
    assert [(row["value"], row["is_clear"], row["holds"]) for row in rows] == [("", True, True), ("Lund", False, False)]
    assert rows[1]["source"] == "WhatsApp profile" and rows[1]["occurred_at"] == "2026-05-03T12:00:00Z"


def test_what_holds_or_another_value_is_verified_by_a_person(ann: Customer) -> None:
    say(ann, "name", "Ann")
    agent = client("view_customer", "change_customer")
    assert agent.post(url(ann, "name/verify/"), {}, format="json").json()["attributes"][0]["value"] == "Ann"
    (row,) = agent.post(url(ann, "name/verify/"), {"value": "Ann Lee"}, format="json").json()["attributes"]
    assert (row["value"], row["source"]) == ("Ann Lee", "agent_verified") and row["verified_by"].startswith("user:")
    assert agent.post(url(ann, "city/verify/"), {}, format="json").status_code == 404
    assert server().post(url(ann, "name/verify/"), {}, format="json").status_code == 403


@pytest.mark.parametrize(("key", "status"), [("__proto__", 400), ("k" * 150, 400), ("a%00b", 404), ("%C3%9C", 400)])
def test_what_is_no_attributes_name_is_neither_verified_nor_told(ann: Customer, key: str, status: int) -> None:
    boss = client("view_customer", "change_customer")
    assert boss.post(url(ann, f"{key}/verify/"), {"value": "x"}, format="json").status_code == status
    assert boss.get(url(ann, f"{key}/history/")).status_code == 404
    assert not Observation.objects.exists()


def test_what_was_stored_as_no_number_is_shown_as_nothing(ann: Customer) -> None:
    said = {"value": {"a": math.nan}, "source": "bot", "source_rank": 2, "source_event_id": "before"}
    Observation.objects.create(customer=ann, key="budget", occurred_at=NOON, effective_at=NOON, **said)
    attributes.resolve(ann, ["budget"])
    boss = client("view_customer", "change_customer", "merge_customer")
    (told,) = boss.get(url(ann)).json()["attributes"]
    assert told["value"] == {"a": None}
    assert boss.get(url(ann, "budget/history/")).status_code == 200
    pair = {"left": str(ann.public_id), "right": str(person(2).public_id)}
    assert boss.post("/api/v1/links/preview/", pair, format="json").status_code == 200


def test_who_was_erased_has_no_attributes(ann: Customer) -> None:
    Customer.objects.filter(pk=ann.pk).update(status="erased", erased_at=clock.now())
    for method, rest in (("get", ""), ("patch", ""), ("get", "name/history/"), ("post", "name/verify/")):
        by = client("view_customer", "change_customer")
        answer = getattr(by, method)(url(ann, rest), {"name": "x"} if method != "get" else None, format="json")
        assert (answer.status_code, answer.json()["code"]) == (410, "erased")


def test_a_preview_masks_what_is_sensitive_and_shows_whole_sets(ann: Customer) -> None:
    anna = person(2)
    for who, address, tags in ((ann, "ann@example.com", ["vip"]), (anna, "anna@example.com", ["b2b"])):
        say(who, "email", address), say(who, "tags", tags), say(who, "tags", "new", at=clock.now())
    pair = {"left": str(ann.public_id), "right": str(anna.public_id)}
    for rights, is_whole in (((), False), (("reveal_identity",), True)):
        by = client("view_customer", "merge_customer", *rights)
        body = by.post("/api/v1/links/preview/", pair, format="json").json()
        rows = {row["key"]: row for row in body["attributes"]}
        assert (rows["email"]["left"]["value"] == "ann@example.com") is is_whole
        assert (rows["tags"]["left"]["value"], rows["tags"]["kept"]) == (["new", "vip"], "both")
