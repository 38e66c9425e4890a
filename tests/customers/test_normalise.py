"""Which texts are the same identifier, which are different ones, and which are none?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers import normalise, phones
from customers.masking import masked
from customers.namespaces import Namespace
from customers.normalise import Key, Refused


def key(namespace: str, raw: str, **more: Any) -> Key:
    found = normalise.key(namespace, raw, **more)
    assert isinstance(found, Key), found
    return found


def phone(raw: str, **more: Any) -> str:
    return key("phone", raw, **more).value


def reason(namespace: str, raw: str, **more: Any) -> str:
    found = normalise.key(namespace, raw, **more)
    assert isinstance(found, Refused), found
    return found.reason


@pytest.mark.scenario("ID-1")
def test_a_brazilian_mobile_with_and_without_its_nine_is_one_phone() -> None:
    sender = key("phone", "553188888888", from_provider=True)
    assert sender.raw == "553188888888"
    assert "+5531988888888" in normalise.variants(sender)


@pytest.mark.scenario("ID-2")
def test_a_brazilian_landline_has_no_twin() -> None:
    assert phones.variants("+551133334444") == {"+551133334444"}
    assert "+551133334444" not in phones.variants("+5511933334444")


@pytest.mark.scenario("ID-3")
@pytest.mark.parametrize(("stored", "sender"), [("+525512345678", "5215512345678"), ("+541123456789", "5491123456789")])
def test_mexican_and_argentine_forms_match_though_invalid(stored: str, sender: str) -> None:
    assert stored in normalise.variants(key("phone", sender, from_provider=True))
    assert phone(stored) == stored


@pytest.mark.scenario("ID-4")
def test_a_leading_double_zero_is_a_plus_before_the_region_counts() -> None:
    assert phone("0055 31 98888 8888", region="BR") == "+5531988888888"


@pytest.mark.scenario("ID-5")
def test_without_plus_and_region_a_number_matches_nothing() -> None:
    found = key("phone", "07911123456")
    assert (found.matches, found.routes, found.tail) == (False, False, "")
    assert normalise.variants(found) == {"07911123456"}


@pytest.mark.scenario("ID-6")
def test_italian_zeros_stay_and_old_ivorian_numbers_match_nothing_else() -> None:
    assert phone("+39 06 1234567") != phone("+39 6 1234567")
    assert normalise.variants(key("phone", "+225 01234567")) == {"+22501234567"}


@pytest.mark.scenario("ID-7")
def test_an_extension_keeps_the_phone_but_does_not_route() -> None:
    found = key("phone", "+14155552671 x123")
    assert (found.value, found.extension, found.routes) == ("+14155552671", "123", False)
    assert key("phone", "+14155552671").routes


@pytest.mark.scenario("ID-8")
@pytest.mark.parametrize(
    "raw",
    ["+1 415 555 2671", "tel:+1-415-555-2671", "whatsapp:+14155552671", "\uff0b１４１５５５５２６７１", "+١٤١٥٥٥٥٢٦٧١"],
)
def test_other_digits_and_prefixes_are_the_same_phone(raw: str) -> None:
    assert phone(raw) == "+14155552671"


@pytest.mark.scenario("ID-8")
def test_letters_are_no_phone() -> None:
    assert reason("phone", "+1 800 FLOWERS") == "letters"


@pytest.mark.scenario("ID-9")
@pytest.mark.parametrize("cell", ["5.53199E+12", "5,53199E+12", "4e10"])
def test_a_number_that_a_spreadsheet_rounded_is_refused(cell: str) -> None:
    assert reason("phone", cell) == "spreadsheet_number"


@pytest.mark.scenario("ID-10")
@pytest.mark.parametrize(
    ("raw", "namespace"), [("US.4155552671", Namespace.WA_BSUID), ("US.ENT.4155552671", Namespace.WA_PARENT_BSUID)]
)
def test_a_business_scoped_id_is_never_a_phone(raw: str, namespace: Namespace) -> None:
    found = key("phone", raw, region="US", scope="portfolio")
    assert (found.namespace, found.scope, found.value) == (namespace, "portfolio", raw)


def test_a_number_of_another_country_than_typed_is_refused() -> None:
    assert reason("phone", "+44 20 7946 0958 0000000000000") == "not_a_phone"
    assert phone("020 7946 0958", region="GB") == "+442079460958"


@pytest.mark.scenario("ID-11")
def test_capitals_in_an_address_do_not_matter_and_the_raw_form_is_kept() -> None:
    assert key("email", "Ann@X.com").value == key("email", "ann@x.com").value
    assert key("email", "Ann@X.com").raw == "Ann@X.com"


@pytest.mark.scenario("ID-12")
@pytest.mark.parametrize("other", ["ann+shop@gmail.com", "a.nn@gmail.com"])
def test_dots_and_tags_make_another_address(other: str) -> None:
    assert key("email", other).value != key("email", "ann@gmail.com").value


@pytest.mark.scenario("ID-13")
@pytest.mark.parametrize(("look", "real"), [("ﬁona@x.com", "fiona@x.com"), ("ＡＮＮ@x.com", "ann@x.com")])
def test_look_alikes_of_compatibility_forms_are_other_addresses(look: str, real: str) -> None:
    assert key("email", look).value != key("email", real).value


@pytest.mark.scenario("ID-13")
def test_sharp_s_is_not_a_double_s() -> None:
    assert key("email", "a@straße.de").value != key("email", "a@strasse.de").value
    assert key("email", "a@münchen.de").value == "a@xn--mnchen-3ya.de"


@pytest.mark.scenario("ID-14")
def test_a_domain_of_mixed_scripts_is_another_one_and_flagged() -> None:
    found = key("email", "ann@ex\u0430mple.com")
    assert found.flags == {"mixed_scripts"}
    assert found.value != "ann@example.com"
    assert key("email", "ann@example.com").flags == frozenset()


@pytest.mark.scenario("ID-14")
@pytest.mark.parametrize("raw", ["a\u200bnn@x.com", "Ann <ann@x.com>", "a@x.com,b@x.com", "ann", "@x.com", "a@b@x.com"])
def test_what_is_not_one_plain_address_is_refused(raw: str) -> None:
    assert reason("email", raw) in ("not_one_address", "not_an_email")


@pytest.mark.scenario("ID-15")
@pytest.mark.parametrize("namespace", list(Namespace))
@pytest.mark.parametrize("raw", ["", "  ", "NULL", '"null"', "[object Object]", "n/a", "000-0", "-1", "{{ user.id }}"])
def test_placeholders_are_no_identity_in_any_namespace(namespace: str, raw: str) -> None:
    assert reason(namespace, raw) == "blocked_value"


@pytest.mark.scenario("ID-15")
def test_ordinary_values_are_not_blocked() -> None:
    assert not any(normalise.is_blocked(raw) for raw in ("Anna Null", "1000", "guesthouse@x.com", "+49301234567"))


def test_a_subject_is_taken_byte_for_byte() -> None:
    assert key("site_user", "User 7 ", scope="shop").value == "User 7 "
    assert reason("site_user", "user\x00") == "bad_characters"
    assert reason("site_user", "u" * 256) == "bad_characters"


def test_a_telegram_name_is_no_id() -> None:
    assert reason("telegram_user", "@ann") == "not_an_id"
    assert key("telegram_user", "12345").value == "12345"


@pytest.mark.scenario("ID-79")
@given(
    st.sampled_from(["+55", "+52", "+54", "+1", "+5511", "+521", "+549"]),
    st.text("0123456789", min_size=6, max_size=12),
)
def test_variants_are_symmetric(country: str, rest: str) -> None:
    forms = phones.variants(country + rest)
    assert country + rest in forms
    assert all(phones.variants(form) == forms for form in forms)


@pytest.mark.parametrize(("number", "shown"), [("C-4711", "••••11"), ("4711", "••••11"), ("471", "••••")])
def test_of_a_short_customer_number_the_end_is_shown(number: str, shown: str) -> None:
    assert masked("customer_number", number) == shown
