"""Is the background safe to lean on? JSON only, acknowledged late, one schedule, no waiting for a dead broker."""

from __future__ import annotations

import pickle
import time

import pytest
import redis
from django.conf import settings
from kombu import Exchange, Producer, Queue
from kombu.exceptions import ContentDisallowed

from config import celery


@pytest.mark.scenario("T-70")
def test_a_pickle_on_the_broker_is_not_read() -> None:
    queue = Queue("test-pickle", Exchange("test-pickle"), "test-pickle")
    with celery.app.connection_for_write() as link, link.channel() as channel:
        bound = queue.bind(channel)
        bound.declare()
        body = pickle.dumps({"danger": True})
        sent = {"content_type": "application/x-python-serialize", "content_encoding": "binary"}
        Producer(channel, bound.exchange, "test-pickle").publish(body, **sent)
        message = bound.get(accept=celery.app.conf.accept_content)
        bound.delete()
    with pytest.raises(ContentDisallowed):
        message.decode()


def test_a_lost_worker_does_not_lose_its_task() -> None:
    assert celery.app.conf.task_acks_late
    assert celery.app.conf.task_reject_on_worker_lost


def test_every_periodic_task_exists() -> None:
    celery.app.loader.import_default_modules()
    assert {name for name, _ in celery.PERIODIC} <= set(celery.app.tasks)


def test_a_late_run_is_dropped_instead_of_piling_up() -> None:
    entries = celery.schedule([("some.task", 5.0)])
    assert entries["some.task"]["options"]["expires"] == 5.0


def test_the_heartbeat_leaves_the_time(redis_client: redis.Redis) -> None:
    celery.beat_heart()
    assert abs(time.time() - float(redis_client.get(celery.HEARTBEAT_KEY) or 0)) < 60


def test_the_broker_is_the_one_redis() -> None:
    broker, server = (url.split("://")[1].partition("?")[0] for url in (settings.CELERY_BROKER_URL, settings.REDIS_URL))
    assert broker == server
