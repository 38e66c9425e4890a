"""In which order do updates leave? Serial within a queue, queues beside each other, tried again until they expire.

As tdlib's `WebhookActor` does it: a message waits for the one before it in its chat, a tap for the one before it of its
person; a refused update blocks its own queue only, is tried again at once, then after 2, 4, 8 ... seconds up to a
minute or two (or after the answer's Retry-After), and is dropped when it is too old to be of use.
"""

from __future__ import annotations

import json
import random
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.telegram_emulator import webhook
from common import clock

Json = dict[str, Any]
OnReply = Callable[[Channel, Json], None]
LIFE = {"callback_query": 150.0, "inline_query": 30.0}  # seconds
DAY = 86400.0
LONGEST_PAUSE = (60.0, 120.0)  # seconds: a random cap, so that many do not come back at the same moment
LONGEST_RETRY_AFTER = 3600.0


@dataclass(slots=True)
class Waiting:
    """An update on its way."""

    channel: Channel
    update: Json
    message: SandboxMessage | None
    expires_at: float
    tries: int = 0
    is_done: bool = False


@dataclass(slots=True)
class _State:
    lock: threading.RLock = field(default_factory=threading.RLock)
    queues: dict[tuple[str, str], deque[Waiting]] = field(default_factory=dict)
    polled: dict[str, deque[Json]] = field(default_factory=dict)
    on_reply: OnReply = lambda channel, call: None


_state = _State()


def on_reply(run: OnReply) -> None:
    """Who runs the method that an answer to a webhook names."""
    _state.on_reply = run


def put(channel: Channel, kind: str, content: Mapping[str, Any], message: SandboxMessage | None = None) -> None:
    """An update for the bot: on its way to its webhook, or kept for `getUpdates` if it has none."""
    hook = webhook.of(channel)
    if not hook.wants(kind):
        return
    if not hook.url:
        with _state.lock:  # numbered in here: one that came behind a later number would be taken for read
            _state.polled.setdefault(channel.key, deque(maxlen=1000)).append(_numbered(channel, kind, content))
        return
    update = _numbered(channel, kind, content)
    made_at = float(content.get("date") or clock.now().timestamp())
    waiting = Waiting(channel, update, message, made_at + LIFE.get(kind, DAY))
    with _state.lock:
        queue = _state.queues.setdefault((channel.key, name_of(kind, content)), deque())
        queue.append(waiting)
        is_next = len(queue) == 1
    if is_next:
        _post(queue)


def _numbered(channel: Channel, kind: str, content: Mapping[str, Any]) -> Json:
    return {"update_id": kit.number(channel, "update", start=410_000_001), kind: dict(content)}


def name_of(kind: str, content: Mapping[str, Any]) -> str:
    """The queue of an update: messages and edits per chat, taps per person, the rest per kind and chat."""
    if kind == "callback_query":
        return f"tap:{content['from']['id']}"
    chat = content.get("chat", {}).get("id", "")
    return f"chat:{chat}" if kind in ("message", "edited_message") else f"{kind}:{chat}"


def pending(channel: Channel) -> int:
    """How many updates wait for this bot."""
    with _state.lock:
        waiting = sum(len(queue) for (key, _), queue in _state.queues.items() if key == channel.key)
        return waiting + len(_state.polled.get(channel.key, ()))


def poll(channel: Channel, offset: int, limit: int) -> list[Json]:
    """`getUpdates`: what is before `offset` was read and goes."""
    with _state.lock:
        kept = _state.polled.setdefault(channel.key, deque(maxlen=1000))
        while kept and offset and kept[0]["update_id"] < offset:
            kept.popleft()
        return list(kept)[:limit]


def drop(channel: Channel) -> None:
    """`drop_pending_updates`, and what a reset of the sandbox does."""
    with _state.lock:
        _state.polled.pop(channel.key, None)
        for name in [name for name in _state.queues if name[0] == channel.key]:
            del _state.queues[name]


def pause(tries: int, retry_after: str) -> float:
    """Seconds until the next try, after so many: the answer's wish, else 0, 2, 4, 8 ... up to a random cap."""
    if retry_after.isascii() and retry_after.isdigit():
        return min(float(retry_after), LONGEST_RETRY_AFTER)
    wait = 0.0 if tries == 0 else 2.0**tries
    return min(wait, random.uniform(*LONGEST_PAUSE))


def _post(queue: deque[Waiting]) -> None:
    """Posts the queue's head; what is too old is dropped, and the next one has its turn."""
    with _state.lock:
        while queue and queue[0].expires_at < clock.now().timestamp():
            queue.popleft().is_done = True
        head = queue[0] if queue else None
    if head is None:
        return

    def heard(status: int, answer: str) -> None:
        if 200 <= status < 300:
            _taken(queue, head, answer)
        else:
            webhook.note_error(head.channel, status)

    def again(tries: int, retry_after: str) -> float | None:
        wait = pause(tries, retry_after)
        if not head.is_done and clock.now().timestamp() + wait <= head.expires_at:
            return wait
        _next(queue, head)
        return None

    hook = webhook.of(head.channel)
    kit.post(
        channel=head.channel,
        body=json.dumps(head.update, separators=(",", ":")).encode(),
        headers={"Content-Type": "application/json", **hook.header()},
        message=head.message,
        url=hook.url,
        heard=heard,
        again=again,
    )


def _taken(queue: deque[Waiting], head: Waiting, answer: str) -> None:
    if head.is_done:  # its second copy
        return
    try:
        call = json.loads(answer)
    except ValueError:
        call = None
    if isinstance(call, dict) and isinstance(call.get("method"), str):
        _state.on_reply(head.channel, call)
    _next(queue, head)


def _next(queue: deque[Waiting], head: Waiting) -> None:
    with _state.lock:
        head.is_done = True
        if queue and queue[0] is head:
            queue.popleft()
    _post(queue)
