"""What does every adapter promise?

BadSignature      a webhook is not authentic: answer 401, store nothing
Malformed         an authentic webhook cannot be read at all: answer 400
DeliveryError     a send failed: `reason` is one of REASONS, `is_permanent` and `retry_after` say what to do
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol

from channels_app.adapters.base.events import Handles, Parsed
from channels_app.adapters.base.outcomes import DeliveryError
from channels_app.adapters.base.tolerant import NOTHING, Malformed
from common.files import File as File
from conversations.capabilities import Capabilities
from conversations.content import Content

Kind = Literal["message", "status", "other"]
BODY_MAX = 3 * 1024 * 1024  # bytes of a webhook, unless an adapter says otherwise: the most that Meta sends


class BadSignature(Exception):
    """The raw bytes were not signed with a secret of this account."""


@dataclass(frozen=True, slots=True)
class Account:
    """A connected account in plain values: the Channel's key, the provider's id, its settings and secrets."""

    key: str
    account: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, Any] = field(default_factory=dict, repr=False)  # a traceback shows no secret

    def text(self, name: str, default: str = "") -> str:
        """A setting as text; anything else counts as not set."""
        value = self.config.get(name)
        return value if isinstance(value, str) and value else default

    def secret(self, name: str) -> str:
        """A credential, '' if it is not set."""
        return str(self.credentials.get(name) or "")

    def secrets(self, name: str) -> list[str]:
        """The credential and, while it is being rotated, the one before it (`<name>_previous`): both open our door."""
        return [value for value in (self.secret(name), self.secret(f"{name}_previous")) if value]


@dataclass(frozen=True, slots=True)
class Request:
    """A webhook call as bytes; header names are lower case; `url` is the public one, with its query."""

    body: bytes
    headers: Mapping[bytes, bytes] = field(default_factory=dict)
    url: str = ""
    method: str = "POST"

    def header(self, name: str) -> str:
        """A header as text, '' if there is none."""
        return self.headers.get(name.lower().encode(), b"").decode("latin-1")


@dataclass(frozen=True, slots=True)
class RawEvent:
    """One provider event as it is stored: dedup key, whom it is ordered by, the provider's clock, one event as text."""

    key: str
    handle: str
    occurred_at: datetime
    raw: str
    kind: Kind
    account: str = ""  # the provider's id of our account; names the Channel where one URL serves several


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider wants to read once everything is stored."""

    body: str = "ok"
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One authentic webhook, split."""

    events: tuple[RawEvent, ...]
    reply: Reply = Reply()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One wire message: rendered content, where to (`namespace`, `address`), and our id of it.

    `thread` is what `Inbound.thread` said last in this session; `conversation` and `message` are public ids.
    `load` reads the file of a Media from our storage; a Media's `url` is a signed link that the provider may fetch.
    `is_late`: the channel's window is closed, and only a person of ours may still write (`agent_window_hours`).
    """

    content: Content
    namespace: str
    address: str
    ref: str
    reply_to: str = ""
    thread: Mapping[str, Any] = field(default_factory=dict)
    author: str = "bot"  # bot, agent or system
    agent_name: str = ""
    conversation: str = ""
    message: str = ""
    load: Callable[[], File] | None = None
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it; `handles` are further identifiers of the recipient that its answer revealed."""

    external_id: str
    handles: Handles = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """A courtesy that is no message: `read` (the message `external_id` was seen) or `typing`."""

    kind: Literal["read", "typing"]
    namespace: str
    address: str
    external_id: str = ""
    thread: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeepLink:
    """How a person gets to this channel with a code in hand: a link to follow, or words to send (`say`)."""

    url: str = ""
    say: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `check` looked at, in a sentence."""

    is_well: bool
    text: str


def spoken_by(signers: Sequence[Account], envelope: Envelope, accounts: Sequence[Account]) -> Envelope:
    """The envelope, or `BadSignature` if it names one of our accounts that is not among those who signed it."""
    silent = {one.account for one in accounts if one.account} - {one.account for one in signers}
    if any(event.account in silent for event in envelope.events):
        raise BadSignature("signed by another account than it names")
    return envelope


class Adapter(Protocol):
    """One kind of channel. Pure translation: no database, no other part of the house. See `Plain` for defaults."""

    kind: str
    title: str
    capabilities: Capabilities
    body_max: ClassVar[int]
    slow_to_read: ClassVar[bool]  # a thread reads its webhooks, however short they are
    settings: ClassVar[Mapping[str, str]]  # what `Channel.config` may hold: name -> one sentence for the admin
    secrets: ClassVar[Mapping[str, str]]  # the same of `Channel.credentials`
    required_settings: ClassVar[Sequence[str]]  # without these, or the account's id, no channel is set up
    required_secrets: ClassVar[Sequence[str]]
    switches: ClassVar[Mapping[str, bool]]  # the settings that are yes or no, with what holds while nothing is said
    taken: ClassVar[Reply]  # what to answer when the events are not known, only that the body is stored

    def verify(self, request: Request, accounts: Sequence[Account]) -> Envelope:
        """`signers`, then `opened`."""

    def signers(self, request: Request, accounts: Sequence[Account]) -> Sequence[Account]:
        """The accounts that these raw bytes are authentic for, at least one; `BadSignature`, `Malformed`."""

    def opened(self, request: Request, signers: Sequence[Account], accounts: Sequence[Account]) -> Envelope:
        """The authentic body, split; `BadSignature` if it speaks for an account that did not sign, `Malformed`."""

    def split(self, request: Request) -> Envelope:
        """The same without asking whose it is: a reader of saved bodies needs it."""

    def handshake(self, query: Mapping[str, str], accounts: Sequence[Account]) -> str | None:
        """What to echo when the provider proves our URL, None when its token is wrong or there is no such thing."""

    def parse(self, raw: str, account: Account) -> Sequence[Parsed]:
        """One stored event in our words; never raises, an unknown shape becomes `unsupported`."""

    def send(self, account: Account, outgoing: Outgoing) -> Sent:
        """One provider request; `DeliveryError` when it was not taken, or when nobody knows."""

    def signal(self, account: Account, signal: Signal) -> None:
        """Shows that we read or type; `DeliveryError` if it failed, and then nothing is lost."""

    def fetch(self, account: Account, reference: str) -> File:
        """The file that an `Inbound.media` names; `DeliveryError`. Only the provider's own hosts are called."""

    def link(self, account: Account, code: str) -> DeepLink | None:
        """How somebody reaches this account with a one-time code; None if the provider has no way."""

    def missing(self, account: Account) -> Sequence[str]:
        """What has to be filled in before this account works, by name; nobody is asked."""

    def check(self, account: Account) -> Sequence[Finding]:
        """Read-only calls that prove credentials and set-up; what fails is a finding, never an exception."""

    def connect(self, account: Account, url: str) -> Sequence[Finding]:
        """Tells the provider that our webhook is `url`, where it has a call for that; then what `check` finds."""


class Plain:
    """What an adapter need not say: no webhooks, no handshake, no courtesies, no files, no links, nothing to check."""

    body_max: ClassVar[int] = BODY_MAX
    slow_to_read: ClassVar[bool] = False
    settings: ClassVar[Mapping[str, str]] = NOTHING
    secrets: ClassVar[Mapping[str, str]] = NOTHING
    required_settings: ClassVar[Sequence[str]] = ()
    required_secrets: ClassVar[Sequence[str]] = ()
    switches: ClassVar[Mapping[str, bool]] = {}
    taken: ClassVar[Reply] = Reply()

    def verify(self, request: Request, accounts: Sequence[Account]) -> Envelope:
        return self.opened(request, self.signers(request, accounts), accounts)

    def signers(self, request: Request, accounts: Sequence[Account]) -> Sequence[Account]:
        raise BadSignature("this channel has no webhooks")

    def opened(self, request: Request, signers: Sequence[Account], accounts: Sequence[Account]) -> Envelope:
        return spoken_by(signers, self.split(request), accounts)

    def split(self, request: Request) -> Envelope:
        raise Malformed("this channel has no webhooks")

    def handshake(self, query: Mapping[str, str], accounts: Sequence[Account]) -> str | None:
        return None

    def signal(self, account: Account, signal: Signal) -> None:
        return None

    def fetch(self, account: Account, reference: str) -> File:
        raise DeliveryError("rejected", provider_text="this channel has no files to fetch")

    def link(self, account: Account, code: str) -> DeepLink | None:
        return None

    def missing(self, account: Account) -> Sequence[str]:
        needs_id = bool(self.required_settings or self.required_secrets)
        found = [] if account.account or not needs_id else ["account"]
        found += [name for name in self.required_settings if account.config.get(name) in (None, "")]
        return found + [name for name in self.required_secrets if not account.secret(name)]

    def check(self, account: Account) -> Sequence[Finding]:
        return ()

    def connect(self, account: Account, url: str) -> Sequence[Finding]:
        return (Finding(False, f"This provider's webhook is set by hand: {url}"),)
