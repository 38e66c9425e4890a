"""What is said when somebody goes on in another channel? Questions with their buttons, and what came of it.

Each place hears it in the language that its own customer speaks.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from channels_app.switch_sentences import LANGUAGES, every, sentence
from common.problems import Problem
from conversations.content import Choice, Content, Option, Text
from conversations.speaking import KEY
from customers import attributes
from customers.masking import HIDDEN, masked
from customers.models import Challenge, Customer, Identity

YES, NO = every("yes", "write_yes"), every("no", "write_no")


def language_of(row: Identity) -> str:
    """What the person behind an address speaks, as far as anybody knows; whose they are may just have changed."""
    root_id = Customer.objects.values_list("root_id", flat=True).get(pk=row.customer_id)
    return str(attributes.values(root_id).get(KEY) or "")


def ask_arrival(challenge: Challenge, here: Identity, title: str, *, has_buttons: bool) -> Content:
    """At the place where the code was used."""
    spoken = language_of(here)
    words = sentence("ask_arrival", spoken, opened=_opened(challenge, title, spoken))
    return _question(challenge, words, spoken, has_buttons)


def ask_number(challenge: Challenge, here: Identity, title: str, number: str) -> Text:
    """The same for a sender whom nobody vouches for."""
    spoken = language_of(here)
    return Text(sentence("ask_number", spoken, opened=_opened(challenge, title, spoken), number=number))


def ask_opener(challenge: Challenge, here: Identity, arrival: Identity, title: str, *, has_buttons: bool) -> Content:
    """At the place where the link was asked for: who has used it, enough to recognise, too little to use."""
    who = _who(arrival) if has_buttons else _who(arrival).replace(HIDDEN, "*")  # a dot would treble an SMS
    spoken = language_of(here)
    return _question(challenge, sentence("ask_opener", spoken, title=title, who=who), spoken, has_buttons)


def ask_number_back(here: Identity, arrival: Identity, title: str, number: str) -> Text:
    """The same for an opener whom nobody vouches for."""
    who = _who(arrival).replace(HIDDEN, "*")
    return Text(sentence("ask_number_back", language_of(here), title=title, who=who, number=number))


def told(key: str, here: Identity, title: str = "") -> Text:
    """What came of it: stale, joined, half, linked, gone, refused, impossible."""
    return Text(sentence(key, language_of(here), title=title))


def sorry(problem: Problem, here: Identity) -> Text:
    """A refusal in the customer's words, where we have them."""
    code = str(problem.code)
    return Text(sentence(code, language_of(here)) if code in LANGUAGES["en"] else problem.title)


def invitation(here: Identity, title: str, url: str, say: str) -> Text:
    """The link, the words if they have to be typed, and how long it holds."""
    spoken = language_of(here)
    if not url:
        where = sentence("write_there", spoken, title=title, say=say)
    else:
        where = f"{sentence('open_link', spoken, title=title)}:\n{url}"
        if say and say not in url and "?" not in url:
            where = f"{where}\n{sentence('then_write', spoken, say=say)}"
    return Text(f"{where}\n{sentence('once', spoken)}")


def offer(here: Identity, ways: Sequence[tuple[str, str]]) -> Choice:
    """What a widget offers instead of a link: for each channel (key, title) a button that makes one."""
    options = [Option(key, title, f"lead:{key}", number=n) for n, (key, title) in enumerate(ways, 1)]
    return Choice(sentence("offer", language_of(here)), tuple(options))


def on_the_site(here: Identity, title: str, is_known: bool) -> Text:
    """How to find this conversation in the widget of a site that has not told its page."""
    spoken = language_of(here)
    found = sentence("find_it" if is_known else "choose_it", spoken, title=title)
    return Text(f"{sentence('on_the_site', spoken)}\n{found}")


def _opened(challenge: Challenge, title: str, spoken: str) -> str:
    return sentence("opened", spoken, title=title, time=f"{timezone.localtime(challenge.created_at):%H:%M}")


def _who(row: Identity) -> str:
    initials = " ".join(f"{word[0]}{HIDDEN}" for word in row.display.split()[:2] if word[0].isalpha())
    return ", ".join(filter(None, (initials, masked(row.namespace, row.raw))))


def _question(challenge: Challenge, words: str, spoken: str, has_buttons: bool) -> Content:
    """In writing it takes words of its own: a number may be meant for a menu."""
    if not has_buttons:
        yes, no = sentence("write_yes", spoken), sentence("write_no", spoken)
        return Text(f"{words}\n{sentence('answer', spoken, yes=yes, no=no)}")
    payload = f"link:{challenge.public_id.hex}"
    named = [Option(key, sentence(key, spoken), f"{payload}:{key}") for key in ("yes", "no")]
    return Choice(words, tuple(named))
