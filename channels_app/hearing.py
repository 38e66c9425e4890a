"""What does a customer's message begin: a switch of channels, a proof, or a turn?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from channels_app import switching
from channels_app.registry import Inbound
from conversations import threads
from conversations.journeys import publishing
from conversations.sessions import Place
from conversations.threads import Heard
from handover import opened, turns, typed_codes


def hear(*, place: Place, inbound: Inbound, heard: Heard, is_part: Callable[[], bool]) -> None:
    """Stores the message and does what follows; `is_part` of something that has had its turn (a picture of an album).

    What may make two people one is looked at before a lock is taken. A link's word that begins a journey is no code.
    """
    if word := _word(inbound):
        inbound, heard = replace(inbound, code=""), replace(heard, link=word)
    if heard.action == opened.ACTION and not opened.may_begin(place):
        return  # nothing is stored of it
    step = switching.heard(place=place, inbound=inbound)
    checked = typed_codes.check(place=place, text=inbound.text) if step is None else None
    received = threads.receive(place=place, heard=heard)
    if checked is not None:
        typed_codes.take(received=received, heard=heard, checked=checked)
    elif step is not None:
        if not received.is_repeat:
            step.go_on()
    elif not is_part():
        turns.take(received=received, heard=heard)


def _word(inbound: Inbound) -> str:
    """The word that a deep link has brought along, if a live journey begins with it; a group is no place for one."""
    links = publishing.table().links
    brought = (inbound.code, str(inbound.referral.get("ref") or ""))
    return "" if inbound.is_public else next((word for word in brought if word and word in links), "")
