"""What can each kind of channel show, and for how long may we write there?

Adapters live above and know the provider's limits; they register them here at start-up, so that the renderer and the
journeys can ask by kind without importing upwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Limits of one kind of channel, in characters and pieces; 0 means "has none of these"."""

    kind: str
    text_limit: int = 4000
    caption_limit: int = 1024
    choice_text_limit: int = 1024  # body of a message that carries buttons or a list
    buttons_max: int = 0
    button_label_max: int = 20
    list_max: int = 0  # rows in one list, the "More" row included
    list_label_max: int = 24
    list_description_max: int = 0
    list_button_max: int = 20
    payload_max: int = 256
    media: bool = True
    location: bool = False
    numbered: bool = False  # options are written as `1) ...`: nothing can be tapped
    typing: bool = False
    receipts: bool = False
    pull: bool = False  # the customer opens it and fetches; we need no permission to show something
    window_hours: int | None = None  # free text only this long after the customer's last message
    agent_window_hours: int | None = None  # a person of ours may write this long instead (Meta's `HUMAN_AGENT`)
    templates: bool = False  # messages that the provider approved beforehand may be sent outside of that time
    page_max: int = 0  # options on one page of a menu that has more, the "More" one included; 0: as many as a list has
    utf16: bool = False  # the provider counts UTF-16 units instead of characters
    counts_bytes: bool = False  # the limits of texts are bytes of UTF-8
    sends: frozenset[str] = frozenset({"image", "audio", "video", "file"})  # kinds of media that go out natively
    media_max: int = 16 * 1024 * 1024  # bytes of a file that goes out; a larger one goes as a signed link
    collapses: bool = False  # the same send twice shows once: a lost answer may be sent again by itself
    rate: float = 0.0  # sends per second and account; 0: no limit of ours
    pair_seconds: float = 0.0  # seconds between two sends to the same recipient
    pair_burst: int = 1  # so many may leave before these seconds count
    opt_out: str = "all"  # what a recipient refuses whom the provider calls opted out: all, or marketing
    answers_stop: frozenset[str] = frozenset()  # words that the provider confirms itself; it may refuse ours after them
    typing_seconds: float = 0.0  # how long one typing signal is shown


PLAIN = Capabilities(kind="text", text_limit=1600, media=False, numbered=True)

_registry: dict[str, Capabilities] = {}


def register(capabilities: Capabilities) -> None:
    """Make a kind of channel known; the same kind again replaces it (adapters are loaded once per process)."""
    _registry[capabilities.kind] = capabilities


def of(kind: str) -> Capabilities:
    """What this kind of channel can show; an unknown kind is treated as plain numbered text, which fits everywhere."""
    return _registry.get(kind, PLAIN)


def closes_at(kind: str, window_expires_at: datetime | None, *, by_agent: bool) -> datetime | None:
    """Until when free text may be written where the window of everybody closes then; people may have longer."""
    found = of(kind)
    if window_expires_at is None or not by_agent or not found.window_hours or not found.agent_window_hours:
        return window_expires_at
    return window_expires_at + timedelta(hours=found.agent_window_hours - found.window_hours)


def all_registered() -> tuple[Capabilities, ...]:
    """Every kind known to this process, for lint rule L16 and the preview."""
    return tuple(_registry.values())
