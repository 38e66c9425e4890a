"""What has a customer given who was asked how it was: a score, with words that only remark on it?"""

from __future__ import annotations

from collections.abc import Mapping

from common import clock
from conversations.journeys import commands, publishing, stop_words, triggers
from conversations.journeys.state import Heard
from handover import signatures, verdicts
from handover.verdicts import Verdict


def given(said: str, *, kind: str, channel: str, labels: Mapping[str, int]) -> Verdict | None:
    """The score with the words beside it; None if it is no score, or if the words name a wish.

    `labels`: scores by their names, in lower case; of a mail the signature is left out.
    """
    text = signatures.above(said) if kind == "email" else said
    if score := labels.get(text.strip().casefold()):
        return Verdict(score)
    found = verdicts.read(text)
    if found is None or not found.words:
        return found
    beside = Heard(text=found.words, at=clock.now(), channel=channel)
    return None if stop_words.wish(found.words) or names_a_wish(beside) else found


def asks_nothing(text: str) -> bool:
    """May these words be kept as a remark?"""
    return bool(text.strip()) and verdicts.ASKING.search(text) is None


def names_a_wish(said: Heard) -> bool:
    """A command, or the name of a journey."""
    return commands.recognise(said) is not None or triggers.match(said, publishing.table(), whole=True) is not None
