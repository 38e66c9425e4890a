"""How is Discord's API called? A message, the channel it goes to, a file, the typing signal; failures in our words."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import httpx

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeliveryError, File, Outgoing, Sent, Signal, wire
from channels_app.adapters.discord import errors, wording
from channels_app.adapters.discord.circuit import Circuit
from conversations.content import Media

BASE_URL = "https://discord.com/api/v10"
# Cloudflare turns away bots that do not call themselves so (40333).
AGENT = "DiscordBot (https://github.com/throughline/throughline, 1)"
FILE_MAX = 10 * 1024 * 1024  # bytes
KEPT = 20_000  # direct message channels, and tokens, that are remembered

_direct: OrderedDict[tuple[str, str, str], str] = OrderedDict()
_circuits: dict[str, Circuit] = {}
_lock = threading.Lock()


def send(account: Account, outgoing: Outgoing) -> Sent:
    """Posts one message where the person wrote last, else into their direct messages."""
    if outgoing.namespace != "discord_user":
        raise DeliveryError("unreachable", provider_text=f"Discord cannot be sent to a {outgoing.namespace}")
    body, file = _message(outgoing)
    channel = channel_of(account, outgoing.address, outgoing.thread)
    try:
        return _post(account, channel, body, file)
    except DeliveryError as error:
        if error.provider_code != errors.UNKNOWN_CHANNEL:
            raise
    # The channel is gone: the person's direct messages may have a new one.
    forget(account, outgoing.address)
    body.pop("message_reference", None)
    return _post(account, channel_of(account, outgoing.address, base.NOTHING), body, file)


def signal(account: Account, given: Signal) -> None:
    """Shows for ten seconds that we type; Discord has no receipts to give."""
    if given.kind == "typing" and given.namespace == "discord_user":
        channel = channel_of(account, given.address, given.thread)
        call(account, "POST", f"channels/{channel}/typing", bucket=f"typing:{channel}")


def channel_of(account: Account, person: str, thread: Mapping[str, Any]) -> str:
    """The channel to write to: the one of the thread, else the person's direct messages, opened if need be."""
    named = thread.get("channel_id")
    if isinstance(named, str) and named.isascii() and named.isdigit():
        return named
    key = _key(account, person)
    if key not in _direct:
        answer = call(account, "POST", "users/@me/channels", bucket="dm", json={"recipient_id": person})
        opened = base.text(wire.body(answer), "id")
        if not opened.isdigit():
            raise DeliveryError("provider_down", provider_text="no channel was opened", http_status=answer.status_code)
        _remember(key, opened)
    return _direct[key]


def forget(account: Account, person: str) -> None:
    """The person's direct message channel is not that one any more."""
    with _lock:
        _direct.pop(_key(account, person), None)


def call(account: Account, method: str, path: str, *, bucket: str, **content: Any) -> httpx.Response:
    """One request, unless Discord's limits or its patience forbid it now; `DeliveryError`."""
    line, found = _line(account), circuit(account)
    found.ask(bucket)

    def asked() -> httpx.Response:
        answer = line.ask(method, path, **content)
        found.heard(bucket, answer)
        return answer

    return wire.call(asked, errors.of_answer)


def circuit(account: Account) -> Circuit:
    """The circuit of the account's token."""
    name = _token(account)
    with _lock:
        if len(_circuits) >= KEPT:
            _circuits.pop(next(iter(_circuits)))
        return _circuits.setdefault(name, Circuit())


def _message(outgoing: Outgoing) -> tuple[dict[str, Any], File | None]:
    """The body, and the file that goes with it; what is too large, or not there, goes as its link."""
    body = wording.body(outgoing)
    if not isinstance(outgoing.content, Media):
        return body, None
    file = outgoing.load() if outgoing.load else None
    if file is None or len(file.content) > FILE_MAX:
        return body | wording.with_link(outgoing.content), None
    name = outgoing.content.filename or file.name or "file"
    return body, File(file.content, file.media_type, name)


def _post(account: Account, channel: str, body: dict[str, Any], file: File | None) -> Sent:
    path, bucket = f"channels/{channel}/messages", f"messages:{channel}"
    if file is None:
        answer = call(account, "POST", path, bucket=bucket, json=body)
    else:
        told = body | {"attachments": [{"id": 0, "filename": file.name}]}
        form = {"payload_json": base.dumps(told)}
        files = {"files[0]": (file.name, file.content, file.media_type)}
        answer = call(account, "POST", path, bucket=bucket, data=form, files=files)
    number = base.text(wire.body(answer), "id")
    if not number:
        raise DeliveryError("lost", provider_text="the answer names no message", http_status=answer.status_code)
    return Sent(number[:255])


def _remember(key: tuple[str, str, str], channel: str) -> None:
    with _lock:
        _direct[key] = channel
        while len(_direct) > KEPT:
            _direct.popitem(last=False)


def _key(account: Account, person: str) -> tuple[str, str, str]:
    return account.text("base_url", BASE_URL), _token(account), person


def _token(account: Account) -> str:
    """A name for the token that does not tell it."""
    named = f"{account.text('base_url', BASE_URL)} {account.secret('bot_token')}"
    return hashlib.sha256(named.encode()).hexdigest()


def _line(account: Account) -> wire.Line:
    token = account.secret("bot_token")
    headers = {"user-agent": AGENT} | ({"authorization": f"Bot {token}"} if token else {})
    return wire.line(account.text("base_url", BASE_URL).rstrip("/") + "/", headers)
