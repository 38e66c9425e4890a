"""Does the API join and part customers for those who may, and for nobody else?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from common import clock
from customers import attributes, conflicts, consent, identity, suggestions
from customers.handles import Handle
from customers.models import AuditEntry, Conflict, Consent, Customer, Identity, Link, MatchSuggestion, Observation
from tests.customers.cast import ANN, NOON, login, resolve, visitor, whatsapp
from tests.customers.test_api import client

pytestmark = pytest.mark.django_db(transaction=True)
ALL = ("view_customer", "merge_customer", "undo_link", "force_merge", "change_customer", "view_consent", "add_consent")


def person(number: int) -> Customer:
    return resolve(whatsapp(f"4670174{number:04}"), NOON + timedelta(minutes=number)).origin


@pytest.fixture
def lead() -> APIClient:
    return client(*ALL)


def post(who: APIClient, path: str, body: Any = None, key: str = "") -> Any:
    return who.post(f"/api/v1/{path}/", body or {}, format="json", headers={"Idempotency-Key": key or str(uuid4())})


def pair(a: Customer, b: Customer, **more: Any) -> dict[str, Any]:
    return {"left": str(a.public_id), "right": str(b.public_id), **more}


def merged(who: APIClient, a: Customer, b: Customer, **more: Any) -> Any:
    stamp = post(who, "links/preview", pair(a, b)).json()["stamp"]
    return post(who, "links/merge", pair(a, b, stamp=stamp, **more))


def test_a_merge_is_previewed_decided_and_undone(lead: APIClient) -> None:
    a, b = person(1), person(2)
    link = merged(lead, a, b).json()
    assert {link["a"], link["b"]} == {str(a.public_id), str(b.public_id)}
    pieces = post(lead, "links/split", {"links": [link["public_id"]], "reason": "two people"}).json()
    assert len(pieces) == 2 and Customer.objects.get(pk=b.pk).is_root


@pytest.mark.scenario("ID-37", "T-63")
def test_a_merge_repeated_after_a_timeout_is_the_same_merge(lead: APIClient) -> None:
    a, b = person(1), person(2)
    body = pair(a, b, stamp=post(lead, "links/preview", pair(a, b)).json()["stamp"])
    first, again = (post(lead, "links/merge", body, key="k1") for _ in range(2))
    assert (first.json(), again["Idempotent-Replay"]) == (again.json(), "true")


@pytest.mark.scenario("ID-97")
def test_a_stale_preview_is_a_409(lead: APIClient) -> None:
    a, b = person(1), person(2)
    body = pair(a, b, stamp=post(lead, "links/preview", pair(a, b)).json()["stamp"])
    merged(lead, b, person(3))
    answer = post(lead, "links/merge", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "stale_preview")


@pytest.mark.scenario("ID-26")
def test_overriding_takes_the_permission_and_a_reason() -> None:
    ann, bob = login("ann").origin, login("bob").origin
    supervisor = client("view_customer", "merge_customer")
    assert merged(supervisor, ann, bob).json()["code"] == "exclusive_clash"
    assert merged(supervisor, ann, bob, force=True, reason="hers").status_code == 403
    assert merged(client(*ALL), ann, bob, force=True).status_code == 400
    assert merged(client(*ALL), ann, bob, force=True, reason="hers").status_code == 200


@pytest.mark.parametrize("path", ["links/preview", "links/merge", "links/preview-split", "links/split"])
def test_who_only_reads_joins_and_parts_nobody(path: str) -> None:
    assert post(client("view_customer"), path, pair(person(1), person(2))).status_code == 403


@pytest.mark.scenario("T-8")
def test_links_of_two_people_or_of_nobody_are_no_split(lead: APIClient) -> None:
    one, other = (merged(lead, person(n), person(n + 1)).json()["public_id"] for n in (1, 3))
    assert post(lead, "links/split", {"links": [one, other]}).status_code == 400
    assert post(lead, "links/split", {"links": [str(uuid4())]}).status_code == 400
    assert Link.objects.live().count() == 2


def test_suggestions_are_listed_with_reasons_and_answered(lead: APIClient) -> None:
    ann = resolve(whatsapp(ANN)).origin
    typed = resolve([*visitor(), Handle("phone", "", f"+{ANN}", "claimed")]).origin
    suggestions.refresh(typed)
    (found,) = lead.get("/api/v1/suggestions/").json()["results"]
    assert found["reasons"] == ["The same phone number"]
    assert post(client("view_customer"), f"suggestions/{found['public_id']}/accept").status_code == 403
    assert post(lead, f"suggestions/{found['public_id']}/accept").json()["status"] == "accepted"
    assert Customer.objects.get(pk=typed.pk).root_id == ann.pk


def test_a_suggestion_is_put_off_and_rejected(lead: APIClient) -> None:
    resolve(whatsapp(ANN))
    suggestions.refresh(resolve([*visitor(), Handle("phone", "", f"+{ANN}", "claimed")]).origin)
    path = f"suggestions/{MatchSuggestion.objects.get().public_id}"
    assert post(lead, f"{path}/snooze").json()["status"] == "snoozed"
    assert lead.get("/api/v1/suggestions/").json()["results"] == []
    assert post(lead, f"{path}/reject").json()["status"] == "rejected"
    for verb in ("snooze", "accept", "reject"):
        again = post(client("view_customer", "merge_customer"), f"{path}/{verb}")
        assert (again.status_code, again.json()["code"]) == (409, "settled")
    assert MatchSuggestion.objects.get().status == "rejected"


def test_a_suggestion_is_put_off_no_longer_than_a_year(lead: APIClient) -> None:
    resolve(whatsapp(ANN))
    suggestions.refresh(resolve([*visitor(), Handle("phone", "", f"+{ANN}", "claimed")]).origin)
    path = f"suggestions/{MatchSuggestion.objects.get().public_id}"
    for until in ("9000-01-01T00:00:00Z", "2000-01-01T00:00:00Z"):
        assert post(lead, f"{path}/snooze", {"until": until}).json()["code"] == "bad_time"


@pytest.mark.parametrize("key", ["", "__proto__", "k" * 300, "a\x00b", "<script>", "Ünïcode"])
def test_a_choice_for_what_is_no_attributes_name_joins_nobody(lead: APIClient, key: str) -> None:
    a, b = person(1), person(2)
    assert merged(lead, a, b, choices={key: "x"}).status_code == 400
    assert not Link.objects.exists() and not Observation.objects.filter(source="agent_verified").exists()
    assert merged(lead, a, b, choices={"Seat.no_1": "x"}).status_code == 200


def test_a_conflict_is_settled_and_stays_settled(lead: APIClient) -> None:
    ann = person(1)
    attributes.verify(customer=ann, key="name", value="Ann", by="user:1")
    attributes.observe(
        customer=ann, key="name", value="Bea", source="bot", occurred_at=clock.now(), source_event_id="1"
    )
    (found,) = lead.get("/api/v1/conflicts/").json()["results"]
    assert (found["kind"], found["subject"]) == ("value_disagrees", "name")
    assert post(lead, f"conflicts/{found['public_id']}/settle", {"value": "Bea"}).json()["status"] == "resolved"
    assert attributes.values(Customer.objects.get(pk=ann.pk)) == {"name": "Bea"}
    late = post(client("view_customer", "change_customer"), f"conflicts/{found['public_id']}/settle", {"value": "Cia"})
    assert (late.status_code, late.json()["code"]) == (409, "settled")
    assert Conflict.objects.get().resolved_by == AuditEntry.objects.get(action="conflict.settled").actor
    assert attributes.values(Customer.objects.get(pk=ann.pk)) == {"name": "Bea"}


def test_a_collision_has_no_value_to_settle_but_can_be_dismissed(lead: APIClient) -> None:
    Conflict.objects.create(customer=person(1), kind="identifier_collision", subject="phone:abc")
    path = f"conflicts/{Conflict.objects.get().public_id}"
    assert lead.get(f"/api/v1/{path}/").json()["subject"] == "phone"
    assert post(lead, f"{path}/settle", {"value": "x"}).status_code == 400
    assert post(lead, f"{path}/dismiss").json()["status"] == "resolved"


def test_what_is_known_of_an_address_is_decided_once_and_only_where_it_is_asked(lead: APIClient) -> None:
    row = Identity.objects.get(customer=person(1))
    Identity.objects.filter(pk=row.pk).update(proof_expires_at=NOON)
    doubt = {"kind": "suspected_recycle", "subject": "phone:abc", "candidates": [str(row.public_id)]}
    path = f"conflicts/{Conflict.objects.create(customer=row.customer, **doubt).public_id}"
    assert lead.get(f"/api/v1/{path}/").json()["decisions"] == ["same_person", "new_person"]
    wrong = post(lead, f"{path}/decide", {"choice": "block"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "no_such_decision")
    assert "same_person, new_person" in wrong.json()["detail"]
    assert post(lead, f"{path}/decide", {"choice": "same_person"}).json()["status"] == "resolved"
    assert Identity.objects.get(pk=row.pk).proof_expires_at > clock.now()
    assert post(lead, f"{path}/decide", {"choice": "new_person"}).json()["code"] == "settled"
    assert Identity.objects.get(pk=row.pk).valid_to is None


def test_a_shared_value_is_allowed_or_blocked(lead: APIClient) -> None:
    row = Identity.objects.get(customer=person(1))
    found = Conflict.objects.create(customer=row.customer, kind="shared_value", subject=f"phone:{row.key}")
    assert post(client("view_customer"), f"conflicts/{found.public_id}/decide", {"choice": "allow"}).status_code == 403
    assert post(lead, f"conflicts/{found.public_id}/decide", {"choice": "allow"}).json()["status"] == "resolved"
    assert Conflict.objects.get().resolution == "allowed"


@pytest.mark.parametrize(("name", "value"), [("status", "bogus"), ("kind", "bogus")])
def test_a_status_or_a_kind_that_is_none_is_refused_not_empty(lead: APIClient, name: str, value: str) -> None:
    answer = lead.get("/api/v1/conflicts/", {name: value})
    assert answer.status_code == 400 and "This is one of" in answer.content.decode()
    assert lead.get("/api/v1/conflicts/", {"status": "resolved", "kind": "csv_row"}).status_code == 200


def test_what_was_added_since_is_listed_and_handed_to_the_other_piece(lead: APIClient) -> None:
    a, b = person(1), person(2)
    link = merged(lead, a, b).json()["public_id"]
    typed = [Handle("email", "", "ann@x.com", "claimed")]
    assert identity.attest(home=Customer.objects.get(pk=a.pk), handles=typed, occurred_at=clock.now()) == []
    kept, other = post(lead, "links/preview-split", {"links": [link]}).json()
    assert (kept["keeps"], [one["name"] for one in kept["later"]], other["later"]) == (True, ["email"], [])
    assert "ann@x.com" not in str(kept)
    row = kept["later"][0]["row"]
    for wrong in ({"row": row, "to": str(a.public_id)}, {"row": str(uuid4()), "to": str(b.public_id)}):
        assert post(lead, "links/split", {"links": [link], "handed": [wrong]}).status_code == 400
    answer = post(lead, "links/split", {"links": [link], "handed": [{"row": row, "to": str(b.public_id)}]}).json()
    assert [len(piece["identities"]) for piece in answer] == [1, 2]
    assert Identity.objects.live().get(namespace="email").customer == b


def test_consent_is_added_with_who_said_so_and_never_changed(lead: APIClient) -> None:
    ann = person(1)
    address = Identity.objects.get(customer=ann)
    body = {"address": str(address.public_id), "purpose": "marketing", "state": "out", "evidence": {"source": "phone"}}
    said = post(lead, "consents", body)
    assert said.status_code == 201 and said.json()["evidence"]["actor"].startswith("user:")
    assert consent.allowed(identity=address, purpose="marketing") == (False, "opted_out")
    shown = lead.get("/api/v1/consents/", {"customer": str(ann.public_id)}).json()["results"]
    assert [one["state"] for one in shown] == ["out"]
    assert lead.put("/api/v1/consents/", body, format="json").status_code in (403, 405)


@pytest.mark.parametrize(
    "wrong",
    [
        {"occurred_at": (clock.now() + timedelta(days=2)).isoformat()},
        {"occurred_at": "0001-01-01T00:00:00+14:00"},
        {"evidence": {}},
        {"evidence": {"note": "  ", "actor": "user:9"}},
        {"evidence": {f"k{number}": "x" for number in range(2000)}},
        {"evidence": {"k" * 301: "x"}},
        {"evidence": {"a\x00b": "x"}},
    ],
)
def test_a_yes_of_the_future_or_without_evidence_is_no_word(lead: APIClient, wrong: dict[str, Any]) -> None:
    address = Identity.objects.get(customer=person(1))
    body = {"address": str(address.public_id), "purpose": "marketing", "state": "in", "evidence": {"source": "phone"}}
    assert post(lead, "consents", {**body, **wrong}).status_code == 400
    assert not Consent.objects.exists()
    assert post(lead, "consents", body).status_code == 201
    assert AuditEntry.objects.get(object_id=str(address.public_id)).action == "consent.record"


def test_a_word_or_a_proposal_posted_twice_under_one_key_is_one() -> None:
    who = client(*ALL, "add_matchsuggestion")
    address = Identity.objects.get(customer=person(1))
    word = {"address": str(address.public_id), "purpose": "marketing", "state": "in", "evidence": {"source": "phone"}}
    for path, body in (("consents", word), ("suggestions", pair(person(1), person(2)))):
        assert who.post(f"/api/v1/{path}/", body, format="json").json()["code"] == "idempotency_key_missing"
        first, again = (post(who, path, body, key=path) for _ in range(2))
        assert (again.status_code, again.json(), again["Idempotent-Replay"]) == (201, first.json(), "true")
    assert AuditEntry.objects.filter(action__in=("consent.record", "suggestion.propose")).count() == 2


def test_an_agent_proposes_a_pair_and_decides_on_none() -> None:
    body = pair(person(1), person(2), note="One order")
    assert post(client("view_customer"), "suggestions", body).status_code == 403
    agent = client("view_customer", "add_matchsuggestion")
    made = post(agent, "suggestions", body)
    assert (made.status_code, made.json()["reasons"]) == (201, ["An agent thinks so"])
    assert post(agent, f"suggestions/{made.json()['public_id']}/accept").status_code == 403
    assert MatchSuggestion.objects.get().note == "One order"


@pytest.mark.scenario("T-8")
def test_nobody_is_proposed_who_is_not_there_or_may_not_be_seen() -> None:
    body = pair(person(1), person(2))
    assert post(client("add_matchsuggestion"), "suggestions", body).status_code == 404
    agent = client("view_customer", "add_matchsuggestion")
    assert post(agent, "suggestions", {**body, "right": str(uuid4())}).status_code == 404
    assert post(agent, "suggestions", {**body, "right": body["left"]}).json()["code"] == "already_one"


def test_customers_are_listed_by_whether_somebody_must_decide(lead: APIClient) -> None:
    a, b = person(1), person(2)
    conflicts.note(customer_id=b.pk, kind="csv_row", subject="row:1", candidates=[])
    found = lead.get("/api/v1/customers/?has_conflicts=true").json()["results"]
    assert [row["public_id"] for row in found] == [str(b.public_id)]
    assert len(lead.get("/api/v1/customers/").json()["results"]) == len({a, b})


@pytest.mark.parametrize(
    "path",
    [
        "conflicts/?kind=%00",
        "conflicts/?status=%00",
        "customers/?identifier=a&namespace=customer_number&scope=%00",
        "customers/by/customer_number/a/?scope=%00",
    ],
)
def test_a_nul_in_a_parameter_is_a_400(lead: APIClient, path: str) -> None:
    assert lead.get(f"/api/v1/{path}").status_code == 400
