"""How do tests run a pretended Telegram? The emulator on a real port, its letters carried to the door one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from channels_app.models import Channel
from channels_app.sandbox import emulators, postman
from channels_app.sandbox.emulators import Said
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.people import Person, find
from channels_app.sandbox.telegram_emulator import queues

Answer = tuple[int, str]
Door = Callable[[postman.Letter], Answer]


@dataclass
class Post:
    """Letters that wait to be carried: (seconds until due, letter); `door` answers them."""

    waiting: list[tuple[float, postman.Letter]] = field(default_factory=list)

    def take(self, letter: postman.Letter, after: float) -> bool:
        self.waiting.append((after, letter))
        return True

    def carry(self, door: Door, rounds: int = 20) -> list[Answer]:
        """Carries what waits, and what follows from that; a refused letter is put back if it wants to come again."""
        answers = []
        for _ in range(rounds):
            if not self.waiting:
                break
            answers.append(self.carry_one(door))
        return answers

    def carry_one(self, door: Door) -> Answer:
        _, letter = self.waiting.pop(0)
        status, words = door(letter)
        letter.note(status, words, 1)
        if not 200 <= status < 300 and (wait := letter.again(letter.tries, "")) is not None:
            self.take(replace(letter, tries=letter.tries + 1), wait)
        return status, words


@contextmanager
def posting() -> Iterator[Post]:
    """From now on letters wait to be carried."""
    carried = Post()
    before = postman.carried_by(carried.take)
    try:
        yield carried
    finally:
        postman.carried_by(before)


def channel(site: str, *, webhook: str = "", **config: Any) -> Channel:
    """The demo's bot, with its Bot API on a site; it polls unless its webhook is named."""
    emulator = emulators.find("telegram")
    assert emulator is not None
    fields = emulators.demo_fields(emulator)
    fields["config"] |= {"base_url": emulator.root(site)} | ({"webhook_url": webhook} if webhook else {}) | config
    made = Channel.objects.create(**fields)
    queues.drop(made)
    return made


def person(key: str = "maya") -> Person:
    found = find(key)
    assert found is not None
    return found


def write(bot: Channel, act: str = "text", text: str = "", *, who: str = "maya", **more: Any) -> SandboxMessage | None:
    """A person of the cast does something on their phone."""
    return emulators.of(bot).write(bot, person(who), Said(act, text, **more))  # type: ignore[arg-type]  # a word of Act
