"""Does a value of another shape get into the database by the back office, and what does one that stands there break?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse

from channels_app import opening, registry, secret_hosts
from channels_app.channel_form import COMMON
from channels_app.models import Channel
from common import checkups
from common.json_field import ShapedJSON
from conversations.models import Conversation
from handover.models import BusinessHours, Macro, Queue, SavedView
from handover.routing import closing, dispatch
from tests import factories as make
from tests.admin import office
from tests.handover.inbox.cast import client_of

pytestmark = pytest.mark.django_db

VALUES: list[Any] = [[], [1], [[1]], [None], 0, 1, None, "x", True, {}, {"a": 1}, {"mon": 1}, {"mon": [1]}, {"q": [1]}]
VALUES += [{"mon": {"a": "b"}}, {"state": None}, {"state": 1}, {"do": "close"}, [{"do": ["close"]}], [{}], ["2026"]]
TEXTS = ["", "{", "NaN", "[Infinity]", '["\\u0000"]', '{"mon": "\\ud800"}', "[" * 9000, "9" * 6000, '{"q": "\\u0000"}']
GOOD: dict[type[Model], dict[str, Any]] = {
    BusinessHours: {"title": "Office", "time_zone": "UTC", "weekly": "{}", "holidays": "[]"},
    Macro: {"title": "Thanks", "actions": '[{"do": "close"}]'},
    SavedView: {"title": "All", "filters": "{}", "position": "0"},
}
FIELDS = [(BusinessHours, "weekly"), (BusinessHours, "holidays"), (Macro, "actions"), (SavedView, "filters")]
NAMED = [f"{model.__name__}-{name}" for model, name in FIELDS]
API = ("queues/", "queues/sales/", "queues/sales/standing/", "views/", "macros/", "canned-replies/", "agents/")


@pytest.fixture
def waits() -> Conversation:
    """In a queue that Ana leads."""
    queue = make.queue("sales", strategy="least_busy")
    make.agent("Ana Sousa", supervises=(queue,))
    return make.waiting_in(queue)


def readers_work(conversation: Conversation) -> None:
    """Every page and door that reads one of the fields, and the worker: an exception is raised here."""
    queue = Queue.objects.get(key="sales")
    client = client_of(queue.agents.get())
    inside = {name: ("inbox:" + name, [conversation.public_id]) for name in ("conversation", "ready")}
    pages = [reverse(name, args=args) for name, args in inside.values()]
    pages += [reverse(f"inbox:{name}") for name in ("start", "counts", "ready-words", "board")]
    pages += [reverse("inbox:view", args=["mine"]), reverse("inbox:dialog", args=[conversation.public_id, "assign"])]
    pages += [reverse("inbox:macro", args=[conversation.public_id, row.public_id]) for row in Macro.objects.all()]
    pages += [f"/api/v1/{name}" for name in API]
    pages += [f"/api/v1/views/{row.public_id}/conversations/" for row in SavedView.objects.all()]
    statuses = {page: client.get(page, follow=True).status_code for page in pages}
    assert {page: status for page, status in statuses.items() if status != 200} == {}
    closing.look()
    dispatch.run()


def form_fields() -> set[tuple[type[Model], str, type[forms.Field]]]:
    """Every field of JSON in a form that somebody can send off."""
    asked = RequestFactory().get("/")
    asked.user = User(is_superuser=True, is_staff=True, is_active=True)
    pages = [(model, page) for model, page in admin.site._registry.items() if page.has_change_permission(asked)]
    found = [(model, page.get_form(asked, model(), change=True).base_fields) for model, page in pages]
    return {(m, name, type(one)) for m, made in found for name, one in made.items() if isinstance(one, forms.JSONField)}


def test_every_field_of_json_in_the_back_office_has_a_shape_and_a_row_in_this_table() -> None:
    assert form_fields() == {(model, name, ShapedJSON) for model, name in FIELDS}


@pytest.mark.parametrize(("model", "field"), FIELDS, ids=NAMED)
def test_what_is_kept_can_be_read_and_what_is_not_is_said(
    boss: Client, waits: Conversation, model: type[Model], field: str
) -> None:
    kept: list[Any] = []
    for text in [*map(json.dumps, VALUES), *TEXTS]:
        answer = boss.post(office.page(model, "add"), GOOD[model] | {field: text})
        if answer.status_code == 200:
            assert answer.context["adminform"].form.errors and not model._default_manager.exists()
            continue
        row = model._default_manager.get()
        assert type(getattr(row, field)) is model._meta.get_field(field).default
        if getattr(row, field) not in kept:
            kept.append(getattr(row, field))
            Queue.objects.update(hours=BusinessHours.objects.first())
            readers_work(waits)
            Queue.objects.update(hours=None)
        row.delete()
    assert len(kept) <= 2


@pytest.mark.parametrize(("model", "field"), FIELDS, ids=NAMED)
def test_what_stands_there_in_another_shape_breaks_no_page(
    boss: Client, waits: Conversation, model: type[Model], field: str
) -> None:
    for number, value in enumerate(VALUES):
        if value is None:
            continue  # no column of these is ever without a value
        row = model._default_manager.create(title=f"row {number}", **{field: value})
        assert boss.get(office.page(model, "change", row.pk)).status_code == 200
        if model is BusinessHours:
            make.queue(f"team-{number}", hours=row)
    Queue.objects.filter(key="sales").update(hours=BusinessHours.objects.last())
    readers_work(waits)
    assert checkups.registered["queues" if model is BusinessHours else "words"]().level == "WARN"


@pytest.mark.parametrize("kind", registry.kinds())
def test_a_channel_with_settings_of_another_shape_can_be_looked_at(boss: Client, kind: str) -> None:
    names = {*registry.adapter(kind).settings, *COMMON, "countries", "app"}.difference(secret_hosts.PLACES)
    channel = Channel.objects.create(key="c", kind=kind, title="C", account="1")
    pages = [office.page(Channel, "changelist"), office.page(Channel, "change", channel.pk)]
    pages.append(reverse("admin:channel-health", args=[channel.pk]))
    for value in ([1], {"a": 1}, None, 1, "x", True):
        kept = dict.fromkeys(sorted(names), value)
        given = {"title": "C", "account": "1", "is_enabled": "on", "other_settings": json.dumps(kept)}
        assert boss.post(office.page(Channel, "change", channel.pk), given).status_code in (200, 302)
        Channel.objects.update(config=kept)
        assert [boss.get(page).status_code for page in pages] == [200, 200, 200]
        channel.refresh_from_db()
        assert opening.settings_of(channel)["title"]
