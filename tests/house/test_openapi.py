"""Does the committed schema of the API say what the API does?"""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from django.db import models
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema
from rest_framework import serializers

from common.fields import EncryptedJSONField
from tests.abuse.desk import endpoints
from tests.house import reference

REHEARSED = "journeys/<str:key>/publish/"  # with `dry_run` it writes nothing
# Whoever posts there twice would have two, or say it twice.
CREATES = {
    REHEARSED,
    "articles/",
    "canned-replies/",
    "consents/",
    "conversations/<uuid:public_id>/escalate/",
    "conversations/<uuid:public_id>/files/",
    "conversations/<uuid:public_id>/messages/",
    "conversations/<uuid:public_id>/notes/",
    "conversations/<uuid:public_id>/templates/",
    "conversations/<uuid:public_id>/transfer/",
    "customers/<uuid:public_id>/erase/",
    "customers/<uuid:public_id>/events/",
    "customers/<uuid:public_id>/journeys/",
    "customers/identify/",
    "links/merge/",
    "links/split/",
    "macros/",
    "suggestions/",
    "views/",
}
# A repetition finds it done, is refused, or only reads.
OTHERS = {
    "articles/<uuid:public_id>/publish/",
    "articles/<uuid:public_id>/withdraw/",
    "conflicts/<uuid:public_id>/decide/",
    "conflicts/<uuid:public_id>/dismiss/",
    "conflicts/<uuid:public_id>/settle/",
    *(
        f"conversations/<uuid:public_id>/{verb}/"
        for verb in ("assign", "claim", "close", "park", "release", "reopen", "take-over", "unpark", "wrap-up")
    ),
    "conversations/<uuid:public_id>/ownership/",  # by its own `event_id`
    "customers/<uuid:public_id>/attributes/<str:key>/verify/",
    "customers/<uuid:public_id>/export/",
    "customers/<uuid:public_id>/primary/",
    "journeys/<str:key>/lint/",
    "links/preview-split/",
    "links/preview/",
    "presence/heartbeat/",
    "reservations/<uuid:public_id>/accept/",
    "reservations/<uuid:public_id>/decline/",
    "suggestions/<uuid:public_id>/accept/",
    "suggestions/<uuid:public_id>/reject/",
    "suggestions/<uuid:public_id>/snooze/",
    "tasks/<uuid:public_id>/events",  # by its own `seq`
    "token/",
    "token/refresh/",
}


@pytest.fixture(scope="module")
def schema() -> dict[str, object]:
    return yaml.safe_load(reference.schema())


def test_the_committed_schema_is_the_generated_one() -> None:
    committed = (reference.PAGES / "openapi.yaml").read_text()
    assert committed == reference.schema(), "run ./bin/reference"


def test_the_schema_is_valid_openapi_3_1_without_a_warning(schema: dict[str, object]) -> None:
    validate_schema(schema)
    assert (str(schema["openapi"])[:3], GENERATOR_STATS._warn_cache) == ("3.1", {})


def test_every_operation_says_what_it_refuses_and_why_it_waits(schema: dict[str, object]) -> None:
    silent = [
        f"{method} {path}"
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if "401" not in operation["responses"] or "Retry-After" not in operation["responses"]["429"]["headers"]
    ]
    assert silent == []


def test_every_code_in_the_schema_is_a_known_problem(schema: dict[str, object]) -> None:
    described = [
        answer["description"]
        for methods in schema["paths"].values()
        for operation in methods.values()
        for answer in operation["responses"].values()
        if answer["description"].startswith("Codes: ")
    ]
    named = {code.strip(" `") for text in described for code in text.removeprefix("Codes: ").split(",")}
    assert named - set(reference.codes()) == set()


def test_every_post_of_the_urlconf_is_known_to_create_or_not_to() -> None:
    posts = {endpoint.removeprefix("POST ") for endpoint in endpoints() if endpoint.startswith("POST ")}
    assert posts == CREATES | OTHERS


@pytest.mark.parametrize("route", sorted(CREATES))
def test_every_post_that_creates_or_sends_asks_for_an_idempotency_key(schema: dict[str, Any], route: str) -> None:
    post = schema["paths"]["/api/v1/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route)]["post"]
    (key,) = [one for one in post["parameters"] if one["name"] == "Idempotency-Key"]
    assert key.get("required", False) == (route != REHEARSED)
    assert "Idempotent-Replay" in next(one for status, one in post["responses"].items() if "headers" in one)["headers"]
    assert {"idempotency_key_missing", "idempotency_in_flight", "idempotency_key_reused"} <= _codes(post)


def _codes(operation: dict[str, Any]) -> set[str]:
    said = " ".join(answer["description"] for answer in operation["responses"].values())
    return set(re.findall(r"`(\w+)`", said))


def test_what_is_kept_as_json_is_answered_as_json() -> None:
    """The framework takes the encrypted kind for a text and would write out what Python calls it."""
    json_fields = (models.JSONField, EncryptedJSONField)
    shapes = [one for one in _below(serializers.ModelSerializer) if getattr(getattr(one, "Meta", None), "model", None)]
    kept = {
        f"{shape.__name__}.{name}": field
        for shape in shapes
        for name, field in shape().fields.items()
        if isinstance(_columns(shape.Meta.model).get(field.source), json_fields)
    }
    assert "MessageSerializer.content" in kept
    assert [name for name, field in kept.items() if isinstance(field, serializers.CharField)] == []


def _columns(model: type[models.Model]) -> dict[str, Any]:
    return {column.name: column for column in model._meta.concrete_fields}


def _below(kind: type[Any]) -> list[Any]:
    return [found for one in kind.__subclasses__() for found in (one, *_below(one))]
