"""How are times and channels written in the inbox's templates?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from common import clock
from handover import ready
from handover.languages import named

register = template.Library()

# A web address in words: nothing that ends an attribute or turns the direction of writing, so that it is what it shows.
ADDRESS = re.compile("https?://[^\\s<>\"'`\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
AFTER = ".,;:!?)]}»”’…"  # stands behind an address more often than in it
LINK = '<a href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>'
CHANNELS = {
    "whatsapp": "WhatsApp",
    "web": "Web",
    "telegram": "Telegram",
    "discord": "Discord",
    "email": "E-mail",
    "sms": "SMS",
    "messenger": "Messenger",
    "instagram": "Instagram",
}


@register.filter
def channel_name(kind: str) -> str:
    """The kind of channel as people call it."""
    return CHANNELS.get(kind, kind.title())


@register.filter
def language_named(code: str) -> str:
    """A language by its code (`es_MX`) as the reader calls it; a code that nobody knows stays as it is."""
    return named(code)


@register.filter
def says(words: object) -> str:
    """Words that a lower layer has chosen from its own list, in the reader's language."""
    return gettext(str(words)) if words else ""


@register.filter
def unknown_here(missing: Sequence[str]) -> str:
    """Which places of ready words stay empty here, or that the words themselves are broken; '' for neither."""
    if tuple(missing) == ready.BROKEN:
        return gettext("A place in these words is broken: look at them before you send them.")
    return f"{gettext('Unknown here:')} {', '.join(missing)}" if missing else ""


@register.filter
def linked(words: str) -> SafeString:
    """Somebody's words, with each web address to be followed; all else in them is text and nothing else."""
    pieces: list[SafeString] = []
    end = 0
    for found in ADDRESS.finditer(words):
        address = found.group().rstrip(AFTER)
        pieces += [conditional_escape(words[end : found.start()]), format_html(LINK, address, address)]
        end = found.start() + len(address)
    return format_html_join("", "{}", ((piece,) for piece in [*pieces, conditional_escape(words[end:])]))


@register.filter
def epoch(at: datetime | None) -> int:
    """Milliseconds since 1970: what scripts sort by; 0 for no time."""
    return int(at.timestamp() * 1000) if at else 0


@register.simple_tag
def server_now() -> int:
    """The present moment as scripts count it: what they measure by, whatever the reader's own clock says."""
    return epoch(clock.now())


@register.simple_tag
def moment(at: datetime, shape: str = "time") -> SafeString:
    """A time with its zone, which a script turns into the viewer's: `time`, `short` (time or day) or `full`."""
    stamp = at.astimezone(UTC)
    text = stamp.strftime("%H:%M UTC" if shape == "time" else "%d %b %Y, %H:%M UTC")
    return format_html('<time datetime="{}" data-local="{}">{}</time>', stamp.isoformat(), shape, text)


@register.simple_tag
def since(at: datetime) -> SafeString:
    """How long something has lasted: a script counts it up; without one, since when."""
    stamp = at.astimezone(UTC)
    return format_html('<time datetime="{}" data-since>{}</time>', stamp.isoformat(), stamp.strftime("%H:%M UTC"))
