"""Does every content fit every channel, with every option within reach?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.capabilities import PLAIN, Capabilities
from conversations.content import Card, Choice, Content, Location, Media, Option, Text
from conversations.journeys.render import Rendered, render, split
from conversations.journeys.state import Answer, Chosen, Page
from tests.conversations.fitting import fits
from tests.conversations.playing import Player, journey

WEB = Capabilities(
    "web", text_limit=4000, choice_text_limit=4000, buttons_max=3, button_label_max=80, list_max=200,
    list_label_max=200, list_description_max=200, payload_max=1000, location=True, typing=True, receipts=True,
    pull=True,
)  # fmt: skip
WHATSAPP = Capabilities(
    "whatsapp", text_limit=4096, buttons_max=3, button_label_max=20, list_max=10, list_label_max=24,
    list_description_max=72, location=True, typing=True, receipts=True, window_hours=24,
)  # fmt: skip
CHANNELS = (WEB, WHATSAPP, PLAIN)


def menu(count: int, label: str = "Option {n}", text: str = "Which?", page: int = 1) -> Choice:
    rows = (Option(f"o{n}", label.format(n=n), f"r1:4:o{n}", number=n) for n in range(1, count + 1))
    return Choice(text, tuple(rows), button="Choose", more="More", page=page)


def last(rendered: Rendered) -> Content:
    return rendered.messages[-1]


def test_three_options_are_buttons_and_four_a_list_on_whatsapp() -> None:
    assert [last(render(menu(count), WHATSAPP)).kind for count in (1, 3, 4, 10)] == [
        "buttons",
        "buttons",
        "list",
        "list",
    ]


def test_more_than_ten_come_in_pages_of_nine_and_more() -> None:
    first = last(render(menu(20), WHATSAPP))
    assert [option.id for option in first.options] == [f"o{n}" for n in range(1, 10)] + ["_page2"]
    assert (first.options[-1].label, first.options[-1].payload) == ("More", "r1:4:_page2")
    third = last(render(menu(20, page=3), WHATSAPP))
    assert [option.id for option in third.options] == ["o19", "o20", "_page1"]


def test_text_channels_get_numbers_and_the_numbers_go_on_over_pages() -> None:
    assert last(render(menu(2), PLAIN)) == Text("Which?\n1) Option 1\n2) Option 2")
    second = last(render(menu(12, page=2), PLAIN)).text
    assert second == "Which?\n10) Option 10\n11) Option 11\n12) Option 12\n0) More"


def test_the_option_map_is_the_same_on_every_channel_and_page() -> None:
    maps = [render(menu(12, page=page), channel).options for channel in CHANNELS for page in (1, 2)]
    assert all(options == maps[0] for options in maps)


def test_a_label_too_long_is_cut_and_stands_in_full_where_there_is_room() -> None:
    label = "A very long option number {n}"
    buttons = last(render(menu(2, label), WHATSAPP))
    assert buttons.text == "Which?\n1) A very long option number 1\n2) A very long option number 2"
    assert [option.label for option in buttons.options] == ["1. A very long opti…", "2. A very long opti…"]
    rows = last(render(menu(4, label), WHATSAPP)).options
    assert rows[0].description == "A very long option number 1"


def test_a_label_that_fits_is_left_alone() -> None:
    assert last(render(menu(3), WHATSAPP)).text == "Which?"


def test_a_payload_that_does_not_fit_becomes_a_short_token() -> None:
    small = Capabilities("small", buttons_max=3, payload_max=8)
    choice = Choice("?", (Option("a_long_option_id", "A", "r1:4:a_long_option_id"),))
    assert last(render(choice, small)).options[0].payload == "r1:4:#1"


def test_long_text_is_split_at_the_limit_and_nothing_is_lost() -> None:
    words = " ".join(f"word{n}" for n in range(2000))
    pieces = [message.text for message in render(Text(words), PLAIN).messages]
    assert max(map(len, pieces)) <= 1600
    assert " ".join(pieces) == words


def test_a_long_question_goes_first_and_its_buttons_come_last() -> None:
    rendered = render(menu(2, text="x" * 1500), WHATSAPP)
    assert [type(message).__name__ for message in rendered.messages] == ["Text", "Choice"]


def test_media_cards_and_places_become_words_and_links_where_they_must() -> None:
    picture = Media(kind="image", url="https://shop.example/a.png", caption="A chair")
    assert render(picture, WHATSAPP).messages == (picture,)
    assert render(picture, PLAIN).messages == (Text("A chair\nhttps://shop.example/a.png"),)
    assert render(Card("Chair", "Nice"), WEB).messages == (Text("Chair\nNice"),)
    place = Location(1.0, 2.0, name="Shop")
    assert (render(place, WEB).messages, "openstreetmap" in last(render(place, PLAIN)).text) == ((place,), True)


@given(st.text(max_size=300), st.integers(1, 60))
def test_any_text_is_split_within_its_limit(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(0 < len(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


OPTIONS = st.lists(st.text(min_size=1, max_size=120), min_size=1, max_size=30)


@pytest.mark.scenario("J-56")
@given(st.text(max_size=1200), OPTIONS, st.integers(-2, 9))
def test_any_menu_fits_any_channel(text: str, labels: list[str], page: int) -> None:
    rows = tuple(Option(f"o{n}", label, f"run:7:o{n}") for n, label in enumerate(labels))
    for channel in CHANNELS:
        fits(render(Choice(text, rows, page=page), channel), channel)


def test_more_shows_the_next_page_and_the_buttons_stay_valid() -> None:
    options = [{"id": f"o{n}", "label": f"Option {n}"} for n in range(1, 13)]
    player = Player(journey({"id": "m", "type": "menu", "text": "?", "options": options, "paging": True}))
    tap = player.payloads()["Option 3"]
    assert player.says("more").given == Page(2)
    assert (player.said[0].page, player.says("0").given) == (2, Page(3))
    assert player.taps(tap).given == Chosen("o3", "")


def test_a_menu_of_an_ask_answers_with_its_value() -> None:
    player = Player(journey({"id": "sure", "type": "ask", "text": "Sure?", "expect": {"kind": "boolean"}}))
    assert player.taps(player.payloads()["No"]).given == Answer(False, "")
