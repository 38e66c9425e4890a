"""How is any adapter asked whether it keeps its promises? With letters of its own emulator, caught and changed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, get_args

from channels_app.models import Channel
from channels_app.registry import (
    Account,
    Adapter,
    BadSignature,
    DeliveryError,
    Envelope,
    Inbound,
    Malformed,
    Outgoing,
    Parsed,
    RawEvent,
    Request,
    account_of,
    adapter,
)
from channels_app.sandbox import emulators, people, postman
from channels_app.sandbox.emulators import Emulator, Said
from conversations.content import Content, Text
from customers.namespaces import Namespace

CODE = "K7Q2-9XPM"
HELLO = Text("Hello")
OTHER_KEY = "ab" * 32
VALUES: tuple[Any, ...] = (None, "", "x" * 3000, -1, 10**30, 1e300, [], {}, [[]], [None], {"id": {}}, True, "\ud800")


@dataclass(frozen=True)
class Subject:
    """One kind of channel, connected to its emulator; `letters` are what was caught when somebody wrote."""

    adapter: Adapter
    emulator: Emulator
    channel: Channel
    account: Account
    address: str
    letters: tuple[postman.Letter, ...]

    def outgoing(self, content: Content, namespace: str, thread: Mapping[str, Any]) -> Outgoing:
        return Outgoing(content, namespace, self.address, "0198f7a2-ref", thread=thread)

    def opened(self) -> list[tuple[postman.Letter, Envelope]]:
        """The letters that are events, with what the adapter made of them."""
        found = [(letter, attempt(self.adapter, request(letter), self.account)) for letter in self.letters]
        return [(letter, envelope) for letter, envelope in found if envelope is not None and envelope.events]

    def events(self) -> list[RawEvent]:
        return [event for _, envelope in self.opened() for event in envelope.events]

    def inbound(self) -> list[Inbound]:
        parsed = [one for event in self.events() for one in self.adapter.parse(event.raw, self.account)]
        return [one for one in parsed if isinstance(one, Inbound)]

    def secrets(self) -> list[str]:
        return [str(value) for value in self.account.credentials.values()]


def subject(kind: str, site: str = "http://localhost") -> Subject:
    """Maya writes, follows a link, and does what else the emulator knows; the demo's channel hears it."""
    emulator = emulators.find(kind)
    assert emulator is not None
    fields = emulators.demo_fields(emulator)
    fields["config"] |= {"base_url": emulator.root(site)}
    channel = Channel.objects.create(**fields)
    emulator.reset(channel)
    maya = people.CAST[0]
    with caught() as letters:
        emulator.write(channel, maya, Said("text", "hi"))
        emulator.write(channel, maya, Said("open", CODE))
        for name in emulator.actions:
            emulator.write(channel, maya, Said("action", option=name))
    found = adapter(kind)
    return Subject(found, emulator, channel, account_of(channel), emulator.address(maya), tuple(letters))


@contextmanager
def caught() -> Iterator[list[postman.Letter]]:
    """Letters that nobody delivers."""
    letters: list[postman.Letter] = []

    def carry(letter: postman.Letter, after: float) -> bool:
        letters.append(letter)
        return True

    before = postman.carried_by(carry)
    try:
        yield letters
    finally:
        postman.carried_by(before)


def request(letter: postman.Letter) -> Request:
    """The letter as the door hands it to the adapter."""
    headers = {name.lower().encode(): value.encode() for name, value in letter.headers.items()}
    return Request(letter.body, headers, letter.url)


def attempt(found: Adapter, asked: Request, *accounts: Account) -> Envelope | None:
    """The envelope, or None when it was refused; any other exception is a broken promise."""
    try:
        return found.verify(asked, list(accounts))
    except (BadSignature, Malformed):
        return None


def stranger(account: Account) -> Account:
    """The same account with other secrets (and another public key)."""
    credentials = {name: f"other:{value}"[::-1] for name, value in account.credentials.items()}
    config = {name: OTHER_KEY if name == "public_key" else value for name, value in account.config.items()}
    return replace(account, credentials=credentials, config=config)


def rotated(account: Account) -> Account:
    """New secrets, and the old ones still known."""
    kept = {f"{name}_previous": value for name, value in account.credentials.items()}
    return replace(account, credentials={name: f"new-{value}" for name, value in account.credentials.items()} | kept)


def shows_its_secret(letter: postman.Letter, account: Account) -> bool:
    """Does the provider only show a shared word, so that the body is not signed (Telegram, basic authentication)?"""
    shown = " ".join(letter.headers.values())
    for word in shown.split():
        try:
            shown += " " + base64.b64decode(word, validate=True).decode()
        except ValueError:
            continue
    return any(str(value) in shown for value in account.credentials.values())


def tampered(letter: postman.Letter) -> Iterator[Request]:
    """The letter with something added, cut off, or changed in the middle; and without each of its headers."""
    whole = request(letter)
    middle = len(letter.body) // 2
    for body in (letter.body + b" ", letter.body[:-1], letter.body[:middle] + b"~" + letter.body[middle + 1 :], b""):
        yield replace(whole, body=body)


def stripped(letter: postman.Letter) -> Iterator[Request]:
    whole = request(letter)
    for name in whole.headers:
        yield replace(whole, headers={key: value for key, value in whole.headers.items() if key != name})
    yield replace(whole, headers={})


def mutations(raw: str) -> Iterator[str]:
    """Truncations; and, of JSON, each member left out or replaced by each of `VALUES`."""
    yield from (raw[:length] for length in range(0, len(raw), max(len(raw) // 12, 1)))
    try:
        data = json.loads(raw)
    except ValueError:
        return
    for path in list(paths(data)):
        yield json.dumps(changed(data, path, drop=True))
        yield from (json.dumps(changed(data, path, value)) for value in VALUES)


def paths(data: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, value in members:
        yield (*before, name)
        yield from paths(value, (*before, name))


def changed(data: Any, path: tuple[Any, ...], value: Any = None, *, drop: bool = False) -> Any:
    """A copy of the data with one member replaced or left out."""
    copy = json.loads(json.dumps(data))
    place = copy
    for name in path[:-1]:
        place = place[name]
    if drop:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return copy


def well_formed(parsed: Parsed) -> None:
    """What every event may be stored as, whatever the provider sent."""
    assert isinstance(parsed, get_args(Parsed))
    assert parsed.occurred_at.tzinfo is not None
    assert len(getattr(parsed, "external_id", "")) <= 255
    for handle in getattr(parsed, "handles", ()):
        namespace, scope, raw, proof, display = handle
        assert namespace in set(Namespace) and all(isinstance(one, str) for one in (scope, raw, proof, display))
    if isinstance(parsed, Inbound):
        parsed.content.to_json()
        json.dumps(dict(parsed.thread))
        assert "\0" not in parsed.text
        assert all(isinstance(one.get("reference"), str) for one in parsed.media)


def refusal(one: Subject, account: Account, content: Content = HELLO) -> DeliveryError | None:
    """How a send fails, None if it does not."""
    newest = one.inbound()[-1]
    try:
        one.adapter.send(account, one.outgoing(content, newest.handles[0][0], newest.thread))
    except DeliveryError as error:
        return error
    return None
