"""Does the customer ask us not to write any more? Then that holds from this very message on, whoever speaks here."""

from __future__ import annotations

from conversations import capabilities, events, threads
from conversations.journeys import stop_words
from conversations.journeys.scene import Scene
from conversations.journeys.stop_words import Wish
from conversations.threads import Received
from customers import consent
from customers.consent import Purpose, State
from handover import notices


def hear(*, received: Received, heard: threads.Heard) -> bool:
    """Notes the word at the address it came from; True if it was one, and nobody has a turn.

    A stop ends everything unasked there; asking us to go on lifts it and allows no marketing. One word confirms what
    has changed; who writes something else afterwards wants an answer and gets one.
    """
    wish = stop_words.wish(heard.text) if not heard.payload and not heard.action else None
    was_stopped = wish is not None and _is_stopped(received)
    if wish is None or (wish.kind == "again" and not was_stopped):
        return False
    session = received.session
    consent.record(
        identity=session.identity,
        purpose=Purpose.ALL,
        state=State.OUT if wish.kind == "stop" else State.UNSET,
        occurred_at=heard.occurred_at,
        evidence=_evidence(wish, session.channel),
    )
    kind: notices.Notice = notices.STOPPED if wish.kind == "stop" else "opted_in_again"
    events.append(conversation=received.conversation, session=session, kind=kind, actor_kind="customer")
    if wish.word not in capabilities.of(session.kind).answers_stop and was_stopped == (wish.kind == "again"):
        notices.tell(Scene(received.conversation, session, received.root), kind)
    return True


def _is_stopped(received: Received) -> bool:
    return consent.state(identity=received.session.identity, purpose=Purpose.ALL) == State.OUT


def _evidence(wish: Wish, channel: str) -> dict[str, str]:
    return {"word": wish.word, "language": wish.language, "channel": channel}
