"""How is a line of the story done? On the pretended providers' phones and the shop's page, through the real doors."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import SystemRandom
from typing import Any, TypeVar

import httpx

from channels_app.models import Channel
from channels_app.sandbox import emulators, people
from channels_app.sandbox.emulators import Bubble
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.people import Person
from channels_app.sandbox.shapes import Said
from channels_app.sandbox.story import shop
from channels_app.sandbox.story.script import LINES, SHOP, WEB, Line, Unplayable
from channels_app.sandbox.story.visitor import Visitor

CODE = re.compile(r"(?<![A-Z0-9])[A-Z0-9]{16}(?![A-Z0-9])")
YES = "Yes, link them"
Found = TypeVar("Found")
PATIENCE, PAUSE = 8.0, 0.15  # seconds that a line waits for what it needs; the page asks again


@dataclass
class Story:
    """Where one play stands: what the page keeps between two lines, as plain JSON."""

    hero: str
    token: str = ""
    code: str = ""
    seen: dict[str, int] = field(default_factory=dict)

    @classmethod
    def begin(cls) -> Story:
        """Somebody whom nobody knows yet."""
        return cls(hero=f"lea-{SystemRandom().randrange(49_150_000_0000, 49_179_999_9999)}")

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Story:
        """What the page sent back; anything odd in it begins a new story."""
        hero, seen = str(data.get("hero") or ""), data.get("seen")
        if people.find(hero) is None or not people.is_story(hero):
            return cls.begin()
        counts = {str(k): v for k, v in seen.items() if isinstance(v, int)} if isinstance(seen, Mapping) else {}
        return cls(hero, str(data.get("token") or ""), str(data.get("code") or "")[:16], counts)

    @property
    def person(self) -> Person:
        found = people.find(self.hero)
        assert found is not None
        return found


@dataclass
class Player:
    """Plays lines of one story; `site` is where this product answers."""

    story: Story
    site: str
    patience: float = PATIENCE
    shop: Callable[[Line, Person], str] = shop.does

    def play(self, number: int) -> str:
        """Does the line; returns what is to be shown for it. `Unplayable` if it could not be done in time."""
        line = LINES[number]
        if line.place == SHOP:
            return self.shop(line, self.story.person)
        try:
            return _ACTS[line.verb](self, line)
        except httpx.HTTPError as error:
            raise Unplayable(f"The shop's chat did not answer: {type(error).__name__}.") from error

    # --- verbs ----------------------------------------------------------------------------------------------------

    def says(self, line: Line) -> str:
        self._look_up(line.place)
        if line.place == WEB:
            with self._browser() as browser:
                browser.says(line.words)
        else:
            self._write(line.place, Said("text", text=line.words))
        return line.words

    def taps(self, line: Line) -> str:
        return self._tap(line.place, line.words)

    def yes(self, line: Line) -> str:
        self._await(line.place, line.words)
        return self._tap(line.place, YES)

    def gets(self, line: Line) -> str:
        return self._await(line.place, line.words)

    def leads(self, line: Line) -> str:
        channel = self._channel(line.words)
        if line.place == WEB:
            with self._browser() as browser:
                words = browser.link_to(channel.key)
                self.story.token = browser.token
        else:
            asked = f"Continue on {emulators.of(channel).title}"
            self._look_up(line.place)
            self._write(line.place, Said("text", text=asked))
            words = self._await(line.place, "To go on in")
        found = CODE.search(words)
        if found is None:
            raise Unplayable("There is no code in the link.")
        self.story.code = found.group()
        return words.strip()

    def follows(self, line: Line) -> str:
        self._look_up(line.place)
        self._write(line.place, Said("open", text=self.story.code))
        return "opens the link"

    def returns(self, line: Line) -> str:
        self.story.seen[WEB] = 0
        with self._browser() as browser:
            self.story.seen[WEB] = len(browser.said())
            browser.returns()
        return "opens the shop again"

    # --- what they need -------------------------------------------------------------------------------------------

    def _await(self, place: str, words: str) -> str:
        """The newest thing said there since the person's last act that holds these words."""
        return self._patiently(lambda: self._found(place, words), f"“{words}” has not come on {place}.")

    def _found(self, place: str, words: str) -> str | None:
        fresh = self._heard(place)[self.story.seen.get(place, 0) :]
        return next((text for text in reversed(fresh) if words in text), None)

    def _tap(self, place: str, label: str) -> str:
        if place == WEB:
            with self._browser() as browser:
                seen = len(browser.said())
                if not browser.taps(label):
                    raise Unplayable(f"There is no button “{label}” in the shop's chat.")
            self.story.seen[WEB] = seen
            return label
        bubble, option, title = self._patiently(lambda: self._button(place, label), f"No button “{label}” on {place}.")
        self._look_up(place)
        self._write(place, Said("tap", message=bubble, option=option, title=title))
        return label

    def _button(self, place: str, label: str) -> tuple[str, str, str] | None:
        for bubble in self._bubbles(place):
            offered = [(button.id, button.title) for button in bubble.buttons]
            offered += [(row.id, row.title) for row in (bubble.list.rows if bubble.list else ())]
            for option, title in offered:
                if title == label:
                    return bubble.id, option, title
        return None

    def _patiently(self, look: Callable[[], Found | None], missing: str) -> Found:
        deadline = time.monotonic() + self.patience
        while (found := look()) is None:
            if time.monotonic() > deadline:
                raise Unplayable(missing)
            time.sleep(PAUSE)
        return found

    def _look_up(self, place: str) -> None:
        self.story.seen[place] = len(self._heard(place))

    def _heard(self, place: str) -> list[str]:
        if place == WEB:
            with self._browser() as browser:
                return [_words(content) for content in browser.said()]
        return [bubble.text for bubble in reversed(self._bubbles(place))]

    def _bubbles(self, place: str) -> list[Bubble]:
        """What the person was written, the newest first."""
        channel = self._channel(place)
        emulator = emulators.of(channel)
        rows = SandboxMessage.objects.filter(channel=channel.key, address=emulator.address(self.story.person))
        return [emulator.bubble(row) for row in rows.filter(is_from_customer=False).order_by("-pk")[:40]]

    def _write(self, place: str, said: Said) -> None:
        channel = self._channel(place)
        emulators.of(channel).write(channel, self.story.person, said)

    def _browser(self) -> _Kept:
        return _Kept(self.story, self.site, self._channel(WEB).key)

    def _channel(self, kind: str) -> Channel:
        rows = Channel.objects.filter(kind=kind, is_enabled=True).order_by("pk")
        found = next((row for row in rows if kind == WEB or emulators.is_pretended(row.key)), None)
        if found is None:
            raise Unplayable(f"There is no {kind} channel of the demo: run manage.py seed_demo.")
        return found


class _Kept(Visitor):
    """The story's browser: what it was given as a token is kept."""

    def __init__(self, story: Story, site: str, channel: str) -> None:
        super().__init__(site, channel, story.token)
        self.story = story

    def __enter__(self) -> _Kept:
        return self

    def __exit__(self, *_: object) -> None:
        self.story.token = self.token
        super().__exit__()


def _words(content: Mapping[str, Any]) -> str:
    return " ".join(str(content.get(name) or "") for name in ("text", "title", "url", "link", "caption"))


_ACTS: Mapping[str, Callable[[Player, Line], str]] = {
    "says": Player.says,
    "taps": Player.taps,
    "yes": Player.yes,
    "gets": Player.gets,
    "leads": Player.leads,
    "follows": Player.follows,
    "returns": Player.returns,
}
