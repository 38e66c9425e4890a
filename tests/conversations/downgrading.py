"""Which channels are there to render for? The table of limits, as data; and a wire message as readable lines."""

from __future__ import annotations

from collections.abc import Iterable

from conversations.capabilities import Capabilities
from conversations.content import Choice, Content, Location, Media, Template, Text
from conversations.journeys.render import length

MB = 1024 * 1024
WEB = Capabilities(
    "web", text_limit=4000, choice_text_limit=4000, buttons_max=3, button_label_max=80, list_max=200,
    list_label_max=200, list_description_max=200, payload_max=1000, location=True, pull=True,
)  # fmt: skip
WHATSAPP = Capabilities(
    "whatsapp", text_limit=4096, buttons_max=3, button_label_max=20, list_max=10, list_label_max=24,
    list_description_max=72, payload_max=200, location=True, window_hours=24, templates=True, media_max=16 * MB,
)  # fmt: skip
MESSENGER = Capabilities(
    "messenger", text_limit=1000, caption_limit=0, choice_text_limit=1000, buttons_max=13, button_label_max=20,
    page_max=13, payload_max=1000, window_hours=24, media_max=25 * MB,
)  # fmt: skip
INSTAGRAM = Capabilities(
    "instagram", text_limit=1000, caption_limit=0, choice_text_limit=1000, buttons_max=13, button_label_max=20,
    page_max=13, payload_max=1000, window_hours=24, media_max=8 * MB, sends=frozenset({"image", "audio", "video"}),
)  # fmt: skip
TELEGRAM = Capabilities(
    "telegram", text_limit=4096, caption_limit=1024, choice_text_limit=4096, buttons_max=10, button_label_max=64,
    payload_max=64, location=True, page_max=10, utf16=True, media_max=50 * MB,
)  # fmt: skip
DISCORD = Capabilities(
    "discord", text_limit=2000, caption_limit=2000, choice_text_limit=2000, buttons_max=3, button_label_max=80,
    list_max=25, list_label_max=100, list_description_max=100, list_button_max=150, payload_max=100, media_max=10 * MB,
)  # fmt: skip
EMAIL = Capabilities("email", text_limit=100_000, numbered=True, media_max=10 * MB)
SMS = Capabilities("sms", text_limit=1600, media=False, numbered=True)
CHANNELS = (WEB, WHATSAPP, MESSENGER, INSTAGRAM, TELEGRAM, DISCORD, EMAIL, SMS)


def lines(messages: Iterable[Content]) -> list[str]:
    """The wire messages as a person can read them: what is said, then what can be tapped with its payload."""
    found: list[str] = []
    for message in messages:
        found += ["---", *_lines(message)]
    return found


def _lines(message: Content) -> list[str]:
    match message:
        case Choice():
            opens = [f"<{message.button}>"] if message.kind == "list" else []
            rows = [f"[{one.label}] {one.description}".rstrip() + f" -> {one.payload}" for one in message.options]
            return [*message.text.split("\n"), *opens, *rows]
        case Media():
            return [f"({message.kind} {message.filename or message.url})", *message.caption.split("\n")]
        case Location():
            return [f"(pin {message.latitude}, {message.longitude} {message.name})"]
        case Template():
            return [f"(template {message.name} {list(message.parameters)})"]
        case _:
            return message.plain_text().split("\n")


def fits(messages: Iterable[Content], channel: Capabilities) -> None:
    """Every limit of the channel is kept by every message."""
    for message in messages:
        if isinstance(message, Text):
            assert 0 < length(message.text, channel.utf16) <= channel.text_limit
        elif isinstance(message, Choice):
            _choice_fits(message, channel)
        elif isinstance(message, Media):
            assert channel.media and message.kind in channel.sends and message.size <= channel.media_max
            assert length(message.caption, channel.utf16) <= channel.caption_limit
        elif isinstance(message, Location):
            assert channel.location


def _choice_fits(message: Choice, channel: Capabilities) -> None:
    few = message.kind == "buttons"
    most, widest = (
        (channel.buttons_max, channel.button_label_max) if few else (channel.list_max, channel.list_label_max)
    )
    described = 0 if few else channel.list_description_max
    assert not channel.numbered
    assert 0 < length(message.text, channel.utf16) <= channel.choice_text_limit
    assert 0 < len(message.options) <= most
    assert len(message.button) <= channel.list_button_max
    for option in message.options:
        assert 0 < length(option.label, channel.utf16) <= widest
        assert length(option.description, channel.utf16) <= described
        assert 0 < len(option.payload.encode()) <= channel.payload_max
