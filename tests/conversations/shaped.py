"""What data can have a shape? Hypothesis strategies from the schema's own parts, for what the rules have to bear."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from hypothesis import strategies as st

from conversations.journeys import shapes

Made = st.SearchStrategy[Any]
WORDS = [
    "a",
    "b",
    "bye",
    "vars.a",
    "customer.email",
    "= vars.a == 3",
    "{{ vars.a }}",
    "{{ task.x }}",
    "{{",
    "(a+)+",
    "x y",
]
PLAIN: Made = st.none() | st.booleans() | st.integers() | st.sampled_from(WORDS)


def of(shape: Mapping[str, Any]) -> Made:
    """Everything that the shape lets through, with words that rules look into."""
    if "enum" in shape:
        return st.sampled_from(shape["enum"])
    kinds = shape.get("type")
    if isinstance(kinds, list):
        return st.one_of(*(of({**shape, "type": kind}) for kind in kinds))
    return _MADE[kinds](shape) if kinds else PLAIN


def _object(shape: Mapping[str, Any]) -> Made:
    if "properties" in shape:
        needed = set(shape["required"])
        made = {name: of(part) for name, part in shape["properties"].items()}
        must = {name: part for name, part in made.items() if name in needed}
        return st.fixed_dictionaries(must, optional={n: part for n, part in made.items() if n not in needed})
    values = shape.get("additionalProperties")
    keys = of({"type": "string", **shape.get("propertyNames", {})})
    return st.dictionaries(keys, of(values or {}), min_size=shape.get("minProperties", 0), max_size=2)


def _array(shape: Mapping[str, Any]) -> Made:
    return st.lists(of(shape.get("items", {})), min_size=shape.get("minItems", 0), max_size=3)


def _string(shape: Mapping[str, Any]) -> Made:
    if shape.get("pattern") == shapes.ID["pattern"]:
        return st.sampled_from(["a", "b", "bye"])
    if "pattern" in shape:
        return _matching(shape["pattern"], shape.get("maxLength", 80))
    return st.sampled_from(WORDS)


@cache
def _matching(pattern: str, most: int) -> Made:
    return st.from_regex(pattern.removesuffix(shapes.END), fullmatch=True).filter(lambda text: len(text) <= most)


_MADE = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": lambda shape: st.integers(shape.get("minimum", -3), shape.get("maximum", 99)),
    "number": lambda shape: st.integers(-3, 99) | st.just(1.5),
    "boolean": lambda shape: st.booleans(),
    "null": lambda shape: st.none(),
}
STEPS: Made = st.lists(
    st.one_of(*(of(shape).map(lambda step, kind=kind: {**step, "type": kind}) for kind, shape in shapes.STEPS.items())),
    min_size=1,
    max_size=4,
)
JOURNEYS: Made = st.fixed_dictionaries(
    {"journey": st.just("j"), "title": st.just("J"), "steps": STEPS},
    optional={name: of(shapes.TOP[name]) for name in ("triggers", "policy", "vars", "translations")},
)
