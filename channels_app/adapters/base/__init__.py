"""What do all adapters share? Contract, words, tolerant readers and the wire; everything beside is an adapter."""

from channels_app.adapters.base.contract import (
    BODY_MAX,
    Account,
    Adapter,
    BadSignature,
    DeepLink,
    Envelope,
    File,
    Finding,
    Kind,
    Outgoing,
    Plain,
    RawEvent,
    Reply,
    Request,
    Sent,
    Signal,
    spoken_by,
)
from channels_app.adapters.base.events import (
    Echo,
    Edit,
    Endpoint,
    Handles,
    Inbound,
    Moved,
    Notice,
    Parsed,
    Preference,
    Reach,
    Reaction,
    Receipt,
    Removal,
    TemplateNews,
)
from channels_app.adapters.base.outcomes import REASONS, DeliveryError
from channels_app.adapters.base.tolerant import (
    NOTHING,
    Malformed,
    dumps,
    items,
    loads,
    mapping,
    moment,
    safe_key,
    text,
)
from channels_app.adapters.base.wire import from_httpx

__all__ = [
    "BODY_MAX", "NOTHING", "REASONS", "Account", "Adapter", "BadSignature", "DeepLink", "DeliveryError", "Echo",
    "Edit", "Endpoint", "Envelope", "File", "Finding", "Handles", "Inbound", "Kind", "Malformed", "Moved", "Notice",
    "Outgoing", "Parsed", "Plain", "Preference", "RawEvent", "Reach", "Reaction", "Receipt", "Removal", "Reply",
    "Request", "Sent", "Signal", "TemplateNews", "dumps", "from_httpx", "items", "loads", "mapping", "moment",
    "safe_key", "spoken_by", "text",
]  # fmt: skip
