"""What becomes of a call that is authentic, and that our own reading stumbles over? It is kept whole, to be read anew.

It lies in quarantine as one event of the kind `other`; replayed, it is split again, by whatever has been mended since.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from channels_app import inbox_store
from channels_app.accounts import App
from channels_app.inbox import Pending
from channels_app.models import Channel
from channels_app.registry import Account, BadSignature, Malformed, RawEvent, Request, account_of, adapter
from common import clock
from conversations import realtime

KEY = "unsplit:"
CONTENT_TYPE = "content-type"


def event(request: Request, signers: Sequence[Account]) -> RawEvent:
    """The whole call as one event of the first account that signed it; the same bytes are kept once."""
    kept = {
        "body": base64.b64encode(request.body).decode(),
        "content_type": request.header(CONTENT_TYPE),
        "url": request.url,
        "signers": [one.key for one in signers],
    }
    key = KEY + hashlib.sha256(request.body).hexdigest()
    account = signers[0].account if signers else ""
    return RawEvent(key, key, clock.now(), json.dumps({"unsplit": kept}), "other", account)


def is_kept(pending: Pending) -> bool:
    """Is this stored event a whole call?"""
    return pending.kind == "other" and pending.key.startswith(KEY)


def again(pending: Pending) -> str:
    """Splits it once more, in the caller's transaction; the outcome. Raises whatever the reading stumbles over."""
    kept = json.loads(pending.raw).get("unsplit")
    if not isinstance(kept, dict):
        return "unsupported"
    app = _app(pending)
    signers = [one for one in app.accounts if one.key in kept["signers"]]
    try:
        envelope = app.adapter.opened(_request(kept), signers, app.accounts)
    except (BadSignature, Malformed) as error:
        return f"refused_{type(error).__name__.lower()}"
    inbox_store.put_now([inbox_store.row(*app.place(one)) for one in envelope.events])
    realtime.hint("wake:inbox")
    return "split"


def _request(kept: Mapping[str, Any]) -> Request:
    headers = {CONTENT_TYPE.encode(): str(kept["content_type"]).encode("latin-1", "replace")}
    return Request(base64.b64decode(kept["body"]), headers, str(kept["url"]))


def _app(pending: Pending) -> App:
    """The channels that share the address of the one it is stored under, or that one alone."""
    own = Channel.objects.get(pk=pending.channel_id)
    word = (own.config or {}).get("app")
    beside = Channel.objects.filter(kind=own.kind, config__app=word, is_enabled=True).order_by("pk") if word else []
    return App(adapter(own.kind), {one.pk: account_of(one) for one in [*beside, own]})
