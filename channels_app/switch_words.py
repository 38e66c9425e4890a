"""What is said when somebody goes on in another channel? Questions with their buttons, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from conversations.content import Choice, Content, Option, Text
from customers.masking import HIDDEN, masked
from customers.models import Challenge, Identity

YES, NO = "Yes, link them", "No, not me"
WRITE_YES, WRITE_NO = "LINK THEM", "NOT ME"  # where nothing can be tapped


def ask_arrival(challenge: Challenge, title: str, *, has_buttons: bool) -> Content:
    """At the place where the code was used."""
    words = f"Link this chat to the {_opened(challenge, title)}? If you did not ask for it, say no."
    return _question(challenge, words, has_buttons)


def ask_number(challenge: Challenge, title: str, number: str) -> Text:
    """The same for a sender whom nobody vouches for."""
    return Text(
        f"To link this chat to the {_opened(challenge, title)}, answer {number}. "
        "If you did not ask for it, do nothing and tell the number to nobody."
    )


def ask_opener(challenge: Challenge, arrival: Identity, title: str, *, has_buttons: bool) -> Content:
    """At the place where the link was asked for: who has used it, enough to recognise, too little to use."""
    who = _who(arrival) if has_buttons else _who(arrival).replace(HIDDEN, "*")  # a dot would treble an SMS
    words = f"{title} ({who}) has used your link. Is that you? Then we go on there."
    return _question(challenge, words, has_buttons)


def ask_number_back(arrival: Identity, title: str, number: str) -> Text:
    """The same for an opener whom nobody vouches for."""
    who = _who(arrival).replace(HIDDEN, "*")
    return Text(
        f"{title} ({who}) has used your link. If that was you, answer {number}. "
        "If not, do nothing and tell the number to nobody."
    )


def stale() -> Text:
    """The same for a code that is unknown, used, taken or too old."""
    return Text("This link no longer works. Ask for a new one in the chat that you came from.")


def joined(title: str) -> Text:
    return Text(f"Welcome back: this chat is already linked with {title}.")


def half(title: str) -> Text:
    return Text(f"Thank you. Please say yes in {title} as well.")


def linked(title: str) -> Text:
    return Text(f"This chat is linked with {title} now. We go on here.")


def gone(title: str) -> Text:
    return Text(f"Linked. You can go on in {title}; here, too, whenever you like.")


def refused() -> Text:
    return Text("Nothing was linked.")


def impossible() -> Text:
    return Text("These two chats cannot be linked. Nothing has changed.")


def sorry(words: str) -> Text:
    return Text(words)


def invitation(title: str, url: str, say: str) -> Text:
    """The link, the words if they have to be typed, and how long it holds."""
    typed = f" and write there: {say}" if say and say not in url and "?" not in url else ""
    where = f"To go on in {title}, open this link{typed}" if url else f"To go on in {title}, write there: {say}"
    return Text(f"{where}\n{url}\nIt works once, for ten minutes, and only for you.".replace("\n\n", "\n"))


def offer(ways: Sequence[tuple[str, str]]) -> Choice:
    """What a widget offers instead of a link: for each channel (key, title) a button that makes one."""
    options = [Option(key, title, f"lead:{key}", number=n) for n, (key, title) in enumerate(ways, 1)]
    return Choice("You can take this chat along.", tuple(options))


def on_the_site(title: str, is_known: bool) -> Text:
    """How to find this conversation in the widget of a site that has not told its page."""
    found = "You will find this conversation there" if is_known else f"Choose {title} there to link it to this chat"
    return Text(f"Open the chat on our site.\n{found}.")


def _opened(challenge: Challenge, title: str) -> str:
    return f"chat in {title} from {timezone.localtime(challenge.created_at):%H:%M}"


def _who(row: Identity) -> str:
    initials = " ".join(f"{word[0]}{HIDDEN}" for word in row.display.split()[:2] if word[0].isalpha())
    return ", ".join(filter(None, (initials, masked(row.namespace, row.raw))))


def _question(challenge: Challenge, words: str, has_buttons: bool) -> Content:
    """In writing it takes words of its own: a number may be meant for a menu."""
    if not has_buttons:
        return Text(f"{words}\nAnswer {WRITE_YES} or {WRITE_NO}.")
    payload = f"link:{challenge.public_id.hex}"
    return Choice(words, (Option("yes", YES, f"{payload}:yes"), Option("no", NO, f"{payload}:no")))
