"""What does an HTML mail say in plain words? Sanitised first, earlier mails cut away; nothing is ever fetched."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3

TAGS_MAX = 20_000
LONGEST = 1_000_000  # characters of HTML that are looked at
ATTRIBUTES = {"*": {"class", "id"}, "blockquote": {"type", "class", "id"}, "a": {"href"}, "img": {"alt"}}
BLOCKS = frozenset(
    {"p", "div", "ul", "ol", "blockquote", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "center", "section"}
    | {"article", "header", "footer"}
)
VOID = frozenset({"br", "hr", "img"})
TAGS = BLOCKS | VOID | {"li", "tr", "td", "th", "a", "span", "b", "i", "strong", "em", "font"}
# What mail programs put around the mail that is answered, and what begins everything that follows it.
QUOTE_CLASSES = frozenset(
    {"gmail_quote", "gmail_quote_container", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote"}
)
ENDS = frozenset({"divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container"})
OPENING = re.compile(r"<[a-zA-Z]")
MANY_LINES = re.compile(r"\n{3,}")


def text(html: str, *, with_quotes: bool = False) -> str:
    """The words of the new part of an HTML mail; `with_quotes` keeps what it answers."""
    given = html[:LONGEST]
    if len(OPENING.findall(given)) > TAGS_MAX:
        given = given[:50_000]  # no mail program writes so many; nested, they cost more than their number
    mark = "\n[...]" if len(given) < len(html) else ""
    clean = nh3.clean(given, tags=set(TAGS), attributes=ATTRIBUTES, link_rel=None)
    reader = _Words(with_quotes)
    reader.feed(clean)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.said).splitlines())
    return MANY_LINES.sub("\n\n", "\n".join(lines)).strip() + mark


class _Words(HTMLParser):
    """Collects words and line breaks; inside of a quote it only counts how deep it is."""

    def __init__(self, with_quotes: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.with_quotes = with_quotes
        self.said: list[str] = []
        self.hidden = 0
        self.is_over = False
        self.link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if not self.with_quotes and named.get("id", "").lower().removeprefix("x_") in ENDS:
            self.is_over = True
        if self.hidden or self._is_quote(tag, named):
            self.hidden += tag not in VOID
            return
        if tag == "br":
            self._say("\n")
        elif tag in BLOCKS or tag in ("tr", "li", "hr"):
            self._say("\n- " if tag == "li" else "\n")
        elif tag in ("td", "th"):
            self._say(" ")
        elif tag == "img" and named.get("alt"):
            self._say(f"[{named['alt']}]")
        elif tag == "a":
            self.link = named.get("href", "")

    def handle_endtag(self, tag: str) -> None:
        if self.hidden:
            self.hidden -= tag not in VOID
        elif tag in BLOCKS:
            self._say("\n")
        elif tag == "a":
            self._name_link()

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self._say(data if data.strip("\r\n\t ") or not data else " ")

    def _is_quote(self, tag: str, named: dict[str, str]) -> bool:
        if self.with_quotes:
            return False
        classes = {name.lower().removeprefix("x_") for name in named.get("class", "").split()}
        return bool(classes & QUOTE_CLASSES) or (tag == "blockquote" and named.get("type", "").lower() == "cite")

    def _name_link(self) -> None:
        """A link whose words do not say where it leads says it behind them."""
        link, self.link = self.link, ""
        if link.startswith(("http://", "https://")) and link not in "".join(self.said[-3:]):
            self._say(f" ({link[:500]})")

    def _say(self, words: str) -> None:
        if not self.is_over:
            self.said.append(words)
