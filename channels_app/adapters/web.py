"""How does the widget's own protocol read and write? The customer's page pulls, so nothing is ever sent from here.

The door of the widget (socket or REST) has authenticated the visitor; it stores one event as
`{"identity", "proven", "assurance", "client_msg_id", "text", "payload", "action", "file", "at", "ip", "language",
"page"}` (see `raw_event`; `ip` is a digest, `language` what the browser accepts, `page` the address it stands on).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeepLink, Endpoint, Finding, Inbound, Notice, RawEvent
from common import clock
from conversations.capabilities import Capabilities
from conversations.content import Content, Media, Text

ASSURANCES = ("none", "attested", "strong")
LINK = "link:"  # the gesture of a page that a one-time link has led to; its code follows


class WebAdapter(base.Plain):
    """The site's widget."""

    kind = "web"
    title = "Web widget"
    settings = {
        "issuer": "The `iss` of your login tokens.",
        "jwks_url": "Where your site publishes the keys of its login tokens (JWKS), https. Empty: only keys made here.",
        "verifies_phone": "Your site has verified the phone numbers it signs.",
        "verifies_email": "Your site has verified the e-mail addresses it signs.",
        "site_url": "The page of your site with the widget: told to whoever wants to go on there from another channel.",
        "team": "The name at the top of the widget.",
        "kiosk": "A device that many people use: nothing is kept, linked or offered to go on with.",
        "idle_minutes": "After so many silent minutes a new visitor begins. Empty: a month, at a kiosk 5 minutes.",
        "files": "Off: visitors cannot send files.",
        "file_max_mb": "The largest file that a visitor may send, in MB (10).",
        "file_kinds": "The kinds that a visitor may send: some of image, audio, video, file; empty: all.",
    }
    switches = {"verifies_phone": False, "verifies_email": False, "kiosk": False, "files": True}
    capabilities = Capabilities(
        kind="web", text_limit=4000, buttons_max=10, button_label_max=80, list_max=50, list_label_max=80,
        list_description_max=200, payload_max=1000, location=True, typing=True, receipts=True, pull=True,
    )  # fmt: skip

    def parse(self, raw: str, account: Account) -> Sequence[base.Parsed]:
        try:
            data = base.mapping(base.loads(raw))
        except base.Malformed:
            return (Notice("unreadable", clock.now()),)
        at = base.moment(data.get("at"), clock.now())
        identity = data.get("identity")
        if not isinstance(identity, int):
            return (Notice("unsupported", at),)
        proven = data.get("proven")
        assurance = base.text(data, "assurance")
        said = base.text(data, "text")
        action, _, code = base.text(data, "action").partition(LINK)
        if code and _is_kiosk(account):
            return (Notice("unsupported", at),)
        endpoint = Endpoint(
            identity_id=identity,
            proven=tuple(pk for pk in proven if isinstance(pk, int)) if isinstance(proven, list) else (),
            assurance=assurance if assurance in ASSURANCES else "none",
            ip=base.text(data, "ip"),
        )
        return (
            Inbound(
                content=_content(said, base.mapping(data.get("file"))),
                occurred_at=at,
                text=said,
                payload=base.text(data, "payload"),
                action=action or (code and "link"),
                code=code,
                client_id=base.text(data, "client_msg_id")[:80],
                endpoint=endpoint,
                language=base.text(data, "language")[:200],
                page=base.text(data, "page"),
            ),
        )

    def send(self, account: Account, outgoing: base.Outgoing) -> base.Sent:
        """Never called: what is committed for a channel that is pulled from counts as sent."""
        raise base.DeliveryError("rejected", provider_text="the web channel is pulled from, not sent to")

    def link(self, account: Account, code: str) -> DeepLink | None:
        """The site's page with the code behind the `#`, where neither servers nor referrers see it; not to a kiosk."""
        page = account.text("site_url")
        if not page.startswith(("https://", "http://")) or _is_kiosk(account):
            return None
        return DeepLink(f"{page}{'&' if '#' in page else '#'}throughline={code}")

    def check(self, account: Account) -> Sequence[Finding]:
        return (Finding(True, "The widget is served by this installation."),)


def _is_kiosk(account: Account) -> bool:
    return account.config.get("kiosk") is True


def _content(said: str, file: Mapping[str, Any]) -> Content:
    """The words, or the file with the words below it; the door has looked whose file it is."""
    if not file:
        return Text(said)
    kind = file.get("kind")
    return Media(
        kind=kind if kind in ("image", "audio", "video") else "file",
        caption=said,
        filename=base.text(file, "name"),
        mime_type=base.text(file, "type"),
        attachment=base.text(file, "id"),
    )


def raw_event(
    *,
    identity_id: int,
    proven: Sequence[int],
    assurance: str,
    client_msg_id: str,
    at: datetime,
    text: str = "",
    payload: str = "",
    action: str = "",
    file: Mapping[str, str] | None = None,
    ip: str = "",
    language: str = "",
    page: str = "",
) -> RawEvent:
    """What the widget's door stores for one message or gesture; its key is the client's own id, per endpoint."""
    data = {
        "identity": identity_id,
        "proven": list(proven),
        "assurance": assurance,
        "client_msg_id": client_msg_id,
        "text": text,
        "payload": payload,
        "action": action,
        **({"file": dict(file)} if file else {}),
        **({"ip": ip} if ip else {}),
        **({"language": language[:200]} if language else {}),
        **({"page": page} if page else {}),
        "at": at.timestamp(),
    }
    return RawEvent(
        key=base.safe_key(f"{identity_id}:{client_msg_id}"),
        handle=str(identity_id),
        occurred_at=at,
        raw=base.dumps(data),
        kind="message",
    )


adapter = WebAdapter()
