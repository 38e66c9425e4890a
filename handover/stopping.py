"""Does the customer ask us not to write any more? Then that holds from this very message on, whoever speaks here."""

from __future__ import annotations

from conversations import events, threads
from conversations.journeys import stop_words
from conversations.journeys.stop_words import Wish
from conversations.threads import Received
from customers import consent
from customers.consent import Purpose, State


def hear(*, received: Received, heard: threads.Heard) -> bool:
    """Notes the word at the address it came from; True if it was one, and nobody has a turn.

    A stop ends everything unasked there; asking us to go on lifts it and allows no marketing. Nothing is answered: the
    thread says it to the team, and who writes something else afterwards wants an answer and gets one.
    """
    wish = stop_words.wish(heard.text) if not heard.payload and not heard.action else None
    if wish is None or (wish.kind == "again" and not _is_stopped(received)):
        return False
    session = received.session
    consent.record(
        identity=session.identity,
        purpose=Purpose.ALL,
        state=State.OUT if wish.kind == "stop" else State.UNSET,
        occurred_at=heard.occurred_at,
        evidence=_evidence(wish, session.channel),
    )
    kind = "opted_out" if wish.kind == "stop" else "opted_in_again"
    events.append(conversation=received.conversation, session=session, kind=kind, actor_kind="customer")
    return True


def _is_stopped(received: Received) -> bool:
    return consent.state(identity=received.session.identity, purpose=Purpose.ALL) == State.OUT


def _evidence(wish: Wish, channel: str) -> dict[str, str]:
    return {"word": wish.word, "language": wish.language, "channel": channel}
