"""Which journeys come with the product?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from conversations.journeys import loader
from conversations.journeys.publishing import LIBRARY


@dataclass(frozen=True, slots=True)
class Sample:
    """A journey of the library; `about` are the comments at its top."""

    key: str
    title: str
    about: str
    languages: tuple[str, ...]
    steps: int
    text: str


@lru_cache(maxsize=1)
def listed() -> tuple[Sample, ...]:
    """All of them, by title."""
    found = [_sample(path.read_text(encoding="utf-8")) for path in LIBRARY.glob("*.yaml")]
    return tuple(sorted(found, key=lambda one: one.title))


def find(key: str) -> Sample | None:
    """The one with this key."""
    return next((one for one in listed() if one.key == key), None)


def _sample(text: str) -> Sample:
    data = loader.load(text).data
    comments: list[str] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        comments.append(line.lstrip("# ").strip())
    languages = tuple(data.get("languages", ["en"]))
    return Sample(data["journey"], data["title"], " ".join(comments), languages, len(data["steps"]), text)
