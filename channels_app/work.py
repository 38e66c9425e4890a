"""Who drains the hot queues? Threads for inbox, outbox, timers, files, routing, journeys' questions and what is to be
done to many: woken by hints, polling without."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from channels_app import delivery, fetching, ingest
from channels_app.courtesies import Courtesies
from conversations import answering, timers
from conversations.assistant import questions
from conversations.journeys import callers, requests
from handover import answered, bulk, owning
from handover.routing import closing, dispatch

log = logging.getLogger(__name__)

POLL = 0.5  # seconds between looks when nothing wakes us: Redis may be gone
TIMER_POLL = 1.0
FILE_POLL = 1.0
PACE = 0.04  # seconds between rounds of a busy sender: what comes in between shares a claim and its outcomes a commit
SWEEP = 5.0  # seconds between looks for expired leases
REST = 1.0  # seconds after the database failed to answer
HEARTBEAT_KEY = "throughline:work"
HEARTBEAT = 5.0
ASKING = 4  # questions that are put to the language model at once
QUESTION_POLL = 2.0
ROUTING_POLL = 1.0
ROUTING_PACE = 0.05  # seconds between rounds: what comes in between shares a look at who is there
BULK_POLL = 1.0  # an agent watches
ROUTING_LOOK = 2.0  # seconds between looks at queues that have closed or emptied


class Workshop:
    """All loops of one worker process; every loop ends after `stop` with what it has begun."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.inbox = threading.Event()
        self.outbox = threading.Event()
        self.requests = threading.Event()
        self.questions = threading.Event()
        self.routing = threading.Event()
        self.courtesies = Courtesies()
        self.threads = [
            threading.Thread(target=work, name=work.__name__, daemon=True)
            for work in (
                self.drain_inbox,
                self.send_outbox,
                self.fire_timers,
                self.fetch_files,
                self.ask_others,
                self.route,
                self.do_many,
                self.listen,
                self.beat,
            )
        ]

        if answering.is_on():
            asking = [threading.Thread(target=self.ask_model, name="ask_model", daemon=True) for _ in range(ASKING)]
            self.threads = [*asking, *self.threads]

    def start(self) -> None:
        connection_created.connect(plan_once)
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """Asks every loop to end and waits for those that hold work (a send may take its time-out)."""
        self.stopping.set()
        self.inbox.set()
        self.outbox.set()
        self.requests.set()
        self.questions.set()
        self.routing.set()
        for thread in self.threads[:-2]:
            thread.join(timeout=25)
        self.courtesies.close()

    def drain_inbox(self) -> None:
        while not self.stopping.is_set():
            self.inbox.clear()
            if self._safely(ingest.drain):
                self.outbox.set()
            else:
                self.inbox.wait(POLL)
        connection.close()

    def send_outbox(self) -> None:
        swept_at = began = 0.0
        with delivery.Dispatcher(on_sent=self.answered) as dispatcher:
            while not self.stopping.is_set():
                self.stopping.wait(began + PACE - time.monotonic())
                began = time.monotonic()
                self.outbox.clear()
                handled = self._safely(dispatcher.pump)
                if time.monotonic() - swept_at > SWEEP:
                    swept_at = time.monotonic()
                    self._safely(delivery.sweep)
                if dispatcher.in_flight:
                    dispatcher.wait(0.05)
                elif not handled:
                    self.outbox.wait(POLL)
        connection.close()

    def answered(self, conversation_id: int) -> None:
        """Who is answered has been read."""
        self.courtesies.offer(conversation_id, "read")

    def fire_timers(self) -> None:
        while not self.stopping.is_set():
            if not self._safely(timers.sweep):
                self.stopping.wait(TIMER_POLL)
        connection.close()

    def fetch_files(self) -> None:
        while not self.stopping.is_set():
            if not self._safely(fetching.fetch_due):
                self.stopping.wait(FILE_POLL)
        connection.close()

    def ask_others(self) -> None:
        swept_at = 0.0
        with callers.Callers() as calling:
            while not self.stopping.is_set():
                self.requests.clear()
                handled = self._safely(calling.pump)
                if time.monotonic() - swept_at > SWEEP:
                    swept_at = time.monotonic()
                    self._safely(requests.sweep)
                if calling.in_flight:
                    calling.wait(0.05)
                elif not handled:
                    self.requests.wait(POLL)
        connection.close()

    def route(self) -> None:
        looked_at = 0.0
        while not self.stopping.is_set():
            self.routing.clear()
            if time.monotonic() - looked_at > ROUTING_LOOK:
                looked_at = time.monotonic()
                self._safely(closing.look)
            if not self._safely(dispatch.run):
                self.routing.wait(ROUTING_POLL)
                self.stopping.wait(ROUTING_PACE)
        connection.close()

    def do_many(self) -> None:
        """Here and not by the clock of Celery, whose queue is in Redis."""
        while not self.stopping.is_set():
            if not self._safely(bulk.sweep):
                self.stopping.wait(BULK_POLL)
        connection.close()

    def ask_model(self) -> None:
        while not self.stopping.is_set():
            self.questions.clear()
            if not self._safely(answered.serve):
                self.questions.wait(QUESTION_POLL)
        connection.close()

    def listen(self) -> None:
        """Hints of other processes; without Redis the polls are left."""
        while not self.stopping.is_set():
            try:
                self._follow()
            except (redis.RedisError, OSError, ValueError):
                self.stopping.wait(REST)

    def beat(self) -> None:
        """Leaves the time in Redis, for `doctor`; whether work gets done is told by the ages of the queues."""
        client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
        while not self.stopping.is_set():
            try:
                client.set(HEARTBEAT_KEY, str(time.time()), ex=120)
            except (redis.RedisError, OSError):
                pass
            self.stopping.wait(HEARTBEAT)

    def _follow(self) -> None:
        client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, health_check_interval=10)
        with client, client.pubsub(ignore_subscribe_messages=True) as subscription:  # type: ignore[no-untyped-call]  # redis has no type
            subscription.subscribe(settings.HUB_CHANNEL)
            while not self.stopping.is_set():
                message = subscription.get_message(timeout=1.0)
                if message and b"wake:" in message["data"]:
                    self._wake(json.loads(message["data"]).get("names", ()))
                elif message and b'"typing:' in message["data"]:
                    told = json.loads(message["data"])
                    self.courtesies.hear(str(told.get("topic", "")), told.get("data") or {})

    def _wake(self, names: list[str]) -> None:
        if "wake:inbox" in names:
            self.inbox.set()
        if "wake:outbox" in names:
            self.outbox.set()
        if requests.WAKE in names:
            self.requests.set()
        if questions.WAKE in names:
            self.questions.set()
        if owning.WAKE in names:
            self.routing.set()

    def _safely(self, work: Callable[[], int]) -> int:
        """Does one round; a database that went away is waited for, everything else is a defect and ends the process."""
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            log.warning("worker without database: %s", type(error).__name__)
            _forget_connection()
            self.stopping.wait(REST)
            return 0


def plan_once(*, connection: BaseDatabaseWrapper, **_: object) -> None:
    """Our statements look up few rows by their keys: planning each anew costs more than running it."""
    with connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_generic_plan")


def _forget_connection() -> None:
    """The next query opens a new connection; the old one may be in the middle of anything."""
    try:
        connection.close()
    except (OperationalError, InterfaceError):
        pass
    close_old_connections()
