"""Does the primary identifier name one person or nobody, and who lacks or shares it?"""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models.expressions import RawSQL
from django.test import Client

from common import clock
from customers import identity, policy, primary
from customers.handles import Handle
from customers.models import AuditEntry, Customer, Identity
from tests.customers.cast import ANN, NOON, SHOP, imported, login, resolve, whatsapp
from tests.customers.test_api import client
from tests.customers.test_merging import join, undo

pytestmark = pytest.mark.django_db
BY = "/api/v1/customers/by/"


def get(rest: str, **asked: str) -> Any:
    return client("view_customer").get(BY + rest, asked)


def mailed(address: str, proof: str = "provider") -> Customer:
    return resolve([Handle("email", "", address, proof)]).origin


def test_a_customer_is_named_by_what_the_policy_says_is_primary() -> None:
    ann = login("ann-1", email="ann@example.com").origin
    assert get("ann-1/").json()["public_id"] == str(ann.public_id)
    assert get("ann@example.com/").status_code == 404
    policy.change(values={"primary": "email"}, actor="user:1")
    assert get("Ann@Example.com/").json()["public_id"] == str(ann.public_id)
    assert get("ann-1/").status_code == 404


def test_any_kind_can_be_named_with_its_scope(db: None) -> None:
    ann = login("ann-1").origin
    phone = resolve(whatsapp(ANN)).origin
    assert get(f"phone/+{ANN}/").json()["public_id"] == str(phone.public_id)
    assert get("phone/+553188888888/").json()["public_id"] == str(phone.public_id)
    assert get("site_user/ann-1/", scope=SHOP).json()["public_id"] == str(ann.public_id)
    assert get("site_user/ann-1/", scope="https://other.example").status_code == 404
    assert get("shoe_size/42/").status_code == 404
    assert AuditEntry.objects.filter(action="customers.search").exists()


def test_one_name_at_two_sites_names_nobody_until_the_site_is_said() -> None:
    ann = login("ann-1").origin
    other = identity.identify(
        visitor_identity=None, issuer="https://b.example", subject="ann-1", claims={}, trusts_site_claims=False
    )
    assert other is not None
    answer = get("ann-1/")
    assert (answer.status_code, answer.json()["code"]) == (409, "identifier_shared")
    assert set(answer.json()["customers"]) == {str(ann.public_id), str(other.origin.public_id)}
    assert get("ann-1/", scope=SHOP).status_code == 200
    join(ann, other.origin)
    assert get("ann-1/").json()["public_id"] == str(ann.public_id)


def test_what_is_claimed_names_nobody_and_shadows_nobody() -> None:
    owner = mailed("ann@example.com")
    resolve([*whatsapp(ANN), Handle("email", "", "ann@example.com", "claimed")])
    resolve([*whatsapp("491511234567"), Handle("email", "", "bob@example.com", "claimed")])
    assert get("email/ann@example.com/").json()["public_id"] == str(owner.public_id)
    assert get("email/bob@example.com/").status_code == 404


def test_a_number_marked_as_shared_names_nobody() -> None:
    resolve(whatsapp(ANN))
    Identity.objects.update(shared=True)
    assert get(f"phone/+{ANN}/").status_code == 409


def test_the_erased_are_nobody_and_strangers_ask_in_vain() -> None:
    ann = login("ann-1").origin
    assert client().get(f"{BY}ann-1/").status_code == 403
    Customer.objects.filter(pk=ann.pk).update(status="erased", erased_at=clock.now())
    assert get("ann-1/").status_code == 404


def test_one_of_several_addresses_is_the_primary_one_through_merge_and_split() -> None:
    ann, anna = mailed("ann@example.com"), mailed("anna@example.com")
    editor = client("view_customer", "change_customer")
    rows = {row.customer_id: row for row in Identity.objects.all()}

    def choose(who: Customer, row: Identity, by: Any = editor) -> Any:
        return by.post(f"/api/v1/customers/{who.public_id}/primary/", {"identity": str(row.public_id)}, format="json")

    assert choose(ann, rows[ann.pk], client("view_customer")).status_code == 403
    assert choose(ann, rows[anna.pk]).status_code == 404
    assert choose(ann, rows[ann.pk]).json()["identities"][0]["is_primary"] is True
    choose(anna, rows[anna.pk])
    done = join(ann, anna)
    both = Identity.objects.of_cluster(ann.pk)
    assert primary.among(both) == {"email": rows[anna.pk]}
    undo(done.link)
    assert primary.among(Identity.objects.of_cluster(ann.pk)) == {"email": rows[ann.pk]}
    assert AuditEntry.objects.filter(action="identity.primary").count() == 2


def test_only_an_email_or_a_phone_can_be_the_primary_one() -> None:
    user = login("ann-1").identity
    with pytest.raises(primary.NotPrimary):
        primary.mark(identity=user, actor="user:1")


def versions() -> list[tuple[int, str]]:
    """Each row with the version that Postgres gives it: another one after any write."""
    rows = Identity.objects.order_by("pk").annotate(version=RawSQL("xmin::text", ()))
    return list(rows.values_list("pk", "version"))


@pytest.mark.scenario("ID-77")
def test_who_lacks_or_shares_the_new_primary_identifier_is_told_before_and_nothing_is_rewritten() -> None:
    ann, bob, cid = mailed("ann@example.com"), imported(f"+{ANN}").origin, mailed("cid@example.com")
    resolve([*whatsapp("491511234567"), Handle("email", "", "ann@example.com", "claimed")])
    before = versions()
    body = client("view_customer").get("/api/v1/customers/report/email/").json()
    assert (body["primary"], body["lacking"], body["shared"]) == ("email", 1, 1)
    assert body["who_lacks"] == [str(bob.public_id)]
    assert str(ann.public_id) in body["who_shares"][0] and str(cid.public_id) not in body["who_shares"][0]
    policy.change(values={"primary": "email"}, actor="user:1")
    assert versions() == before
    assert client("view_customer").get("/api/v1/customers/report/shoe/").status_code == 404
    assert Client().get("/api/v1/customers/report/email/").status_code in (401, 403)


def test_a_report_counts_all_and_names_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(primary, "SHOWN", 2)
    for number in range(4):
        resolve(whatsapp(f"4915112345{number:02}"), NOON)
    found = primary.report("email")
    assert (found.lacking, len(found.who_lacks)) == (4, 2)
