"""What runs in the background, and when? Celery wakes work; it never holds the only copy of it."""

from __future__ import annotations

import os
import time
from typing import Any

import redis
from celery import Celery
from celery.signals import celeryd_init, worker_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Every periodic task: dotted name and seconds between two runs. A run that is late by more than its period is dropped.
PERIODIC: list[tuple[str, float]] = [
    ("config.celery.beat_heart", 10.0),
    ("channels_app.tasks.sweep_inbox", 5.0),
    ("channels_app.tasks.sweep_outbox", 10.0),
    ("channels_app.tasks.sweep_timers", 10.0),
    ("channels_app.tasks.fetch_files", 30.0),
    ("channels_app.tasks.sweep_uploads", 3600.0),
    ("channels_app.tasks.poll_mailboxes", 30.0),
    ("channels_app.tasks.look_after_channels", 30.0),
    ("channels_app.tasks.ask_model", 30.0),
    ("conversations.tasks.expire_sessions", 60.0),
    ("conversations.tasks.gather_words", 3.0),
    ("conversations.tasks.change_runs", 15.0),
    ("conversations.tasks.forget_trials", 3600.0),
    ("conversations.tasks.sweep_requests", 10.0),
    ("conversations.tasks.forget_requests", 3600.0),
    ("conversations.tasks.forget_misses", 3600.0),
    ("handover.tasks.take_back", 15.0),
    ("handover.tasks.check_affinities", 86400.0),
    ("customers.tasks.suggest_recent", 60.0),
    ("customers.tasks.apply_definitions", 15.0),
    ("customers.tasks.sweep_erasures", 60.0),
    ("customers.tasks.forget_visitors", 3600.0),
    ("customers.tasks.forget_left_out", 3600.0),
    ("customers.tasks.look_at_everybody", 21600.0),
    ("channels_app.tasks.sync_templates", 3600.0),
]

HEARTBEAT_KEY = "throughline:beat"
PUBLISH_SECONDS = 0.2  # a wake-up that Redis does not take at once is dropped: the sweep is the guarantee
CONSUME_SECONDS = 5.0  # longer than the 1 s of a blocking pop


def schedule(entries: list[tuple[str, float]]) -> dict[str, dict[str, Any]]:
    """Beat's schedule from `PERIODIC`."""
    return {name: {"task": name, "schedule": every, "options": {"expires": max(every, 2.0)}} for name, every in entries}


app = Celery("throughline", set_as_current=True)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    beat_schedule=schedule(PERIODIC),
    accept_content=["json"],
    task_serializer="json",
    result_serializer="json",
    task_ignore_result=True,
    task_default_queue="throughline",
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_soft_time_limit=240,
    task_time_limit=300,
    task_publish_retry=False,
    worker_prefetch_multiplier=1,
    worker_soft_shutdown_timeout=10,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    broker_connection_retry_on_startup=True,
    broker_connection_timeout=2,
    broker_transport_options={"socket_connect_timeout": PUBLISH_SECONDS, "socket_timeout": PUBLISH_SECONDS},
)
app.autodiscover_tasks()


@celeryd_init.connect
def be_patient(conf: Any, **_: Any) -> None:
    """A worker waits for messages; only those who publish are in a hurry."""
    conf.broker_transport_options = {"socket_connect_timeout": 2.0, "socket_timeout": CONSUME_SECONDS}


@worker_init.connect
def refuse_unsafe_database(**_: Any) -> None:
    """A worker does not start on a database that may forget what it has acknowledged."""
    from config import durability

    durability.refuse_unsafe()


@app.task(name="config.celery.beat_heart")
def beat_heart() -> None:
    """Leaves the time in Redis: it is young only while beat sends and a worker works."""
    with redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS) as client:
        client.set(HEARTBEAT_KEY, str(time.time()))
