"""Does every page of the back office open, at a fixed number of queries, and does none show what is sealed?"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.models import Conversation
from customers import definitions, policy
from customers.models import Customer
from tests import factories
from tests.admin import office

MODELS = [pytest.param(model, id=model._meta.label) for model in office.REGISTERED]
SHOWN_NOWHERE = (office.CANARY, office.PHONE)


def count(client: Client, url: str) -> int:
    policy.assume(policy.Policy())  # what is remembered for seconds is asked for by whoever comes first
    definitions.assume()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def leaks(text: str) -> list[str]:
    return [canary for canary in SHOWN_NOWHERE if canary in text]


def row_of(model: type[models.Model]) -> models.Model:
    row = model._default_manager.order_by("pk").first()
    assert row is not None, "the office has no such row"
    return row


def test_every_table_of_ours_has_a_page_or_a_reason_to_have_none() -> None:
    registered = {model._meta.label for model in office.REGISTERED}
    assert office.models_of_ours() - registered == set(office.PAGELESS)


@pytest.mark.parametrize("model", MODELS)
def test_every_list_opens_and_leaks_nothing(boss: Client, model: type[models.Model]) -> None:
    office.fill(1)
    answer = boss.get(office.page(model, "changelist"))
    # People are told apart by what they are called; their addresses stay masked.
    told = [office.CANARY] if model is Customer else []
    assert (answer.status_code, leaks(answer.content.decode())) == (200, told)


@pytest.mark.scenario("T-67")
@pytest.mark.parametrize("model", MODELS)
def test_every_row_opens_and_leaks_nothing(boss: Client, model: type[models.Model]) -> None:
    office.fill(1)
    answer = boss.get(office.page(model, "change", row_of(model).pk))
    assert (answer.status_code, leaks(answer.content.decode())) == (200, [])


@pytest.mark.parametrize("model", MODELS)
def test_every_form_for_a_new_row_opens_or_is_refused(boss: Client, rf: Any, model: type[models.Model]) -> None:
    request = boss.get("/admin/").wsgi_request
    may = admin.site._registry[model].has_add_permission(request)
    assert boss.get(office.page(model, "add")).status_code == (200 if may else 403)


def test_no_page_asks_more_questions_when_there_are_more_rows(boss: Client) -> None:
    office.fill(3)
    urls = [office.page(model, "changelist") for model in office.REGISTERED]
    urls += [office.page(model, "change", row_of(model).pk) for model in office.REGISTERED]
    few = {url: count(boss, url) for url in urls}
    for number in range(3, 9):
        office.fill_one(number)
    more = [url for url in urls if count(boss, url) > few[url]]
    assert [url for url in more if count(boss, url) > few[url]] == []  # once more: what is cached may have run out
    assert {url: asked for url, asked in few.items() if asked > 16} == {}


def test_the_list_of_conversations_names_who_speaks(boss: Client) -> None:
    queue = factories.queue("returns", title="Returns desk")
    waiting = factories.waiting_in(queue)
    url = office.page(Conversation, "changelist")
    assert "Returns desk" in boss.get(url).content.decode()
    factories.give(waiting, factories.agent("Gordana Ilić", queues=(queue,)))
    page = boss.get(url).content.decode()
    assert "Gordana Ilić" in page
    assert "Returns desk" not in page


@pytest.mark.parametrize("query", ["q=abc", "q=%22%3E%3Cimg%20src%3Dx%20onerror%3D1%3E", "q=%00", "o=99.-1", "p=9"])
def test_no_list_breaks_on_an_odd_query(boss: Client, query: str) -> None:
    office.fill(1)
    answers = {model: boss.get(f"{office.page(model, 'changelist')}?{query}") for model in office.REGISTERED}
    assert {model: a.status_code for model, a in answers.items() if a.status_code not in (200, 302)} == {}


@pytest.mark.scenario("T-41")
@pytest.mark.parametrize("query", ["user__password__startswith=a", "customer__identities__raw=1", "_connector=OR"])
def test_a_filter_that_is_not_offered_is_refused(boss: Client, query: str) -> None:
    answers = [boss.get(f"{office.page(model, 'changelist')}?{query}") for model in office.REGISTERED]
    assert {answer.status_code for answer in answers} <= {302, 400}
