"""What does a person do on the phone, and what does the phone show? The words that the page and all emulators share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Act = Literal["text", "tap", "file", "voice", "location", "contact", "reaction", "edit", "removal", "open", "action"]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that the person picked on the page."""

    content: bytes
    media_type: str = "application/octet-stream"
    name: str = "file"


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a person does. `message` is the `external_id` of the SandboxMessage that it is about.

    text       `text`, with `subject` where the channel has one; `message` if it answers one
    tap        `option` (a Button's or Row's id) and its `title`; the page has checked that `message` offers it
    file       `file`, with `text` as caption; `voice` is the same for a recording
    location   `latitude`, `longitude`, `title` (the place's name)
    contact    shares their own contact card
    reaction   `emoji` put to `message`; '' takes it away
    edit       `message` (their own) reads `text` now
    removal    takes `message` (their own) back
    open       follows a deep link with the one-time code `text`
    action     one of the emulator's `actions`, named by `option` (blocks the bot, changes the number ...)
    """

    act: Act = "text"
    text: str = ""
    subject: str = ""
    message: str = ""
    option: str = ""
    title: str = ""
    file: Upload | None = None
    latitude: float = 0.0
    longitude: float = 0.0
    emoji: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """Something to tap below a message: `row` lays out keyboards; `url` makes it a link; `asks` location or contact."""

    id: str
    title: str
    row: int = 0
    url: str = ""
    asks: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list or an option of a select."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that opens in a sheet, or a select: `button` is its label or placeholder."""

    button: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture, recording, film or file: `url` is where the page finds it (`kit.file_url`)."""

    kind: Literal["image", "audio", "video", "file"]
    url: str
    name: str = ""
    media_type: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the map, in degrees."""

    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message as every frame draws it: plain text, never markup. `kit.bubble(row, ...)` fills in the first four.

    `state` is what the ticks say: sending, sent, accepted, delivered, read, failed, or '' where the provider tells
    nothing. `reactions` are emojis. `note` is a quiet line (`forwarded`, `auto-reply`). `quote`: what it answers.
    """

    id: str
    mine: bool
    state: str
    at: str
    text: str = ""
    subject: str = ""
    note: str = ""
    quote: str = ""
    buttons: tuple[Button, ...] = ()
    list: Listing | None = None
    media: tuple[Shown, ...] = ()
    place: Place | None = None
    reactions: tuple[str, ...] = ()
    is_edited: bool = False
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class ChannelSeed:
    """The Channel that `seed_demo` makes for an emulator; `kit.secret(name)` gives secrets of this installation."""

    key: str
    title: str
    account: str
    config: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, Any] = field(default_factory=dict)
