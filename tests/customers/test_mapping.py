"""What does a file of customers change, what does it leave alone, and is that the same in any order and twice?"""

from __future__ import annotations

import io
import itertools
from typing import Any

import pytest

from customers import attributes, identity, mapping, merging, policy, suggestions
from customers.handles import Handle
from customers.models import Conflict, Customer, Identity, Link, MappingImport, MatchSuggestion, Observation
from tests.customers.cast import ANN, NOON, resolve, whatsapp

pytestmark = pytest.mark.django_db
TWO_PHONES = [("first", "phone", "mapping"), ("second", "phone", "mapping")]
PHONE_NAME = [("phone", "phone", "mapping"), ("name", "name", "attribute")]


def uploaded(text: str | bytes, columns: list[tuple[str, str, str]], **more: Any) -> MappingImport:
    content = text.encode() if isinstance(text, str) else text
    work = mapping.upload(file=io.BytesIO(content), name="people.csv", actor="user:1")
    mapping.choose(
        work=work, columns=[dict(zip(("header", "target", "trust"), c, strict=True)) for c in columns], **more
    )
    return work


def imported(text: str | bytes, columns: list[tuple[str, str, str]], with_links: bool = False, **more: Any) -> Any:
    work = uploaded(text, columns, **more)
    mapping.check(work)
    mapping.confirm(work=work, actor="user:1", with_links=with_links)
    return mapping.apply(work)


def number(tail: int) -> str:
    return f"+46701740{tail:03}"


@pytest.mark.scenario("ID-39")
@pytest.mark.parametrize("order", list(itertools.permutations([(90, 91), (92, 93), (91, 92)])))
def test_a_row_that_joins_two_needs_a_word_in_any_order(order: list[tuple[int, int]]) -> None:
    text = "first,second\n" + "".join(f"{number(a)},{number(b)}\n" for a, b in order)
    work = uploaded(text, TWO_PHONES)
    assert mapping.check(work) == {"create": 2, "link": 1}
    assert list(mapping.reasons(work)) == [(order.index((91, 92)) + 1, "link", "would link 2")]
    mapping.confirm(work=work, actor="user:1")
    assert mapping.apply(work) == {"create": 2, "conflict": 1}
    assert Customer.objects.roots().count() == 2


@pytest.mark.scenario("ID-39")
def test_with_a_word_the_two_are_linked_and_can_be_parted() -> None:
    text = f"first,second\n{number(91)},{number(92)}\n{number(90)},{number(91)}\n{number(92)},{number(93)}\n"
    imported(text, TWO_PHONES, with_links=True)
    link = Link.objects.get()
    assert (link.kind, link.rule, Customer.objects.roots().count()) == ("auto", "import", 1)
    merging.split(links=[link], actor="user:1", request_id="undo")
    assert Customer.objects.roots().count() == 2


@pytest.mark.scenario("ID-40")
def test_two_rows_with_one_phone_are_one_customer_and_the_names_a_conflict() -> None:
    imported(f"phone,name\n{number(1)},Ann\n{number(1)},Bo\n", PHONE_NAME)
    person = Customer.objects.get()
    assert attributes.values(person)["name"] in ("Ann", "Bo")
    assert Conflict.objects.open().get().subject == "name"


@pytest.mark.scenario("ID-41")
def test_a_row_that_clashes_is_parked_and_the_others_succeed() -> None:
    columns = [("no", "customer_number@crm", "mapping"), ("mail", "email", "mapping"), ("tel", "phone", "mapping")]
    imported(f"no,mail,tel\n1,a@x.se,\n2,,{number(2)}\n", columns)
    work = uploaded(f"no,mail,tel\n,a@x.se,{number(2)}\n3,c@x.se,{number(3)}\n", columns)
    assert mapping.check(work) == {"conflict": 1, "create": 1}
    assert list(mapping.reasons(work)) == [(1, "conflict", "exclusive_clash")]
    mapping.confirm(work=work, actor="user:1", with_links=True)
    assert mapping.apply(work) == {"conflict": 1, "create": 1}
    assert Customer.objects.roots().count() == 3
    parked = Conflict.objects.filter(kind="csv_row").values_list("subject", flat=True)
    assert list(parked) == ["exclusive_clash"] * 2  # at both whom the row would have joined


@pytest.mark.scenario("T-31")
def test_proven_addresses_of_two_are_not_joined_by_a_file() -> None:
    resolve(whatsapp("46701740001"))
    resolve([Handle("email", "", "victim@x.se", "provider")])
    text = f"tel,mail\n{number(1)},victim@x.se\n"
    found = imported(text, [("tel", "phone", "mapping"), ("mail", "email", "mapping")], with_links=True)
    assert (found, Link.objects.count()) == ({"conflict": 1}, 0)


@pytest.mark.scenario("T-31")
def test_whose_address_a_crafted_row_ties_to_a_victim_sees_nothing_of_the_victim() -> None:
    victim = resolve(whatsapp("46701740001"))
    found = imported(
        f"tel,mail\n{number(1)},mallory@x.se\n", [("tel", "phone", "mapping"), ("mail", "email", "mapping")]
    )
    assert found == {"change": 1}
    mallory = resolve([Handle("email", "", "mallory@x.se", "provider")])
    seen = identity.visible_to(proven=[one.identity for one in mallory.proven], at=NOON)
    assert [row.raw for row in seen] == ["mallory@x.se"]
    assert victim.identity not in seen


@pytest.mark.scenario("ID-42")
@pytest.mark.parametrize("encoding", ["latin-1", "utf-8-sig", "utf-16"])
def test_the_same_file_again_changes_nothing(encoding: str) -> None:
    text = f'E-Mail;Téléphone;Nom\nå@x.se;{number(1)};"=cmd|x"\nb@x.se;;Bo\n'.encode(encoding)
    columns = [("E-Mail", "email", "mapping"), ("Téléphone", "phone", "mapping"), ("Nom", "name", "attribute")]
    assert imported(text, columns) == {"create": 2}
    before = [model.objects.count() for model in (Customer, Identity, Observation)]
    assert imported(text, columns) == {"same": 2}
    assert [model.objects.count() for model in (Customer, Identity, Observation)] == before


@pytest.mark.scenario("ID-42")
def test_without_a_date_the_file_fills_and_never_beats() -> None:
    person = resolve(whatsapp("46701740001")).origin
    attributes.observe(customer=person, key="city", value="Oslo", source="bot", occurred_at=NOON, source_event_id="1")
    columns = [("tel", "phone", "mapping"), ("city", "city", "attribute"), ("lang", "language", "attribute")]
    assert imported(f"tel,city,lang\n{number(1)},Bergen,nb\n", columns) == {"change": 1}
    assert attributes.values(person) == {"city": "Oslo", "language": "nb"}


def test_with_a_date_the_newer_word_holds() -> None:
    person = resolve(whatsapp("46701740001")).origin
    attributes.observe(customer=person, key="city", value="Oslo", source="bot", occurred_at=NOON, source_event_id="1")
    columns = [("tel", "phone", "mapping"), ("city", "city", "attribute"), ("at", "date", "attribute")]
    imported(f"tel,city,at\n{number(1)},Bergen,2026-06-01\n", columns)
    imported(f"tel,city,at\n{number(1)},Rome,2026-01-01\n", columns)
    assert attributes.values(person)["city"] == "Bergen"


@pytest.mark.scenario("ID-73")
def test_a_mapped_phone_is_its_customers_and_a_hinted_one_a_suggestion() -> None:
    imported(f"a\n{number(1)}\n", [("a", "phone", "mapping")])
    imported(f"a\n{number(2)}\n", [("a", "phone", "hint")])
    mapped, hinted = Customer.objects.order_by("pk")
    assert resolve(whatsapp("46701740001")).origin == mapped
    assert Identity.objects.get(customer=mapped).proof == "provider"
    writer = resolve(whatsapp("46701740002")).origin
    assert writer != hinted
    suggestions.refresh(writer)
    assert {MatchSuggestion.objects.get().a_id, MatchSuggestion.objects.get().b_id} == {writer.pk, hinted.pk}


@pytest.mark.scenario("ID-9")
def test_a_spreadsheets_number_is_refused_and_a_number_without_country_only_kept() -> None:
    work = uploaded(
        "a,mail\n5.53199E+12,a@x.se\n0701740635,b@x.se\n", [("a", "phone", "mapping"), ("mail", "email", "mapping")]
    )
    assert mapping.check(work) == {"refused": 1, "create": 1}
    assert [text for _, _, text in mapping.reasons(work)] == ["a: spreadsheet_number", "a: no_country"]


def test_the_policys_region_completes_a_number() -> None:
    policy.assume(policy.Policy(region="SE"))
    imported("a\n070-174 06 35\n", [("a", "phone", "mapping")])
    found = identity.resolve(handles=whatsapp("46701740635"), occurred_at=NOON)
    assert found is not None and not found.created


def test_a_variant_of_a_phone_is_the_same_customer() -> None:
    person = resolve(whatsapp(ANN)).origin
    imported("a\n+553188888888\n", [("a", "phone", "mapping")])
    assert list(Customer.objects.all()) == [person]


def test_more_of_one_kind_than_a_person_has_is_parked() -> None:
    names = [f"p{i}" for i in range(6)]
    text = ",".join(names) + "\n" + ",".join(number(i) for i in range(6)) + "\n"
    assert imported(text, [(name, "phone", "mapping") for name in names]) == {"conflict": 1}
    assert not Customer.objects.exists()


def test_a_cancelled_import_is_over() -> None:
    work = uploaded(f"a\n{number(1)}\n", [("a", "phone", "mapping")])
    mapping.check(work)
    mapping.confirm(work=work, actor="user:1")
    mapping.cancel(work=work, actor="user:1")
    mapping.apply(work)
    assert (work.state, work.path, Customer.objects.count()) == ("cancelled", "", 0)
