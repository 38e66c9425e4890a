"""What do the generated pages of the reference say? `./bin/reference` writes them; tests compare them with the code."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from channels_app import protocol, tokens
from common.problems import Problem

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "reference"
APPS = ("common", "customers", "conversations", "handover", "channels_app", "analytics", "config")
GENERATED = "<!-- Written by ./bin/reference; do not edit. -->\n"

# What the framework refuses by itself, with the codes that it gives.
FRAMEWORK = {
    "authentication_failed": (401, "The credentials are wrong."),
    "invalid": (400, "The request has invalid fields; `errors` names each with its pointer."),
    "method_not_allowed": (405, "This address does not take that method."),
    "no_active_account": (401, "Wrong user name or password, or a disabled account."),
    "not_authenticated": (401, "Give a token or a session."),
    "not_acceptable": (406, "The API speaks JSON only."),
    "parse_error": (400, "The body is not JSON."),
    "permission_denied": (403, "The account may not do this."),
    "server_error": (500, "Our fault; nothing was done."),
    "throttled": (429, "Too many requests; `Retry-After` says when to come back."),
    "token_not_valid": (401, "The token has expired, was revoked, or is not one of ours."),
    "unsupported_media_type": (415, "Send application/json."),
}

# Families of scenario ids and the highest number of each; `HO-P` is a property of the whole of handover.
FAMILIES = {"T-P": 18, "T": 101, "ID-I": 15, "ID": 100, "J": 57, "HO-I": 14, "HO": 70, "P": 41}
SINGLES = {"HO-P"}
PROMISES = {
    1: "a webhook answered 2xx is never lost",
    2: "each inbound event has exactly one effect",
    3: "a person's effects follow the order of events; late ones overwrite nothing newer",
    4: "a delivery reaches the provider at most once, or is flagged",
    5: "nothing fails silently: every delivery ends with a reason",
    6: "what happens to `unknown` is decided per class",
    7: "inbox and widget converge to the server's truth",
    8: "one live home per identifier, one open conversation per person, one open session per endpoint",
    9: "one owner at any instant; if a handover fails, it is the bot",
    10: "timers take effect once, never early, also after downtime",
    11: "a journey resumes at its step",
    12: "one campaign message a day at most",
    13: "a poison message delays only its own handle",
    14: "overload is said aloud",
    15: "without Redis everything but the live view goes on; without Postgres nothing is accepted",
    16: "merge and split lose nothing and can be undone",
    17: "erasure sticks",
    18: "a restore works",
}


def schema() -> str:
    """The OpenAPI document, as `manage.py spectacular` prints it."""
    from drf_spectacular.generators import SchemaGenerator
    from drf_spectacular.renderers import OpenApiYamlRenderer

    return OpenApiYamlRenderer().render(SchemaGenerator().get_schema(public=True), renderer_context={}).decode()


def problems() -> str:
    """The table of every code with its status and sentence."""
    rows = "".join(f"| `{code}` | {status} | {text} |\n" for code, (status, text) in sorted(codes().items()))
    return f"""# Problems

{GENERATED}
Whatever the API, the inbox or the widget's REST doors refuse, they answer with a problem document
([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457), `application/problem+json`): `type`, `title`, `status`, mostly
`detail`, and `code`. **Programs go by `code`: it never changes.** Titles and details may. With `invalid` there is
`errors`, a list of `pointer` (RFC 6901), `code` and `detail`. The widget's socket sends the same codes in frames of
type `error`.

| code | status | what it says |
|---|---|---|
{rows}"""


def codes() -> dict[str, tuple[int, str]]:
    """Every code with its status: ours from the classes and tables that raise them, then the framework's."""
    found = dict(FRAMEWORK)
    found |= {code: (422, text) for code, text in protocol.SENTENCES.items()}
    found |= {code: (tokens.TokenRefused.status, text) for code, text in tokens.CODES.items()}
    found |= {one.code: (one.status, one.title) for one in classes() if one.code != Problem.code}
    found["invalid"] = FRAMEWORK["invalid"]
    return found


def classes() -> list[type[Problem]]:
    """Every kind of problem that our apps define."""
    for app in APPS:
        package = importlib.import_module(app)
        for module in pkgutil.walk_packages(package.__path__, f"{app}."):
            if ".migrations" not in module.name and not module.name.endswith(("asgi", "wsgi")):
                importlib.import_module(module.name)
    ours = {one for one in _below(Problem) if one.__module__.split(".")[0] in APPS}  # tests define some, too
    return sorted(ours, key=lambda one: f"{one.__module__}.{one.__name__}")


def _below(kind: type[Problem]) -> Iterator[type[Problem]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def scenarios() -> str:
    """The table of every scenario id that a test proves, and of the promises."""
    found = proven()
    rows = "".join(f"| {name} | {_links(tests)} |\n" for name, tests in sorted(found.items(), key=_order))
    promises = "".join(
        f"| T-P{number} | {text} | {_links(found[f'T-P{number}']) if f'T-P{number}' in found else 'no test yet'} |\n"
        for number, text in PROMISES.items()
    )
    return f"""# Scenarios

{GENERATED}
Each scenario of the design has an id; a test that proves it carries `@pytest.mark.scenario("ID")`. `T-*` are promises
and abuse cases, `ID-*` identity, `J-*` journeys, `HO-*` handover, `P-*` proactive messages. An id that is not here has
no test yet.

## Promises

| promise | says | tests |
|---|---|---|
{promises}
## All scenarios with a test

| id | tests |
|---|---|
{rows}"""


def proven() -> dict[str, list[str]]:
    """`path::test` by scenario id, read from the tests' text: nothing is imported or run."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        name = path.relative_to(ROOT / "tests").as_posix()
        for test, marker in _marked(ast.parse(path.read_text())):
            found[marker].append(f"{name}::{test}")
    return dict(found)


def _marked(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """(test, id): markers of functions, of classes, of whole modules and of single parameters."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                yield from ((node.name, marker) for marker in _ids(decorator))
        elif isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "pytestmark" for target in node.targets):
            yield from (("*", marker) for marker in _ids(node.value))


def _ids(node: ast.AST) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "scenario":
            yield from (str(arg.value) for arg in call.args if isinstance(arg, ast.Constant))


def _links(tests: list[str]) -> str:
    files = dict.fromkeys(test.split("::")[0] for test in tests)
    return ", ".join(f"[{name}](../../tests/{name})" for name in files)


def _order(item: tuple[str, list[str]]) -> tuple[str, int]:
    family, _, number = item[0].rpartition("-")
    digits = number.lstrip("PI")
    return f"{family}-{number[: len(number) - len(digits)]}", int(digits or 0)


PRODUCTS = {"openapi.yaml": schema, "problems.md": problems, "scenarios.md": scenarios}


def write() -> None:
    """Writes every generated page."""
    for name, product in PRODUCTS.items():
        (PAGES / name).write_text(product())
