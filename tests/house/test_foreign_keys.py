"""Do foreign keys point down? A string in a ForeignKey escapes the import linter."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

HEIGHT = {"customers": 1, "conversations": 2, "handover": 3, "channels_app": 4, "analytics": 4}
RELATIONS = [
    field
    for model in apps.get_models(include_auto_created=True)
    if model._meta.app_label in HEIGHT
    for field in model._meta.get_fields(include_hidden=True)
    if field.is_relation and field.concrete and isinstance(field, models.Field)
]


def pointing_up(source: str, target: str) -> bool:
    """Whether a key from one app to another goes up or sideways; Django's own apps are below all of ours."""
    return source != target and HEIGHT[source] <= HEIGHT.get(target, 0)


@pytest.mark.parametrize("field", RELATIONS, ids=str)
def test_a_foreign_key_points_down(field: models.Field) -> None:
    source, target = field.model._meta.app_label, field.related_model._meta.app_label
    assert not pointing_up(source, target), f"{field} points up from {source} to {target}"


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("customers", "conversations", True),
        ("analytics", "channels_app", True),
        ("handover", "customers", False),
        ("customers", "auth", False),
        ("customers", "customers", False),
    ],
)
def test_the_direction_is_told_apart(source: str, target: str, expected: bool) -> None:
    assert pointing_up(source, target) is expected


def test_there_are_relations_to_look_at() -> None:
    assert RELATIONS
