"""Does the committed schema of the API say what the API does?"""

from __future__ import annotations

import pytest
import yaml
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from tests.house import reference


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


def test_every_post_that_creates_or_sends_asks_for_an_idempotency_key(schema: dict[str, object]) -> None:
    for path in ("messages", "notes"):
        post = schema["paths"][f"/api/v1/conversations/{{public_id}}/{path}/"]["post"]
        assert [p["name"] for p in post["parameters"] if p.get("required") and p["in"] == "header"] == [
            "Idempotency-Key"
        ]
