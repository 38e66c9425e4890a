"""Were the promises kept? Counts rows, not log lines: what was acknowledged, what it did, in which order, what left."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from typing import Any

FINAL = ("sent", "delivered", "read", "played")


def judge(given: dict[str, Any]) -> dict[str, Any]:
    """Violations by promise (each list empty when it was kept), and some figures."""
    from conversations.models import Message

    heard: dict[str, list[tuple[str, str]]] = defaultdict(list)
    said: dict[str, list[str]] = defaultdict(list)
    rows = Message.objects.select_related("session__identity").order_by("id")
    for message in rows:
        number = message.session.identity.raw.lstrip("+")
        text = str(message.content.get("text", ""))
        if message.author == "customer":
            heard[number].append((message.external_id, text))
        elif text.startswith("heard "):
            said[number].append(text)
    found: dict[str, Any] = {"lost": [], "doubled": [], "order": [], "effects": [], "effects_order": []}
    for number, acknowledged in given["acknowledged"].items():
        _inbound(found, heard[number], [tuple(one) for one in acknowledged])
        _effects(found, [text for _, text in heard[number]], said[number])
    found |= _outbound(given["accepted"]) | _streams() | _rest()
    found["figures"] |= {"messages": sum(map(len, heard.values())), "replies": sum(map(len, said.values()))}
    return found


def _inbound(found: dict[str, Any], rows: list[tuple[str, str]], acknowledged: list[tuple[str, ...]]) -> None:
    ids = [wamid for wamid, _ in rows]
    found["lost"] += [wamid for wamid, _ in acknowledged if wamid not in set(ids)]
    found["doubled"] += [wamid for wamid, count in Counter(ids).items() if count > 1]
    expected = sorted(ids, key=lambda wamid: int(wamid.rsplit(".", 1)[1]))
    found["order"] += [] if ids == expected else [ids]


def _effects(found: dict[str, Any], heard: list[str], said: list[str]) -> None:
    """Each word is repeated once, in the order in which the words came."""
    expected = [f"heard {text}" for text in heard if text.startswith("word ")]
    counts = Counter(said)
    found["effects"] += [text for text in expected if counts[text] != 1] + [t for t in counts if t not in set(expected)]
    found["effects_order"] += [] if [text for text in said if text in set(expected)] == expected else [said]


def _outbound(accepted: list[dict[str, str]]) -> dict[str, Any]:
    from conversations.models import ConversationEvent, Delivery

    taken = Counter(one["ref"] for one in accepted)
    unknown = ConversationEvent.objects.filter(kind="delivery", data__state="unknown")
    flagged = set(unknown.values_list("data__message", flat=True))
    deliveries = {str(row.public_id): row for row in Delivery.objects.order_by("id")}
    doubled = [ref for ref, count in taken.items() if count > 1]
    order: dict[int, list[int]] = defaultdict(list)
    for ref in dict.fromkeys(one["ref"] for one in accepted):
        row = deliveries.get(ref)
        if row is not None and row.message_id not in flagged:
            order[row.identity_id].append(row.pk)
    states = Counter(row.state for row in deliveries.values())
    return {
        "strangers": [ref for ref in taken if ref not in deliveries],
        "said_sent_never_taken": [ref for ref, row in deliveries.items() if row.state in FINAL and not taken[ref]],
        "taken_said_otherwise": [
            ref for ref in taken if ref in deliveries and deliveries[ref].state not in (*FINAL, "unknown")
        ],
        "doubled_unflagged": [
            ref for ref in doubled if ref in deliveries and deliveries[ref].message_id not in flagged
        ],
        "sending_order": [ids for ids in order.values() if ids != sorted(ids)],
        "unfinished": [ref for ref, row in deliveries.items() if row.state in ("queued", "sending")],
        "figures": {"deliveries": dict(states), "flagged": len(flagged), "sent_twice": len(doubled)},
    }


def _streams() -> dict[str, Any]:
    """No gap and no double in any stream of events."""
    from conversations.models import Conversation, ConversationEvent

    gaps = []
    for conversation in Conversation.objects.all():
        numbers = (
            ConversationEvent.objects.filter(conversation=conversation).order_by("seq").values_list("seq", flat=True)
        )
        if list(numbers) != list(range(1, conversation.head_seq + 1)):
            gaps.append(conversation.pk)
    return {"stream_gaps": gaps}


def _rest() -> dict[str, Any]:
    from channels_app.models import InboundEvent

    left = InboundEvent.objects.exclude(state="done").exclude(kind="status")
    return {"inbox_left": [f"{row.key} {row.state} {row.error}" for row in left]}


def main() -> None:
    import django

    django.setup()
    print(json.dumps(judge(json.load(sys.stdin))))


if __name__ == "__main__":
    main()
