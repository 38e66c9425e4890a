"""What stands in the style guide? Invented things of every kind, made of the same classes as the real ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from common import clock
from conversations import content
from conversations.models import Conversation, Message, Session
from conversations.showing import ShownFile
from handover import mentions
from handover.inbox import deliveries, filtering
from handover.inbox.cards import Card
from handover.inbox.changes import Changes, Wording
from handover.inbox.deliveries import Progress
from handover.inbox.jobs import Job
from handover.inbox.owners import Owner
from handover.inbox.promises import Promise
from handover.inbox.rows import Row
from handover.inbox.timeline import Item, Line, Noted, Reported, Said
from handover.models import Note

ME = Owner("agent", "agent:me", "Ana Sousa")
BEN, BOT, SALES = Owner("agent", "agent:ben", "Ben Okoye"), Owner("bot", "bot", "the bot"), Owner("queue", "q", "Sales")
WORDS = "Is the walnut desk still in stock in 140 cm?"


def uid(number: int) -> UUID:
    return UUID(int=(7 << 76) | (2 << 62) | number)


def ago(minutes: int) -> datetime:
    return clock.now() - timedelta(minutes=minutes)


def _row(number: int, name: str, **changes: Any) -> Row:
    plain = Row(
        id=str(uid(number)),
        name=name,
        owner=ME,
        state="open",
        is_waiting=False,
        is_ticket=False,
        at=ago(number * 7),
        queued_at=None,
        closed_at=None,
        preview=WORDS,
        author="customer",
        kind="whatsapp",
        promise=None,
        rank=None,
        mode="live",
        queue="sales",
        kinds=("whatsapp",),
        tags=(),
        heard=1,
        seen=1,
    )
    return replace(plain, **changes)


def promise(state: str, minutes: int) -> Promise:
    return Promise("First answer", clock.now() + timedelta(minutes=minutes), state)


def rows() -> list[Row]:
    """A line of the list in every state."""
    return [
        _row(1, "Maya Lindqvist"),
        _row(2, "Jonas Weber", is_waiting=True, heard=2, kind="web", promise=promise("kept", 9)),
        _row(3, "Σοφία Παπαδοπούλου", is_waiting=True, heard=2, owner=SALES, promise=promise("near", 1)),
        _row(4, "Li Wei", is_waiting=True, owner=SALES, promise=promise("late", -6), kind="email"),
        _row(5, "A name that is far too long for the narrow list that it stands in", owner=BEN, author="agent"),
        _row(6, "Visitor 7f3a", owner=BOT, author="bot", kind="web", preview="Hello! What can I do for you?"),
        _row(7, "نور حداد", preview="متى يصل طلبي؟", owner=SALES, is_waiting=True, kind="telegram"),
        _row(8, "Omar Haddad", state="parked", tags=(("refund", "Refund"), ("delivery", "Delivery"))),
        _row(
            9,
            "Priya Nair",
            owner=SALES,
            mode="ticket",
            is_ticket=True,
            is_waiting=True,
            kind="web",
            promise=promise("kept", 700),
        ),
        _row(10, "Tomás Ruiz", state="closed", author="note", preview="Waits for the new invoice", kind="sms"),
    ]


def _said(number: int, author: str, shown: content.Content, **more: Any) -> Said:
    agent = "Ana Sousa" if author == "agent" else ""
    message = Message(public_id=uid(100 + number), author=author, agent_name=agent, content={})
    plain = Said(
        f"m-{uid(100 + number)}", number, ago(60 - number), message, Changes(shown), "whatsapp", "", "", None, [], {}
    )
    return replace(plain, **more)


def _progress(state: str, reason: str = "", provider: str = "") -> Progress:
    icon, words = deliveries.WORDS[deliveries.State(state)]
    return Progress(state, icon, str(words), str(deliveries.REASONS.get(reason, "")), provider)


def _file(number: int, **changes: Any) -> ShownFile:
    return replace(ShownFile(uid(300 + number), "warranty.pdf", "file", "application/pdf", 48_213, "stored"), **changes)


def customers_bubbles() -> list[Said]:
    """What a customer may say, in every kind of content."""
    text = content.Text
    edited = Changes(text("Order 4711, not 4117"), (Wording(ago(59), text("Order 4117")),), (("👍", 2), ("❤️", 1)))
    return [
        _said(1, "customer", text(WORDS)),
        _said(2, "customer", text("متى يصل طلبي؟ رقم 4711"), kind="telegram"),
        replace(_said(3, "customer", text("")), changes=edited),
        _said(
            4, "customer", content.Location(52.5163, 13.3777, "Brandenburg Gate", "Pariser Platz, Berlin"), kind="web"
        ),
        _said(5, "customer", content.Media("file", caption="The receipt"), files=[_file(1)], kind="email"),
        _said(6, "customer", content.Media("image"), files=[_file(2, state="coming", name="photo.jpg")]),
        _said(7, "customer", content.Media("image"), files=[_file(3, state="failed", name="photo.jpg")]),
        _said(8, "customer", content.Unsupported("poll")),
        _said(9, "customer", content.Removed()),
    ]


def our_bubbles() -> list[Said]:
    """What bot and agents say, with each state of delivery."""
    options = tuple(content.Option(key, label) for key, label in (("order", "My order"), ("return", "A return")))
    made = [
        _said(20, "bot", content.Choice("What is it about?", options)),
        _said(21, "bot", content.Card("Walnut desk", "140 × 70 cm, in stock", link="https://shop.example/desk")),
        _said(22, "system", content.Text("You are third in line.")),
    ]
    states = ["queued", "sent", "delivered", "read", "unknown", "cancelled"]
    for number, state in enumerate(states, start=23):
        why = "taken_over" if state == "cancelled" else ""
        made.append(_said(number, "agent", content.Text("Yes, until Friday."), progress=_progress(state, why)))
    failed = _progress("failed", "outside_window", "(131047) Re-engagement message")
    return [*made, _said(29, "agent", content.Text("Shall I keep one for you?"), progress=failed)]


def lines() -> list[Item]:
    """What stands between the bubbles."""
    note = Note(public_id=uid(200), text="", created_at=ago(9))
    words = [mentions.Piece("@Ben Okoye", True), mentions.Piece(" knows the carrier. 1Z-999 is lost.", False)]
    told = [("owner_changed", "Ana Sousa took over (from the queue)"), ("rated", "Customer rated this 5 of 5")]
    plain: list[Item] = [
        Line(f"e-{at}", at, ago(20 - at), kind, text, [], {}) for at, (kind, text) in enumerate(told, start=1)
    ]
    step = Line("e-5", 5, ago(14), "journey_step", "Step “ask order”: finished", [("outcome", "finished")], {})
    job = Job("j1", "Refund: done", "4711 was refunded: 129.00 EUR", "", [("Send to customer", "#")])
    noted = Noted("m-note", 8, ago(9), note, "Ana Sousa", "", words, {})
    return [*plain, step, Reported("e-7", 7, ago(10), "task_report", job, {}), noted]


def card() -> Card:
    return Card(
        facts=[("Why", "The customer asked for a person"), ("Journey", "Returns"), ("Step", "Ask order")],
        answers=[("Order", "4711"), ("Wanted", "Refund")],
        greeting="Hello Maya, I see it is about order 4711.",
        summary="The customer asked for a person · Returns · Ask order",
        known=[("Language", "English"), ("Tier", "Gold")],
    )


def conversation(**changes: Any) -> Conversation:
    return Conversation(
        **{"public_id": uid(1), "state": "open", "mode": "live", "head_seq": 4, "owner_epoch": 1, **changes}
    )


def session(kind: str) -> Session:
    return Session(public_id=uid(400 + len(kind)), kind=kind)


def chips() -> list[filtering.Chip]:
    return [filtering.Chip("Channel: WhatsApp", "#"), filtering.Chip("Topic: Refund", "#")]
