"""Does the schema name what was refused? The exception handler of the tests: an answer that it does not name fails."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from rest_framework.response import Response

from config import problems

# The framework's own words for a request that is none of the operation's; no operation names them.
NOBODYS = frozenset({"method_not_allowed", "not_acceptable", "unsupported_media_type"})
Codes = dict[int, set[str]]


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """As the API answers, but an `AssertionError` if the schema of the operation does not name this code."""
    answer = problems.handle(error, context)
    found = getattr(context["request"], "resolver_match", None)
    if answer is None or found is None or answer.data["code"] in NOBODYS:
        return answer
    where = (context["request"].method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/{found.route}"))
    code = answer.data["code"]
    if where in operations():
        assert code in operations()[where].get(answer.status_code, ()), f"{where} answers {answer.status_code} {code}"
    return answer


@cache
def operations() -> dict[tuple[str, str], Codes]:
    """By method and path: the codes that the schema names, by status."""
    from drf_spectacular.generators import SchemaGenerator

    schema = SchemaGenerator(urlconf="config.urls").get_schema(public=True)
    return {
        (method, path): {int(status): _codes(answer) for status, answer in operation["responses"].items()}
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def _codes(answer: dict[str, Any]) -> set[str]:
    return set(re.findall(r"`(\w+)`", answer["description"])) if answer["description"].startswith("Codes: ") else set()
