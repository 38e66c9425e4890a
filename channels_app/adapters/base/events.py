"""What can a stored event of a provider say, in the words of the house?

Inbound      a message of the customer: stored, and a turn is taken
Receipt      how far a message of ours came
Echo         staff wrote from the provider's own app: shown, and the bot is silent
Edit, Removal, Reaction     about an earlier message of the customer (or, a reaction, of ours)
Moved        one address of a person became another (a changed number)
Reach        an address can be written to again, or no longer
Preference   the person opted in or out at the provider
TemplateNews the provider decided on a template
Notice       anything else that is authentic; nothing follows from it
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from channels_app.adapters.base.outcomes import DeliveryError
from conversations.content import Content

Handles = tuple[tuple[str, str, str, str, str], ...]  # (namespace, scope, raw, proof, display)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that our own door has already identified (the widget); everybody else gives handles."""

    identity_id: int
    proven: tuple[int, ...] = ()
    assurance: str = "none"
    ip: str = ""  # a digest of where on the net it came from


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message of a customer. `handles`: what the payload names, the one to be answered first.

    `media`: files, each {reference, media_type, name, size}; `reference` is what the adapter's `fetch` takes.
    `code`: a one-time code that came with a deep link, already cut out of `text` and `content`.
    `thread`: what an answer has to carry on this channel (subject, message ids, chat id); kept with the session.
    `language`: what the sender's app or browser is set to, by one tag, or several as in `Accept-Language`.
    `is_automatic`: written by a machine (auto-reply, mailing list): stored, and never answered by the bot.
    """

    content: Content
    occurred_at: datetime
    handles: Handles = ()
    text: str = ""
    payload: str = ""
    action: str = ""
    external_id: str = ""
    client_id: str = ""
    media: tuple[dict[str, Any], ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    referral: Mapping[str, Any] = field(default_factory=dict)
    thread: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    endpoint: Endpoint | None = None
    is_public: bool = False
    is_automatic: bool = False
    device: str = ""  # the provider's digest of the sender's device, if it tells one
    language: str = ""
    page: str = ""  # the address that the widget stands on


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider says about a message of ours: `status` is sent, delivered, read, played or failed.

    `external_id` or `delivery_ref` names it; `handles` name the recipient where the event tells more than we knew.
    `watermark`: everything sent to `handles` up to `occurred_at` has come that far (Messenger).
    """

    external_id: str
    status: str
    occurred_at: datetime
    delivery_ref: str = ""
    error: DeliveryError | None = None
    handles: Handles = ()
    watermark: bool = False


@dataclass(frozen=True, slots=True)
class Echo:
    """A message to the customer that a person of ours wrote in the provider's own app."""

    content: Content
    occurred_at: datetime
    handles: Handles
    external_id: str = ""
    media: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """The customer changed an earlier message of theirs: `content` as it reads now."""

    external_id: str
    content: Content
    occurred_at: datetime
    handles: Handles = ()


@dataclass(frozen=True, slots=True)
class Removal:
    """The customer took an earlier message back: our copy goes, too."""

    external_id: str
    occurred_at: datetime
    handles: Handles = ()


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji put to a message, '' when it was taken away."""

    external_id: str
    emoji: str
    occurred_at: datetime
    handles: Handles = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """A person's address became another one. `kind`: number_changed, user_id_changed, identity_changed (no `now`)."""

    kind: str
    occurred_at: datetime
    before: Handles
    now: Handles = ()


@dataclass(frozen=True, slots=True)
class Reach:
    """Can this address be written to? (blocked, unblocked, bounced)"""

    handles: Handles
    is_reachable: bool
    occurred_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Preference:
    """What the person told the provider: `purpose` is `marketing` or `all`, `state` is `in` or `out`.

    With a `delivery_ref` it is the wish of whoever was sent that delivery of ours; unknown, it is nobody's.
    """

    handles: Handles
    purpose: Literal["marketing", "all"]
    state: Literal["in", "out"]
    occurred_at: datetime
    evidence: Mapping[str, Any] = field(default_factory=dict)
    delivery_ref: str = ""


@dataclass(frozen=True, slots=True)
class TemplateNews:
    """A template's new status (or quality) at the provider."""

    name: str
    language: str
    status: str
    occurred_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """An authentic event that is no message: its InboundEvent gets `kind` as outcome, and no turn is taken."""

    kind: str
    occurred_at: datetime
    handles: Handles = ()
    previous: Handles = ()


Parsed = Inbound | Receipt | Echo | Edit | Removal | Reaction | Moved | Reach | Preference | TemplateNews | Notice
