"""How does this content look with these capabilities? `(content, capabilities) -> wire messages and option map`.

A number, a label and a tap mean the same everywhere: the number of an option is its place in the whole menu, on
whichever page it is shown, and the map is the same for every channel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from conversations.capabilities import Capabilities
from conversations.content import Card, Choice, Content, Location, Media, Option, Template, Text

NUMBERED_PAGE = 9  # options on one page of numbered text; one more still fits without pages
LINK_ROOM = 300  # characters that a link to a file may need: the count of messages must not depend on the link
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
    if isinstance(content, Template) and capabilities.templates:
        return Rendered((content,))
    if isinstance(content, Location):
        return Rendered(_location(content, capabilities))
    return Rendered(_texts(content.plain_text(), capabilities))


def length(text: str, utf16: bool = False) -> int:
    """How long a provider takes the text for: in characters, or in UTF-16 units (an emoji counts two)."""
    return len(text) + sum(char > "\uffff" for char in text) if utf16 else len(text)


def split(text: str, limit: int, utf16: bool = False) -> list[str]:
    """The text in pieces of at most `limit` characters (or UTF-16 units), cut at a line, a space, or anywhere."""
    pieces: list[str] = []
    rest = text.strip()
    while length(rest, utf16) > limit:
        most = max(len(_head(rest, limit, utf16)), 1)
        head = rest[: most + 1]
        cut = max(head.rfind("\n"), 0) or max(head.rfind(" "), 0)
        cut = cut if cut > most // 2 else most
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [piece for piece in (*pieces, rest) if piece]


def _head(text: str, limit: int, utf16: bool) -> str:
    """As much of the beginning as fits; a character is never cut in two."""
    if not utf16:
        return text[:limit]
    return text[:limit].encode("utf-16-le", "surrogatepass")[: 2 * limit].decode("utf-16-le", "ignore")


def _split(text: str, limit: int, capabilities: Capabilities) -> list[str]:
    """The text in pieces as the provider counts them: where bytes count, a piece that has too many is cut again."""
    pieces = split(text, limit, capabilities.utf16)
    return [part for piece in pieces for part in _fewer_bytes(piece, limit)] if capabilities.counts_bytes else pieces


def _fewer_bytes(piece: str, limit: int) -> list[str]:
    size = _bytes(piece)
    if size <= limit:
        return [piece]
    shorter = split(piece, max(limit * len(piece) // size, 1))
    return [part for one in shorter for part in _fewer_bytes(one, limit)]


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _texts(text: str, capabilities: Capabilities) -> tuple[Content, ...]:
    return tuple(Text(piece) for piece in _split(text, capabilities.text_limit, capabilities))


def _choice(choice: Choice, capabilities: Capabilities) -> Rendered:
    whole = tuple(replace(option, number=option.number or n) for n, option in enumerate(choice.options, start=1))
    count, buttons_max, list_max = len(whole), capabilities.buttons_max, capabilities.list_max
    if capabilities.numbered or not whole or not (buttons_max or list_max):
        return Rendered(_numbered(choice, whole, capabilities), whole)
    if count <= buttons_max:
        return Rendered(_tappable(choice, whole, "buttons", capabilities), whole)
    if count <= list_max:
        return Rendered(_tappable(choice, whole, "list", capabilities), whole)
    kind: Literal["buttons", "list"] = "list" if list_max else "buttons"
    room = min(capabilities.page_max or 1000, list_max or buttons_max)
    if room < 2:
        return Rendered(_numbered(choice, whole, capabilities), whole)
    shown, following = _page(whole, choice.page, room - 1)
    more = Option(f"_page{following}", choice.more or "More", _sibling(whole[0].payload, f"_page{following}"))
    return Rendered(_tappable(choice, (*shown, more), kind, capabilities), whole)


def _page(options: tuple[Option, ...], page: int, size: int) -> tuple[tuple[Option, ...], int]:
    """The options of a page (any number wraps around), and the number of the page after it."""
    pages = -(-len(options) // size)
    page = (max(page, 1) - 1) % pages
    return options[page * size : (page + 1) * size], (page + 1) % pages + 1


def _numbered(choice: Choice, options: tuple[Option, ...], capabilities: Capabilities) -> tuple[Content, ...]:
    shown, more = options, ""
    if len(options) > NUMBERED_PAGE + 1 and not any(option.letter for option in options):
        shown, _ = _page(options, choice.page, NUMBERED_PAGE)
        more = f"\n0) {choice.more or 'More'}"
    rows = "\n".join(f"{option.mark}) {option.label}{_aside(option)}" for option in shown)
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
        row, left = _fit(option, limit, described, capabilities)
        fitted.append(row)
        overflow += [left] if left else []
    body = "\n".join([choice.text, *overflow]).strip() or BLANK
    *before, last = _split(body, capabilities.choice_text_limit, capabilities)
    button = _cut(choice.button or "Choose", capabilities.list_button_max, capabilities) if kind == "list" else ""
    wire = Choice(last, tuple(_distinct(fitted, limit, capabilities)), kind, button, choice.more, choice.page)
    return (*(text for piece in before for text in _texts(piece, capabilities)), wire)


def _fit(option: Option, limit: int, described: int, capabilities: Capabilities) -> tuple[Option, str]:
    whole, description = option.label.strip() or option.mark, option.description
    label = _cut(whole, limit, capabilities)
    left = ""
    if label != whole:
        if not description and length(whole, capabilities.utf16) <= described:
            description = whole
        else:
            left = f"{option.mark}) {whole}"
    if length(description, capabilities.utf16) > described:
        left = f"{option.mark}) {whole}: {option.description}"
        description = _cut(description, described, capabilities)
    payload = option.payload
    if len(payload.encode()) > capabilities.payload_max:
        payload = _sibling(payload, f"#{option.number}")
    return replace(option, label=label, description=description, payload=payload), left


def _distinct(options: list[Option], limit: int, capabilities: Capabilities) -> list[Option]:
    """Labels that were cut to the same text get their number in front: providers want them unique."""
    labels = [option.label for option in options]
    return [
        replace(option, label=_cut(f"{option.mark}. {option.label}", limit, capabilities))
        if labels.count(option.label) > 1
        else option
        for option in options
    ]


def _cut(text: str, limit: int, capabilities: Capabilities) -> str:
    if length(text, capabilities.utf16) <= limit:
        return text
    return _head(text, max(limit - 1, 0), capabilities.utf16).rstrip() + BLANK if limit else ""


def _sibling(payload: str, last: str) -> str:
    """The payload of another option of the same question."""
    return payload.rpartition(":")[0] + ":" + last if ":" in payload else last


def _media(media: Media, capabilities: Capabilities) -> tuple[Content, ...]:
    """The file itself where this kind and size of file goes out, with what its caption can hold; else a link to it."""
    if not capabilities.media or media.kind not in capabilities.sends or media.size > capabilities.media_max:
        return _linked(media.plain_text(), media.url, capabilities)
    if length(media.caption, capabilities.utf16) <= capabilities.caption_limit:
        return (media,)
    return (replace(media, caption=""), *_texts(media.caption, capabilities))


def _linked(words: str, link: str, capabilities: Capabilities) -> tuple[Content, ...]:
    """Words and the link to a file: one message if both fit, else the link comes last, by itself.

    The link of a file of ours is made only when it leaves, so that the number of messages is fixed without it.
    """
    *before, last = _split(words, capabilities.text_limit, capabilities) or [BLANK]
    room = capabilities.text_limit - LINK_ROOM - 1
    if (_bytes(last) if capabilities.counts_bytes else length(last, capabilities.utf16)) <= room:
        together = f"{_cut(last, max(capabilities.text_limit - len(link) - 1, 0), capabilities)}\n{link}".strip()
        return tuple(Text(piece) for piece in (*before, together))
    return tuple(Text(piece) for piece in (*before, last, link or BLANK))


def _location(place: Location, capabilities: Capabilities) -> tuple[Content, ...]:
    if capabilities.location:
        return (place,)
    link = f"https://www.openstreetmap.org/?mlat={place.latitude:.6f}&mlon={place.longitude:.6f}"
    return _texts(f"{place.plain_text()}\n{link}", capabilities)


def _card(card: Card, capabilities: Capabilities) -> tuple[Content, ...]:
    """A picture with the words below it, where pictures go out; else the words and the link."""
    if card.image_url and capabilities.media and "image" in capabilities.sends:
        return _media(Media(kind="image", url=card.image_url, caption=card.plain_text()), capabilities)
    return _texts(card.plain_text(), capabilities)
