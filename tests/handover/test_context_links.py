"""Which addresses may a link of the side bar have, and what do a customer's values do to one?"""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from handover import context_links
from handover.models import ContextLink

pytestmark = pytest.mark.django_db
SHOP = "https://shop.example"


@pytest.mark.parametrize(
    "url",
    [f"{SHOP}/orders/{{public_id}}", f"{SHOP}?mail={{email}}#{{phone}}", "/demo/shop/?customer={user_id}", SHOP],
)
def test_https_and_a_path_of_this_site_may_be_linked(url: str) -> None:
    assert context_links.flaw(url) == ""


@pytest.mark.scenario("T-57")
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert({email})", " javascript:alert(1)", "data:text/html,x", "vbscript:x",
        "http://shop.example/", "//evil.example/", "/\\evil.example", "/\t/evil.example", "https:/evil", "https:evil",
        "https://{email}/", "https://shop.{city}.example/", "https://me:{phone}@shop.example/", "{email}", "",
        "https://shop.example/\"><script>", "https://shop.example/{nobody_defined_this}", "https://shop.example/{",
        "https://shop.example/{}", "https://[bad/",
    ],
)  # fmt: skip
def test_other_schemes_hosts_and_names_are_refused(url: str) -> None:
    assert context_links.flaw(url)
    assert context_links.filled(url, {"email": "x", "city": "x", "phone": "x"}) == ""


@pytest.mark.scenario("T-57")
@pytest.mark.parametrize(
    "value", ["/../admin", "//evil.example", "?a=1&b=2", "#x", "javascript:alert(1)", '"><script>', "{phone}", "å ä\n"]
)
def test_a_value_never_leaves_its_place(value: str) -> None:
    found = context_links.filled(f"{SHOP}/o/{{email}}?q={{email}}", {"email": value, "phone": "0"})
    path, _, query = found.removeprefix(f"{SHOP}/o/").partition("?q=")
    assert path == query and not set(path) & set("/?#&:<>\"'{} \n")


@pytest.mark.parametrize("value", [".", ".."])
def test_a_value_cannot_climb_out_of_its_path(value: str) -> None:
    assert context_links.filled(f"{SHOP}/o/{{email}}/x", {"email": value}) == ""


def test_a_link_without_a_value_is_left_out() -> None:
    assert context_links.filled(f"{SHOP}/{{email}}", {"phone": "1"}) == ""
    assert context_links.filled(f"{SHOP}/{{email}}", {"email": ""}) == ""


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://shop.example/", "//evil.example"])
def test_the_database_refuses_what_is_no_page(url: str) -> None:
    with pytest.raises(IntegrityError):
        ContextLink.objects.create(title="x", url=url)
