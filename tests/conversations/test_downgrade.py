"""Does one message become what each channel can carry? Snapshots step by channel, and properties over any content.

The snapshots are files that a person reads; after a wanted change: REWRITE_SNAPSHOTS=1, run, and look at the diff.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.capabilities import Capabilities
from conversations.content import Card, Choice, Content, Location, Media, Option, Template, Text
from conversations.journeys.render import render, split
from tests.conversations.downgrading import CHANNELS, DISCORD, INSTAGRAM, MB, SMS, TELEGRAM, WHATSAPP, fits, lines

SNAPSHOTS = Path(__file__).parent / "snapshots"
LINK = "https://shop.example/files/6f2b.png?sig=abc"
LONG = "A chair for people who sit nine hours a day, number {n}"


def menu(count: int, label: str = "Chair {n}", description: str = "", page: int = 1) -> Choice:
    rows = tuple(Option(f"o{n}", label.format(n=n), f"r1:4:o{n}", description.format(n=n)) for n in range(1, count + 1))
    return Choice("Which chair?", rows, button="Choose", more="More", page=page)


STEPS: dict[str, Content] = {
    "text": Text("Your order is on its way."),
    "three options": menu(3),
    "four options": menu(4, description="in stock"),
    "eleven options": menu(11),
    "eleven options, second page": menu(11, page=2),
    "thirty options": menu(30),
    "thirty options, last page of many": menu(30, page=4),
    "labels too long for anything": menu(3, LONG),
    "labels too long in a list": menu(4, LONG),
    "picture": Media("image", LINK, "The chair", "chair.png", "image/png", size=2 * MB),
    "document": Media("file", LINK, "Your invoice", "invoice.pdf", "application/pdf", size=MB),
    "film of 30 MB": Media("video", LINK, "How to build it", "build.mp4", "video/mp4", size=30 * MB),
    "place": Location(55.605, 13.0038, "Shop", "Stortorget 1, Malmö"),
    "card": Card("Ergo task chair", "Good for your back.", LINK, "https://shop.example/ergo"),
    "template": Template("continue_chat", "en", ("Maya",), "Hello Maya, shall we go on here?"),
}


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.kind)
def test_each_step_looks_as_in_the_snapshot(channel: Capabilities) -> None:
    shown = [f"{line}\n" for name, step in STEPS.items() for line in _section(name, step, channel)]
    file = SNAPSHOTS / f"{channel.kind}.txt"
    if os.environ.get("REWRITE_SNAPSHOTS"):
        file.write_text("".join(shown))
    assert "".join(shown) == file.read_text()


def _section(name: str, step: Content, channel: Capabilities) -> list[str]:
    return [f"== {name}", *lines(render(step, channel).messages), ""]


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.kind)
@pytest.mark.parametrize("name", STEPS)
def test_no_step_exceeds_a_limit(name: str, channel: Capabilities) -> None:
    fits(render(STEPS[name], channel).messages, channel)


LABELS = st.lists(st.text(min_size=1, max_size=120), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=1500), LABELS, st.text(max_size=150), st.integers(-2, 9))
def test_no_menu_exceeds_a_limit_anywhere(text: str, labels: list[str], description: str, page: int) -> None:
    rows = tuple(Option(f"o{n}", label, f"run:7:o{n}", description) for n, label in enumerate(labels))
    for channel in CHANNELS:
        fits(render(Choice(text, rows, page=page), channel).messages, channel)


@settings(max_examples=40, deadline=None)
@given(LABELS)
def test_every_option_can_be_reached_on_every_channel(labels: list[str]) -> None:
    rows = tuple(Option(f"o{n}", label, f"run:7:o{n}") for n, label in enumerate(labels, start=1))
    for channel in CHANNELS:
        assert reached(rows, channel) == {f"run:7:o{n}" for n in range(1, len(rows) + 1)}


def reached(rows: tuple[Option, ...], channel: Capabilities) -> set[str]:
    """The payloads behind taps (or numbers) when "More" is followed until the first page comes again."""
    found: set[str] = set()
    page = 1
    for _ in range(50):
        rendered = render(Choice("Which?", rows, page=page), channel)
        if channel.numbered:
            text = "\n" + "\n".join(message.plain_text() for message in rendered.messages)
            found |= {option.payload for option in rendered.options if f"\n{option.number})" in text}
            page += 1
            continue
        said = rendered.messages[-1]
        assert isinstance(said, Choice)
        found |= {option.payload for option in said.options if not option.id.startswith("_page")}
        page = next((int(option.id[5:]) for option in said.options if option.id.startswith("_page")), 1)
        if page == 1:
            break
    return found


@settings(max_examples=40, deadline=None)
@given(LABELS, st.integers(1, 6))
def test_numbers_and_labels_mean_the_same_everywhere(labels: list[str], page: int) -> None:
    rows = tuple(Option(f"o{n}", label, f"run:7:o{n}") for n, label in enumerate(labels, start=1))
    maps = [render(Choice("?", rows, page=page), channel).options for channel in CHANNELS]
    assert all(found == maps[0] for found in maps)
    assert [option.number for option in maps[0]] == list(range(1, len(rows) + 1))


MEDIA = st.builds(
    Media,
    kind=st.sampled_from(["image", "audio", "video", "file"]),
    url=st.just(LINK),
    caption=st.text(max_size=2500),
    filename=st.text(max_size=40),
    size=st.integers(0, 80 * MB),
)


@settings(max_examples=60, deadline=None)
@given(MEDIA)
def test_no_file_exceeds_a_limit_and_each_one_is_sent_or_linked(media: Media) -> None:
    for channel in CHANNELS:
        messages = render(media, channel).messages
        fits(messages, channel)
        assert any(isinstance(one, Media) or LINK in one.plain_text() for one in messages)


@settings(max_examples=60, deadline=None)
@given(MEDIA)
def test_the_number_of_messages_is_known_before_the_link(media: Media) -> None:
    unlinked = Media(media.kind, "", media.caption, media.filename, size=media.size)
    for channel in CHANNELS:
        assert len(render(media, channel).messages) == len(render(unlinked, channel).messages)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.integers(2, 60))
def test_utf_16_units_are_counted_where_the_provider_counts_them(text: str, limit: int) -> None:
    pieces = split(text, limit, utf16=True)
    assert all(0 < len(piece.encode("utf-16-le", "surrogatepass")) <= 2 * limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_an_emoji_counts_two_on_telegram_and_one_elsewhere() -> None:
    words = "🪑" * 3000
    assert len(render(Text(words), TELEGRAM).messages) == 2
    assert len(render(Text(words), WHATSAPP).messages) == 1


def test_a_caption_too_long_follows_its_picture() -> None:
    messages = render(Media("image", LINK, "x" * 1500), TELEGRAM).messages
    assert [message.type for message in messages] == ["media", "text"]


def test_a_kind_of_file_that_does_not_go_out_is_linked() -> None:
    (linked,) = render(STEPS["document"], INSTAGRAM).messages
    assert linked == Text(f"Your invoice\n{LINK}")


def test_a_file_that_fits_is_not_linked() -> None:
    assert render(STEPS["document"], DISCORD).messages == (STEPS["document"],)


def test_a_template_is_words_where_there_are_none() -> None:
    assert render(STEPS["template"], SMS).messages == (Text("Hello Maya, shall we go on here?"),)
