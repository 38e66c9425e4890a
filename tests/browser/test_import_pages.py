"""Can a file of customers be imported in a real browser: on a phone, in the dark, with words that people understand?"""

from __future__ import annotations

import os
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from customers import mapping, tasks
from customers.models import Customer, MappingImport
from tests.browser.test_identity_admin import OF_UNFOLD, window

__all__ = ["window"]  # the fixture
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FILE = b"""Phone;Other phone;E-Mail;Full name;Shoe size
+46701740001;;ann@example.com;Ann Andersson;38
+46701740002;;bo@example.com;<b>Bo</b>;=1+1
5.53199E+12;;cy@example.com;Cy;40
0701740635;;info@example.com;Desk;
+46701740001;+46701740002;;Ann or Bo;
"""


def choose(page: Page) -> None:
    for name, target, trust in (("Phone", "phone", "mapping"), ("Other phone", "phone", "mapping")):
        page.get_by_label(f"What {name} is", exact=True).fill(target)
        page.get_by_label(f"Trust of {name}", exact=True).select_option(trust)
    page.get_by_label("Trust of E-Mail", exact=True).select_option("mapping")
    page.get_by_role("button", name="Check, change nothing").click()


def looked_at(page: Page, name: str, request: pytest.FixtureRequest) -> None:
    if shots := os.environ.get("SHOTS"):
        page.screenshot(path=f"{shots}/import-{request.node.callspec.id}-{name}.png", full_page=True)
    found = Axe().run(page).response["violations"]
    assert {one["id"]: one["nodes"][0]["html"][:160] for one in found if one["id"] not in OF_UNFOLD} == {}, name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def test_a_file_goes_from_upload_to_done_without_a_barrier(window: Page, request: pytest.FixtureRequest) -> None:
    window.goto(reverse("admin:import-upload"))
    looked_at(window, "1-upload", request)
    window.get_by_label("CSV file").set_input_files({"name": "people.csv", "mimeType": "text/csv", "buffer": FILE})
    window.get_by_role("button", name="Go on to the columns").click()
    expect(window.get_by_text("38 · =1+1 · 40")).to_be_visible()
    looked_at(window, "2-columns", request)
    choose(window)
    work = MappingImport.objects.get()
    expect(window.get_by_text("Reading the whole file")).to_be_visible()
    looked_at(window, "3-checking", request)
    tasks.work_on_import(work.pk)
    expect(window.get_by_text("Nothing is changed yet.")).to_be_visible()
    looked_at(window, "4-report", request)
    window.get_by_role("button", name="Import 3 rows").click()
    expect(window.get_by_text("waiting for their turn")).to_be_visible()
    looked_at(window, "5-running", request)
    tasks.work_on_import(work.pk)
    expect(window.get_by_text("Done: 5 rows.")).to_be_visible()
    looked_at(window, "6-done", request)
    assert Customer.objects.count() == 3
    assert window.breaches == []  # type: ignore[attr-defined]  # see the fixture


@pytest.mark.parametrize("window", ["wide"], indirect=True)
def test_the_bar_follows_the_run_and_the_page_tells_the_end_by_itself(window: Page) -> None:
    work = _waiting()
    window.goto(reverse("admin:import-steps", args=[work.pk]))
    MappingImport.objects.filter(pk=work.pk).update(state="running")
    expect(window.get_by_text("0 of 200 rows, 0 %")).to_be_visible()
    MappingImport.objects.filter(pk=work.pk).update(next_row=101)
    expect(window.get_by_text("100 of 200 rows, 50 %")).to_be_visible()
    MappingImport.objects.filter(pk=work.pk).update(next_row=1)
    mapping.apply(work)
    expect(window.get_by_text("Done: 200 rows.")).to_be_visible()


def _waiting() -> Any:
    from tests.customers.test_mapping import PHONE_NAME, uploaded

    work = uploaded("phone,name\n" + "".join(f"+4670174{row:04},P {row}\n" for row in range(200)), PHONE_NAME)
    mapping.check(work)
    mapping.confirm(work=work, actor="user:1")
    return work
