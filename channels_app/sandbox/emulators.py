"""Which providers can be pretended, and what does each pretended provider promise? The second file of a new channel.

An emulator is a package `channels_app/sandbox/<kind>_emulator/` with an object `emulator` of a class that derives from
`Plain` below; it is found by its name, and nothing else has to be edited. It plays the provider for the *real* adapter:

  in    the page (or a test) calls `write`: the emulator stores the message as the phone shows it, builds the
        provider's own JSON, signs it, and posts it to the real door /webhooks/<kind>/<app>
  out   the adapter calls the API in `urls`, mounted below /sandbox/<mount>/ (the demo's `base_url`): the emulator
        checks the token, refuses what the provider would refuse in the provider's words, stores the rest, and
        tells receipts

What it need not write itself is in `channels_app.sandbox.kit`:

  kit.api(find)                   a view of the API: none outside of the sandbox, inspected, masked; it gets a `Call`
  call.json(), call.sends()       the body; latency and the failure that the controls ask for (kit.LOST is done for you)
  kit.Answer(status, body)        what the view returns
  kit.store(...), kit.amend(...)  a message on the phone, in the provider's own JSON; and its changes
  kit.post(...)                   a signed webhook to our door: inspected, posted again if refused, twice or mixed up
                                  if the controls say so
  kit.climb(row, states)          a message of ours gets on: sent, delivered, read; which of them to report
  kit.controls_of, kit.failure_now, kit.last_inbound_at, kit.types_until, kit.unread    what holds now
  kit.remember, kit.recall, kit.forget, kit.number                    facts (nonces, blocked people) and counters
  kit.keep_file, kit.file, kit.file_url                               files of both directions
  kit.bubble(row, text=..., ...)  the `Bubble` of a row
  kit.secret(name), kit.webhook_url(channel), kit.channel_by(kind, **lookup), kit.tell()

`Said`, `Bubble` and their parts are described in `channels_app.sandbox.shapes`. People: `channels_app.sandbox.people`;
`person.digits(kind, count)` derives an id of theirs that is the same on every machine.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, ClassVar, Protocol, cast

from django.conf import settings
from django.urls import URLPattern, URLResolver

from channels_app import sandbox
from channels_app.models import Channel
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.people import Person
from channels_app.sandbox.shapes import Act, Bubble, Button, ChannelSeed, Listing, Place, Row, Said, Shown, Upload

__all__ = [
    "BROKEN", "FAILURES", "LOST", "TOO_MANY", "WORKS", "Act", "Bubble", "Button", "ChannelSeed", "Emulator",
    "Listing", "Place", "Plain", "Row", "Said", "Shown", "Upload", "channels", "demo_fields", "find", "kinds", "of",
]  # fmt: skip

SUFFIX = "_emulator"
STORY = ("whatsapp", "telegram", "discord", "email")
WORKS, TOO_MANY, BROKEN, LOST = "none", "429", "500", "lost"
FAILURES = {
    WORKS: "works",
    TOO_MANY: "429 too many requests",
    BROKEN: "500 server error",
    LOST: "accepts, then the answer is lost",
}


class Emulator(Protocol):
    """One pretended provider. See `Plain` for defaults."""

    kind: ClassVar[str]
    title: ClassVar[str]
    mount: ClassVar[str]  # its URLs are below /sandbox/<mount>/; '' means the kind
    about: ClassVar[str]  # the line below the name in the frame
    hint: ClassVar[str]  # what an empty frame says
    abilities: ClassVar[frozenset[str]]  # which `Said.act` a person has here; also `subject` and `reply` of a text
    actions: ClassVar[Mapping[str, str]]  # further things a person can do: name -> label
    failures: ClassVar[Mapping[str, str]]  # what the next send can meet: name -> label
    receipts: ClassVar[Sequence[str]]  # what the provider reports, from worst to best: of none, delivered, read
    urls: ClassVar[Sequence[URLPattern | URLResolver]]
    websockets: ClassVar[Sequence[URLPattern]]

    def address(self, person: Person) -> str:
        """Whom the business writes to: the person's id here; '' if the person does not have this channel."""

    def write(self, channel: Channel, person: Person, said: Said) -> SandboxMessage | None:
        """The person does this: stored as the phone shows it, and on its way to our door, really signed."""

    def bubble(self, row: SandboxMessage) -> Bubble:
        """A stored message as the frame draws it."""

    def look(self, channel: Channel, person: Person) -> int:
        """The person looks at the phone: what was delivered is read, if the provider reports it. Returns how many."""

    def reset(self, channel: Channel) -> None:
        """Forgets what this process keeps in memory about a channel; the rows are deleted by who asks."""

    def demo(self) -> ChannelSeed:
        """The demo's Channel (key `<kind>-demo`), its `base_url` below PUBLIC_URL."""

    def root(self, site: str = "") -> str:
        """The base URL of its API on a site (PUBLIC_URL if none is named): what `config.base_url` is."""

    async def standalone(self) -> None:
        """Runs further servers (SMTP, IMAP) beside the HTTP API until it is cancelled; `run_channel_emulator` asks."""

    def sketch(self, request: str) -> str:
        """A raw request of either direction in two or three words for the inspector, '' if there is nothing to say."""


class Plain:
    """What an emulator need not say; its class names at least `kind` and `title`."""

    kind: ClassVar[str]
    title: ClassVar[str]
    mount: ClassVar[str] = ""
    about: ClassVar[str] = ""
    hint: ClassVar[str] = "Write “hi” to begin. What you write leaves as a real, signed webhook."
    abilities: ClassVar[frozenset[str]] = frozenset({"text"})
    actions: ClassVar[Mapping[str, str]] = {}
    failures: ClassVar[Mapping[str, str]] = FAILURES
    receipts: ClassVar[Sequence[str]] = ()
    urls: ClassVar[Sequence[URLPattern | URLResolver]] = ()
    websockets: ClassVar[Sequence[URLPattern]] = ()

    @classmethod
    def root(cls, site: str = "") -> str:
        """The base URL of its API on a site (PUBLIC_URL if none is named): what `config.base_url` is."""
        return f"{site or settings.PUBLIC_URL}/sandbox/{cls.mount or cls.kind}"

    async def standalone(self) -> None:
        return None

    def look(self, channel: Channel, person: Person) -> int:
        return 0

    def reset(self, channel: Channel) -> None:
        return None

    def sketch(self, request: str) -> str:
        return ""


@cache
def kinds() -> Sequence[str]:
    """The kinds of channel that can be pretended here: those of the story first, the others by name."""
    names = [module.name for module in pkgutil.iter_modules(sandbox.__path__) if module.name.endswith(SUFFIX)]
    found = sorted(name.removesuffix(SUFFIX) for name in names)
    return sorted(found, key=lambda kind: STORY.index(kind) if kind in STORY else len(STORY))


@cache
def find(kind: str) -> Emulator | None:
    """The emulator of a kind, imported on first use; None if there is none."""
    if kind not in kinds():
        return None
    return cast(Emulator, import_module(f"{sandbox.__name__}.{kind}{SUFFIX}").emulator)


def of(channel: Channel) -> Emulator:
    """The emulator that plays the provider of this channel; LookupError if there is none."""
    if (found := find(channel.kind)) is None:
        raise LookupError(channel.kind)
    return found


def channels() -> list[Channel]:
    """The channels whose provider is pretended here, in the order of `kinds`."""
    rows = list(Channel.objects.filter(kind__in=kinds(), config__base_url__icontains="/sandbox/").order_by("pk"))
    return sorted(rows, key=lambda channel: kinds().index(channel.kind))


def is_pretended(key: str) -> bool:
    """Is this a channel whose provider is pretended here?"""
    return any(channel.key == key for channel in channels())


def demo_fields(emulator: Emulator) -> dict[str, Any]:
    """The demo's Channel as fields of the model."""
    seed = emulator.demo()
    return {
        "key": seed.key,
        "kind": emulator.kind,
        "title": seed.title,
        "account": seed.account,
        "config": dict(seed.config),
        "credentials": dict(seed.credentials),
    }
