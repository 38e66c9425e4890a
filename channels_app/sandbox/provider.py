"""What does the pretended WhatsApp do? It remembers each phone's thread, takes our messages, and posts to our webhook.

write        a customer writes: stored, signed, posted
take         Throughline sends: stored, its receipts posted (after a refusal nothing is kept)
look         the customer looks at the phone: what was delivered is read
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from channels_app.models import Channel
from channels_app.sandbox import (
    callbacks,
    graph,
    graph_bodies,
    graph_media,
    graph_templates,
    inspector,
    kit,
    payloads,
    people,
)
from channels_app.sandbox.kit.memory import controls_of, failure_now
from channels_app.sandbox.models import SandboxContact, SandboxControls, SandboxMessage
from channels_app.sandbox.people import Person
from common import clock

__all__ = [
    "climb", "controls_of", "create_template", "failure_now", "look", "refusal", "take", "tell", "templates", "write",
]  # fmt: skip

Failure, Receipts = SandboxControls.Failure, SandboxControls.Receipts
TYPING = timedelta(seconds=25)
AFTER_200 = {Failure.UNDELIVERABLE: graph.UNDELIVERABLE, Failure.CAPPED: graph.CAPPED}
INSTEAD = {
    Failure.TOO_MANY: graph.TOO_MANY,
    Failure.BROKEN: graph.BROKEN,
    Failure.OUTSIDE_WINDOW: graph.OUTSIDE_WINDOW,
}
FIRST_TEMPLATE = 594425479270000
REVIEW = 1.0  # seconds that a template waits for its verdict
LADDER = ("accepted", "sent", "delivered", "read")


def write(*, channel: Channel, person: Person, part: Mapping[str, Any], replies_to: str = "") -> SandboxMessage:
    """A customer writes: the message shows on the phone, the window opens anew, the webhook is on its way."""
    now = clock.now()
    wamid = graph.new_wamid(person.address)
    message = SandboxMessage.objects.create(
        channel=channel.key,
        address=person.address,
        is_from_customer=True,
        external_id=wamid,
        body={**part, **({"context": {"id": replies_to}} if replies_to else {})},
        state="sent",
        at=now,
    )
    SandboxContact.objects.update_or_create(
        channel=channel.key, address=person.address, defaults={"last_inbound_at": now}
    )
    number = callbacks.number_of(channel)
    change = payloads.message(person=person, wamid=wamid, at=now, part=part, replies_to=replies_to, number=number)
    callbacks.post_message(channel, controls_of(channel.key), change, message.pk)
    inspector.tell()
    return message


def refusal(*, channel: Channel, body: Any, failure: str) -> graph.Refusal | None:
    """Why the provider does not take this send request, None when it does."""
    if found := graph.check_send(body):
        return found
    if body.get("status") == "read":
        return None
    if failure in INSTEAD:
        return INSTEAD[Failure(failure)]
    if found := _check_parts(channel, body):
        return found
    contact = SandboxContact.objects.filter(channel=channel.key, address=graph.address(body)).first()
    return graph.check_window(body, contact.last_inbound_at if contact else None, clock.now())


def templates(channel: Channel) -> list[dict[str, Any]]:
    """The business account's templates; a new one is pending until its review is over."""
    now = clock.now().isoformat()
    kept = kit.recall(channel, "templates") or graph_templates.TEMPLATES
    return [{**one, "status": "PENDING"} if one.get("reviewed_at", now) > now else dict(one) for one in kept]


def create_template(*, channel: Channel, body: Mapping[str, Any]) -> dict[str, Any]:
    """Takes a template for review; the verdict comes as a webhook soon after. Returns the 200's body."""
    names = ("name", "language", "category", "components", "parameter_format")
    made = {"parameter_format": "POSITIONAL", **{name: body[name] for name in names if name in body}}
    verdict, reason = graph_templates.verdict(body)
    made |= {"id": str(FIRST_TEMPLATE + kit.number(channel, "template")), "status": verdict}
    made |= {"reviewed_at": (clock.now() + timedelta(seconds=REVIEW)).isoformat()}
    kit.remember(channel, "templates", [*(kit.recall(channel, "templates") or graph_templates.TEMPLATES), made])
    news = payloads.template_news(str(made["name"]), str(made["language"]), verdict, reason)
    callbacks.post_change(channel, news, REVIEW)
    return {"id": made["id"], "status": "PENDING", "category": made["category"]}


def tell(*, channel: Channel, person: Person, part: Mapping[str, Any]) -> None:
    """A person does something that is no message of its own: a reaction, an edit, a changed number."""
    number, now = callbacks.number_of(channel), clock.now()
    wamid = graph.new_wamid(person.address)
    change = payloads.message(person=person, wamid=wamid, at=now, part=part, number=number)
    callbacks.post_change(channel, change)
    inspector.tell()


def take(*, channel: Channel, body: Mapping[str, Any], failure: str) -> dict[str, Any]:
    """Throughline sends, the provider accepts: it shows on the phone, receipts follow. Returns the 200's body."""
    if body.get("status") == "read":
        return _read_by_business(channel, body)
    to = graph.address(body)
    wamid = graph.new_wamid(to)
    if body.get("type") == "reaction":
        return _react(channel, body, wamid)
    callback = str(body.get("biz_opaque_callback_data", ""))
    later = AFTER_200.get(Failure(failure)) or _unwanted(channel, to, body)
    kept = {name: value for name, value in body.items() if name in ("type", "text", "context", body.get("type"))}
    SandboxMessage.objects.create(
        channel=channel.key,
        address=to,
        is_from_customer=False,
        external_id=wamid,
        body=kept,
        state="failed" if later else "accepted",
        callback=callback,
        at=clock.now(),
    )
    SandboxContact.objects.filter(channel=channel.key, address=to).update(typing_until=None)
    if later:
        callbacks.post_receipts(channel, wamid, to, callback, ["failed"], errors=[later.as_status_error()])
    elif controls_of(channel.key).receipts != Receipts.NONE:
        climb(channel=channel, wamid=wamid, states=["sent", "delivered"])
    inspector.tell()
    known = next((person.bsuid for person in people.CAST if person.phone == to and person.bsuid), "")
    return graph.accepted(body, wamid, known)


def climb(*, channel: Channel, wamid: str, states: list[str]) -> None:
    """Moves a message of ours up the ladder and posts one receipt per rung."""
    message = SandboxMessage.objects.filter(external_id=wamid, channel=channel.key).first()
    if message is None or message.state not in LADDER:
        return
    rungs = [state for state in states if LADDER.index(state) > LADDER.index(message.state)]
    if not rungs:
        return
    message.state = rungs[-1]
    message.save(update_fields=["state"])
    controls = controls_of(channel.key)
    callbacks.post_receipts(channel, wamid, message.address, message.callback, rungs, controls=controls)


def look(*, channel: Channel, person: Person) -> int:
    """The customer looks at the phone: delivered messages are read, if receipts say so. Returns how many."""
    if controls_of(channel.key).receipts != Receipts.READ:
        return 0
    unread = SandboxMessage.objects.filter(
        channel=channel.key, address=person.address, is_from_customer=False, state="delivered"
    )
    wamids = list(unread.values_list("external_id", flat=True))
    for wamid in wamids:
        climb(channel=channel, wamid=wamid, states=["read"])
    if wamids:
        inspector.tell()
    return len(wamids)


def _check_parts(channel: Channel, body: Mapping[str, Any]) -> graph.Refusal | None:
    """What only the account's own memory can tell: its templates, and its files."""
    kind = str(body.get("type", "text"))
    if kind == "template":
        return graph_templates.check_send(body["template"], templates(channel))
    part = body[kind]
    media_id = part.get("id") if kind in graph_bodies.MEDIA else None
    if media_id and graph_media.find(channel, str(media_id)) is None:
        return graph.Refusal(400, graph_bodies.PARAMETER, "The media id is unknown or has expired.")
    return None


def _unwanted(channel: Channel, to: str, body: Mapping[str, Any]) -> graph.Refusal | None:
    """Marketing to somebody who stopped it is taken, and fails."""
    if body.get("type") != "template" or not kit.recall(channel, f"stopped:{to}"):
        return None
    found = graph_templates.find(body["template"], templates(channel))
    return graph.OPTED_OUT if found and found.get("category") == "MARKETING" else None


def _react(channel: Channel, body: Mapping[str, Any], wamid: str) -> dict[str, Any]:
    """Our emoji on the customer's message."""
    row = kit.find_message(channel, str(body["reaction"]["message_id"]))
    if row is not None:
        kit.amend(row, our_reaction=str(body["reaction"].get("emoji", "")))
    return graph.accepted(body, wamid)


def _read_by_business(channel: Channel, body: Mapping[str, Any]) -> dict[str, Any]:
    """Two blue ticks on the customer's message, and the typing bubble if it was asked for."""
    message = SandboxMessage.objects.filter(channel=channel.key, external_id=str(body["message_id"])).first()
    if message is not None:
        SandboxMessage.objects.filter(
            channel=channel.key, address=message.address, is_from_customer=True, pk__lte=message.pk
        ).update(state="read")
        if body.get("typing_indicator"):
            SandboxContact.objects.filter(channel=channel.key, address=message.address).update(
                typing_until=clock.now() + TYPING
            )
        inspector.tell()
    return {"success": True}
