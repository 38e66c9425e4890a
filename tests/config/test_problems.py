"""Does the API say no in one shape, with stable codes?"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client
from rest_framework import exceptions

from common.problems import Problem
from config import problems


def body_of(error: Exception) -> dict[str, Any]:
    answer = problems.handle(error, {"view": None, "request": None})
    assert answer is not None
    assert answer.content_type == "application/problem+json"
    return dict(answer.data)


def test_a_problem_of_the_domain_keeps_its_code() -> None:
    found = body_of(Problem("Three conversations are open.", open=3))
    assert (found["code"], found["status"], found["open"]) == ("problem", 400, 3)
    assert found["type"].endswith("#problem-problem")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "permission_denied"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.Throttled(wait=3), 429, "throttled"),
        (exceptions.ParseError(), 400, "parse_error"),
    ],
)
def test_a_refusal_of_the_framework_has_a_code(error: Exception, status: int, code: str) -> None:
    found = body_of(error)
    assert (found["status"], found["code"]) == (status, code)


def test_each_invalid_field_is_pointed_at() -> None:
    error = exceptions.ValidationError({"to": [{}, {"phone": ["Not a number."]}], "non_field_errors": ["Empty."]})
    assert body_of(error)["errors"] == [
        {"pointer": "/to/1/phone", "code": "invalid", "detail": "Not a number."},
        {"pointer": "", "code": "invalid", "detail": "Empty."},
    ]


def test_an_unexpected_error_is_not_explained() -> None:
    assert problems.handle(RuntimeError("secret"), {"view": None, "request": None}) is None


def test_an_unknown_address_of_the_api_is_a_problem(client: Client) -> None:
    answer = client.get("/api/v1/nowhere/")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("word", "detail"), [("Bearer nonsense", "not valid"), ("Bearer a b c", "two space-delimited values")]
)
def test_a_token_that_is_none_is_refused_in_a_sentence(client: Client, db: None, word: str, detail: str) -> None:
    answer = client.get("/api/v1/conversations/", headers={"Authorization": word})
    assert answer.status_code == 401
    assert detail in answer.json()["detail"] and not set("{[(") & set(answer.json()["detail"])


@pytest.mark.parametrize("path", ["/api/v1/agents/a%00/", "/inbox/c/a%00/", "/static/a%00.css", "/a%00"])
def test_a_path_with_nul_is_no_path(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_wrong_password_gets_no_token(client: Client, db: None) -> None:
    answer = client.post("/api/v1/token/", {"username": "nobody", "password": "x"}, "application/json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
