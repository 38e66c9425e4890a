"""How does this content look with these capabilities? `(content, capabilities) -> wire messages and option map`.

A number, a label and a tap mean the same everywhere: the number of an option is its place in the whole menu, on
whichever page it is shown, and the map is the same for every channel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from conversations.capabilities import Capabilities
from conversations.content import Card, Choice, Content, Location, Media, Option, Template, Text

NUMBERED_PAGE = 9
BLANK = "…"


@dataclass(frozen=True, slots=True)
class Rendered:
    """What goes over the wire, one provider request each, and the options behind taps, numbers and labels."""

    messages: tuple[Content, ...]
    options: tuple[Option, ...] = ()


def render(content: Content, capabilities: Capabilities) -> Rendered:
    """The content cut to what the channel can carry; options keep their order, number and meaning."""
    if isinstance(content, Choice):
        return _choice(content, capabilities)
    if isinstance(content, Media):
        return Rendered(_media(content, capabilities))
    if isinstance(content, Card):
        return Rendered(_card(content, capabilities))
    if isinstance(content, Template):
        return Rendered((content,))
    if isinstance(content, Location) and capabilities.location:
        return Rendered((content,))
    if isinstance(content, Location):
        link = f"https://www.openstreetmap.org/?mlat={content.latitude:.6f}&mlon={content.longitude:.6f}"
        return Rendered(_texts(f"{content.plain_text()}\n{link}", capabilities))
    return Rendered(_texts(content.plain_text(), capabilities))


def split(text: str, limit: int) -> list[str]:
    """The text in pieces of at most `limit` characters, cut at a line, else a space, else anywhere."""
    pieces: list[str] = []
    rest = text.strip()
    while len(rest) > limit:
        head = rest[: limit + 1]
        cut = max(head.rfind("\n"), 0) or max(head.rfind(" "), 0)
        cut = cut if cut > limit // 2 else limit
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [piece for piece in (*pieces, rest) if piece]


def _texts(text: str, capabilities: Capabilities) -> tuple[Content, ...]:
    return tuple(Text(piece) for piece in split(text, capabilities.text_limit))


def _choice(choice: Choice, capabilities: Capabilities) -> Rendered:
    whole = tuple(replace(option, number=option.number or n) for n, option in enumerate(choice.options, start=1))
    count = len(whole)
    if capabilities.numbered or not whole or (count > capabilities.buttons_max and not capabilities.list_max):
        return Rendered(_numbered(choice, whole, capabilities), whole)
    if count <= capabilities.buttons_max:
        return Rendered(_tappable(choice, whole, "buttons", capabilities), whole)
    if count <= capabilities.list_max:
        return Rendered(_tappable(choice, whole, "list", capabilities), whole)
    shown, following = _page(whole, choice.page, capabilities.list_max - 1)
    more = Option(f"_page{following}", choice.more or "More", _sibling(whole[0].payload, f"_page{following}"))
    return Rendered(_tappable(choice, (*shown, more), "list", capabilities), whole)


def _page(options: tuple[Option, ...], page: int, size: int) -> tuple[tuple[Option, ...], int]:
    """The options of a page (any number wraps around), and the number of the page after it."""
    pages = -(-len(options) // size)
    page = (max(page, 1) - 1) % pages
    return options[page * size : (page + 1) * size], (page + 1) % pages + 1


def _numbered(choice: Choice, options: tuple[Option, ...], capabilities: Capabilities) -> tuple[Content, ...]:
    shown, more = options, ""
    if len(options) > NUMBERED_PAGE + 1:
        shown, _ = _page(options, choice.page, NUMBERED_PAGE)
        more = f"\n0) {choice.more or 'More'}"
    rows = "\n".join(f"{option.number}) {option.label}{_aside(option)}" for option in shown)
    return _texts(f"{choice.text}\n{rows}{more}", capabilities)


def _aside(option: Option) -> str:
    return f" ({option.description})" if option.description else ""


def _tappable(
    choice: Choice, options: tuple[Option, ...], kind: Literal["buttons", "list"], capabilities: Capabilities
) -> tuple[Content, ...]:
    """Buttons or a list; what a label or description cannot hold stands in the body, by its number."""
    limit = capabilities.button_label_max if kind == "buttons" else capabilities.list_label_max
    described = 0 if kind == "buttons" else capabilities.list_description_max
    fitted: list[Option] = []
    overflow: list[str] = []
    for option in options:
        row, left = _fit(option, limit, described, capabilities.payload_max)
        fitted.append(row)
        overflow += [left] if left else []
    body = "\n".join([choice.text, *overflow]).strip() or BLANK
    *before, last = split(body, capabilities.choice_text_limit)
    button = _cut(choice.button or "Choose", capabilities.list_button_max) if kind == "list" else ""
    wire = Choice(last, tuple(_distinct(fitted, limit)), kind, button, choice.more, choice.page)
    return (*(Text(piece) for piece in before), wire)


def _fit(option: Option, limit: int, described: int, payload_max: int) -> tuple[Option, str]:
    label, description = _cut(option.label, limit), option.description
    left = ""
    if label != option.label:
        if not description and len(option.label) <= described:
            description = option.label
        else:
            left = f"{option.number}) {option.label}"
    if len(description) > described:
        left = f"{option.number}) {option.label}: {option.description}"
        description = _cut(description, described)
    payload = option.payload
    if len(payload.encode()) > payload_max:
        payload = _sibling(payload, f"#{option.number}")
    return replace(option, label=label, description=description, payload=payload), left


def _distinct(options: list[Option], limit: int) -> list[Option]:
    """Labels that were cut to the same text get their number in front: providers want them unique."""
    labels = [option.label for option in options]
    return [
        replace(option, label=_cut(f"{option.number}. {option.label}", limit))
        if labels.count(option.label) > 1
        else option
        for option in options
    ]


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…" if limit else ""


def _sibling(payload: str, last: str) -> str:
    """The payload of another option of the same question."""
    return payload.rpartition(":")[0] + ":" + last if ":" in payload else last


def _media(media: Media, capabilities: Capabilities) -> tuple[Content, ...]:
    if not capabilities.media:
        return _texts("\n".join(part for part in (media.plain_text(), media.url) if part), capabilities)
    if len(media.caption) <= capabilities.caption_limit:
        return (media,)
    return (replace(media, caption=""), *_texts(media.caption, capabilities))


def _card(card: Card, capabilities: Capabilities) -> tuple[Content, ...]:
    if card.image_url and capabilities.media:
        return _media(Media(kind="image", url=card.image_url, caption=card.plain_text()), capabilities)
    return _texts(card.plain_text(), capabilities)
