"""What does every adapter promise, and in which words does it speak to the rest of the house?

DeliveryError     a send failed: `reason` is one of REASONS, `is_permanent` and `retry_after` say what to do
BadSignature      a webhook is not authentic: answer 401, store nothing
Malformed         an authentic webhook is no JSON: answer 400
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal, Protocol

import httpx

from conversations.capabilities import Capabilities
from conversations.content import Content

NOTHING: Mapping[str, Any] = MappingProxyType({})
Kind = Literal["message", "status", "other"]
Handles = tuple[tuple[str, str, str, str, str], ...]  # (namespace, scope, raw, proof, display)

# The only vocabulary between adapters and delivery: reason -> is it permanent?
REASONS: Mapping[str, bool] = MappingProxyType(
    {
        "rate_limited": False,
        "provider_down": False,
        "lost": False,
        "deferred": False,
        "outside_window": True,
        "unreachable": True,
        "opted_out": True,
        "rejected": True,
        "channel_down": False,
    }
)
KEY_LIMIT = 200
SURROGATE = re.compile(r"\\u(?:0000|d[89a-f])", re.IGNORECASE)


class BadSignature(Exception):
    """The raw bytes were not signed with a secret of this account."""


class Malformed(Exception):
    """The raw bytes are authentic and no JSON."""


class DeliveryError(Exception):
    """A send that failed; `provider_text` is what the provider said, for the Attempt (redacted there)."""

    def __init__(
        self,
        reason: str,
        *,
        retry_after: float | None = None,
        provider_code: str = "",
        provider_text: str = "",
        http_status: int | None = None,
    ) -> None:
        super().__init__(f"{reason} {provider_code}".strip())
        self.reason = reason
        self.is_permanent = REASONS[reason]
        self.retry_after = retry_after
        self.provider_code = provider_code
        self.provider_text = provider_text
        self.http_status = http_status


@dataclass(frozen=True, slots=True)
class Account:
    """A connected account in plain values: the Channel's key, the provider's id, its settings and secrets."""

    key: str
    account: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """A setting as text; anything else counts as not set."""
        value = self.config.get(name)
        return value if isinstance(value, str) and value else default


@dataclass(frozen=True, slots=True)
class RawEvent:
    """One provider event as it is stored: dedup key, whom it is ordered by, the provider's clock, one event as JSON."""

    key: str
    handle: str
    occurred_at: datetime
    raw: str
    kind: Kind
    account: str = ""  # the provider's id of our account; names the Channel where one URL serves several


@dataclass(frozen=True, slots=True)
class Envelope:
    """One authentic webhook, split."""

    events: tuple[RawEvent, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that our own door has already identified (the widget); everybody else gives handles."""

    identity_id: int
    proven: tuple[int, ...] = ()
    assurance: str = "none"


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message of a customer. `handles`: what the payload names, the one to be answered first."""

    content: Content
    occurred_at: datetime
    handles: Handles = ()
    text: str = ""
    payload: str = ""
    action: str = ""
    external_id: str = ""
    client_id: str = ""
    media: tuple[dict[str, Any], ...] = ()  # {reference, media_type, name, size}
    context: Mapping[str, Any] = field(default_factory=dict)
    referral: Mapping[str, Any] = field(default_factory=dict)
    endpoint: Endpoint | None = None
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider says about a message of ours: `status` is sent, delivered, read, played or failed."""

    external_id: str
    status: str
    occurred_at: datetime
    delivery_ref: str = ""
    error: DeliveryError | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """An authentic event that is no message: its InboundEvent gets `kind` as outcome, and no turn is taken."""

    kind: str
    occurred_at: datetime
    handles: Handles = ()
    previous: Handles = ()


Parsed = Inbound | Receipt | Notice


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One wire message: rendered content, where to (`namespace`, `address`), and our id of it."""

    content: Content
    namespace: str
    address: str
    ref: str
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it; `handles` are further identifiers of the recipient that its answer revealed."""

    external_id: str
    handles: Handles = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `check` looked at, in a sentence."""

    is_well: bool
    text: str


@dataclass(frozen=True, slots=True)
class Request:
    """A webhook call as bytes; header names are lower case."""

    body: bytes
    headers: Mapping[bytes, bytes] = field(default_factory=dict)


class Adapter(Protocol):
    """One kind of channel. Pure translation: no database, no other part of the house."""

    kind: str
    capabilities: Capabilities

    def verify(self, request: Request, accounts: Sequence[Account]) -> Envelope:
        """Authenticates the raw bytes against any of the accounts and splits them; `BadSignature`, `Malformed`."""

    def handshake(self, query: Mapping[str, str], accounts: Sequence[Account]) -> str | None:
        """What to echo when the provider proves our URL, None when its token is wrong or there is no such thing."""

    def parse(self, raw: str, account: Account) -> Sequence[Parsed]:
        """One stored event in our words; never raises, an unknown shape becomes `unsupported`."""

    def send(self, account: Account, outgoing: Outgoing) -> Sent:
        """One provider request; `DeliveryError` when it was not taken, or when nobody knows."""

    def check(self, account: Account) -> Sequence[Finding]:
        """Read-only calls that prove credentials and set-up; what fails is a finding, never an exception."""


def loads(raw: str | bytes) -> Any:
    """JSON whose texts can be stored: NUL is dropped, half a surrogate pair replaced. Raises `Malformed`."""
    try:
        text = raw.decode() if isinstance(raw, bytes) else raw
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed(type(error).__name__) from error
    return _storable(data) if SURROGATE.search(text) else data


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value


def dumps(value: Any) -> str:
    """JSON in ASCII, without blanks."""
    return json.dumps(value, separators=(",", ":"), default=dict)


def safe_key(text: str) -> str:
    """A dedup key that fits its column: what is too long or not printable is replaced by its hash."""
    if 0 < len(text) <= KEY_LIMIT and text.isascii() and text.isprintable():
        return text
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def moment(value: object, otherwise: datetime) -> datetime:
    """A provider's time: seconds or (from 1e12 on) milliseconds, as number or text; nonsense gives `otherwise`."""
    try:
        number = float(value) if isinstance(value, int | float | str) else 0.0
        if not 1_000_000_000 <= (seconds := number / 1000 if number >= 1e12 else number) < 10_000_000_000:
            return otherwise
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return otherwise


def mapping(value: object) -> Mapping[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else NOTHING


def items(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list; whatever else it holds is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(data: Mapping[str, Any], name: str) -> str:
    """A member as text; numbers count, anything else does not."""
    value = data.get(name)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def from_httpx(error: httpx.HTTPError) -> DeliveryError:
    """Was anything sent? A connection that was never made is a provider that is down; anything later is lost."""
    nothing_sent = httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout
    our_fault = httpx.UnsupportedProtocol | httpx.LocalProtocolError  # a base URL or token that cannot be used
    reason = "provider_down" if isinstance(error, nothing_sent) else "lost"
    reason = "channel_down" if isinstance(error, our_fault) else reason
    return DeliveryError(reason, provider_text=type(error).__name__)
