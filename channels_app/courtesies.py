"""Does the customer see that we read and type? Best effort: told to the provider beside everything else, or not at all.

An agent who looks at or types in a conversation, and an answer that has left, each show once for a while. Several
workers hear of the same gesture: Redis lets one of them tell it. When there is much to send nobody has time for it.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import redis
from django.conf import settings
from django.db import DatabaseError, connection

from channels_app import registry
from channels_app.models import Channel
from channels_app.registry import DeliveryError, Signal
from common import crypto
from conversations import capabilities
from conversations.models import Message, Session
from customers.models import Identity

log = logging.getLogger(__name__)

WAITING_MAX = 50  # gestures that may wait; more are dropped
READ_SECONDS = 3600  # for so long the same message is not marked as read again
FAILURES = (DeliveryError, DatabaseError, redis.RedisError, crypto.CryptoError, registry.UnknownKind, OSError)
Kind = Literal["read", "typing"]
GESTURES: dict[str, Kind] = {"viewing": "read", "typing": "typing"}


class Courtesies:
    """One thread that tells providers; `offer` never waits."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="courtesy")
        self.room = threading.Semaphore(WAITING_MAX)
        self.redis = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)

    def hear(self, topic: str, data: dict[str, Any]) -> None:
        """A gesture of an agent's screen, as the hub carries it; whatever else comes means nothing here."""
        name, _, number = topic.partition(":")
        kind = GESTURES.get(str(data.get("what")))
        if name == "typing" and number.isdecimal() and data.get("by") == "agent" and kind:
            self.offer(int(number), kind)

    def offer(self, conversation_id: int, kind: Kind) -> None:
        """Tells it soon, unless too many wait."""
        if self.room.acquire(blocking=False):
            self.pool.submit(self._tell, conversation_id, kind)

    def close(self) -> None:
        """What has not begun is dropped."""
        self.pool.shutdown(wait=False, cancel_futures=True)
        self.redis.close()

    def _tell(self, conversation_id: int, kind: Kind) -> None:
        try:
            show(conversation_id, kind, self.redis)
        except FAILURES as error:
            log.info("a courtesy was not shown: %s", type(error).__name__)
        finally:
            connection.close()
            self.room.release()


def show(conversation_id: int, kind: Kind, client: redis.Redis) -> bool:
    """Tells the channel over which the customer wrote last, if it can show this and was not told just now."""
    session = _session(conversation_id)
    if session is None or not capabilities.of(session.kind).typing or capabilities.of(session.kind).pull:
        return False
    last = Message.objects.filter(session=session, author=Message.Author.CUSTOMER).exclude(external_id="")
    heard = last.order_by("-occurred_at", "-pk").values_list("external_id", flat=True).first()
    channel = Channel.objects.filter(key=session.channel, is_enabled=True, stopped_reason="").first()
    if heard is None or channel is None or channel.config.get("show_reading") is False:
        return False
    seconds = int(capabilities.of(session.kind).typing_seconds or 10) - 1 if kind == "typing" else READ_SECONDS
    if not client.set(f"throughline:courtesy:{kind}:{session.pk}:{heard[-80:]}", "1", nx=True, ex=max(seconds, 1)):
        return False
    address = _address(session)
    if address is None:
        return False
    signal = Signal(kind, address.namespace, address.raw, heard, session.thread or {})
    registry.adapter(channel.kind).signal(registry.account_of(channel), signal)
    return True


def _session(conversation_id: int) -> Session | None:
    rows = Session.objects.filter(conversation_id=conversation_id, ended_at__isnull=True, last_inbound_at__isnull=False)
    return rows.order_by("-last_inbound_at").first()


def _address(session: Session) -> Identity | None:
    """The same one that a message would go to."""
    heads = Identity.objects.filter(pk=session.identity_id) | Identity.objects.filter(endpoint_id=session.identity_id)
    found = list(heads.filter(routable=True, valid_to__isnull=True))
    own = [one for one in found if one.namespace.startswith(session.kind)]
    phones = [one for one in found if one.namespace == "phone"]
    return next(iter([*own, *phones, *found]), None)
