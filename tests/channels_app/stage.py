"""How do tests run a pretended provider? The emulator on a real port, its letters carried to the real door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from channels_app import delivery, ingest
from channels_app.models import Channel
from channels_app.sandbox import emulators, postman
from channels_app.sandbox.models import SandboxControls, SandboxMessage
from conversations.models import Message, Session
from tests.channels_app import doors, pretended


@dataclass
class Stage:
    """One channel of the demo, and Maya with her phone."""

    channel: Channel
    post: pretended.Post

    def does(self, act: str = "text", text: str = "", *, who: str = "maya", **more: Any) -> SandboxMessage | None:
        """A person does something on the phone, and it is handled."""
        row = pretended.write(self.channel, act, text, who=who, **more)
        self.go_on()
        return row

    def looks(self, who: str = "maya") -> int:
        """The person looks at the phone."""
        seen = emulators.of(self.channel).look(self.channel, pretended.person(who))
        self.go_on()
        return seen

    def go_on(self) -> list[int]:
        """Whatever waits anywhere is carried, handled and sent; returns what the door answered."""
        answers: list[int] = []
        while self.post.waiting or not answers:
            answers += [status for status, _ in self.post.carry(door)] or [0]
            ingest.drain()
            while delivery.send_due():
                pass
        return answers

    def controls(self, **changed: Any) -> None:
        SandboxControls.objects.update_or_create(channel=self.channel.key, defaults=changed)

    @property
    def address(self) -> str:
        return emulators.of(self.channel).address(pretended.person("maya"))

    @property
    def phone(self) -> list[SandboxMessage]:
        """What we wrote to Maya."""
        rows = SandboxMessage.objects.filter(channel=self.channel.key, address=self.address, is_from_customer=False)
        return list(rows.order_by("pk"))

    @property
    def heard(self) -> list[Message]:
        """What Maya wrote, as it lies here."""
        rows = Message.objects.filter(session__channel=self.channel.key, author=Message.Author.CUSTOMER)
        return list(rows.order_by("pk"))

    @property
    def session(self) -> Session:
        return Session.objects.filter(channel=self.channel.key).latest("pk")


def door(letter: postman.Letter) -> tuple[int, str]:
    """The real door, asked as the provider's server would."""
    path, _, query = ("/" + letter.url.split("/", 3)[3]).partition("?")
    headers = dict(letter.headers)
    status, body, _ = doors.run(lambda: doors.call(letter.body, path=path, query=query, headers=headers))
    return status, body.decode()


@contextmanager
def stage(kind: str, site: str) -> Iterator[Stage]:
    """The demo's channel of a kind, its provider's API on a site."""
    with pretended.posting() as post:
        yield Stage(channel(kind, site), post)


@contextmanager
def stages(site: str, *kinds: str) -> Iterator[list[Stage]]:
    """Several of them, with one postman."""
    with pretended.posting() as post:
        yield [Stage(channel(kind, site), post) for kind in kinds]


def channel(kind: str, site: str) -> Channel:
    emulator = emulators.find(kind)
    assert emulator is not None
    fields = emulators.demo_fields(emulator)
    fields["config"] |= {"base_url": emulator.root(site)}
    made = Channel.objects.create(**fields)
    emulator.reset(made)  # what another test left with the provider would stand before our first word
    return made
