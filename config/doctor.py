"""Is this installation well? One check-up for each thing that it stands on; apps add theirs by `common.checkups`."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import redis
from django.conf import settings
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from common import checkups
from common.checkups import Checkup, Finding, Level
from config import celery, durability, env
from config import secrets as own_secrets

BEAT_WARN, BEAT_FAIL = 30.0, 120.0  # seconds since the last heartbeat; one is due every 10
CLOCK_WARN, CLOCK_FAIL = 1.0, 30.0  # seconds between the host's clock and the database's
ROUND_TRIP_SECONDS = 2.0
FREE_SHARE = 0.2  # of the disk: PostgreSQL does not come back by itself from a full one
START_IT = "Start it with `manage.py up`, or see its service."


def examine() -> Iterator[tuple[str, Finding]]:
    """Every check-up's finding, by name; a check-up that cannot reach the database fails, and the next one runs."""
    for name, checkup in {**OWN, **checkups.registered}.items():
        try:
            yield name, checkup()
        except DatabaseError as error:
            connection.close()
            yield name, Finding("FAIL", f"the database refused: {str(error).splitlines()[0]}", START_IT)
        except (redis.RedisError, OSError) as error:
            yield name, Finding("FAIL", f"no answer: {error}", START_IT)


def database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (version,) = cursor.fetchone()
        cursor.execute("SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user")
        role, is_super = cursor.fetchone()
    text = f"PostgreSQL {version}, role {role}"
    if not is_super:
        return Finding("OK", text)
    return Finding("OK", f"{text}: one role owns and uses everything (the embedded run; use two in production)")


def migrations() -> Finding:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        return Finding("FAIL", f"{missing} are not applied", "Run `manage.py migrate`.")
    return Finding("OK", "all are applied")


def promises_of_database() -> Finding:
    found = durability.unsafe_settings()
    if found:
        return Finding("FAIL", f"{', '.join(found)}: acknowledged messages can be lost", "Set it to on.")
    return Finding("OK", "every commit is on disk before it is acknowledged")


def clocks() -> Finding:
    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        there = float(cursor.fetchone()[0])
        apart = abs(there - (before + time.time()) / 2)
    text = f"the host and the database are {apart:.3f} s apart"
    if apart < CLOCK_WARN:
        return Finding("OK", text)
    return Finding("FAIL" if apart >= CLOCK_FAIL else "WARN", text, "Let both follow a time server (NTP).")


def redis_server() -> Finding:
    with redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS) as client:
        found = client.info("server")
    return Finding("OK", f"version {found['redis_version']}")


def live_push() -> Finding:
    """One message through Redis' pub/sub, the way of every live push."""
    topic, word = f"throughline:doctor:{secrets.token_hex(8)}", secrets.token_hex(8)
    with redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS) as client, client.pubsub() as listener:
        listener.subscribe(topic)
        listener.get_message(timeout=ROUND_TRIP_SECONDS)
        start = time.monotonic()
        client.publish(topic, word)
        message = listener.get_message(timeout=ROUND_TRIP_SECONDS)
    if message is None or message["data"] != word.encode():
        return Finding("FAIL", f"nothing came back in {ROUND_TRIP_SECONDS:.0f} s", "See the log of Redis.")
    return Finding("OK", f"a round trip took {(time.monotonic() - start) * 1000:.1f} ms")


def beat() -> Finding:
    with redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS) as client:
        last = client.get(celery.HEARTBEAT_KEY)
        up_for = float(client.info("server")["uptime_in_seconds"])
    remedy = f"Are beat and celery running? {START_IT}"
    if last is None:
        level: Level = "FAIL" if up_for >= BEAT_WARN else "WARN"
        return Finding(level, f"no periodic task has run in the {up_for:.0f} s since Redis started", remedy)
    age = time.time() - float(last)
    text = f"the last periodic task ran {age:.0f} s ago"
    if age < BEAT_WARN:
        return Finding("OK", text)
    return Finding("FAIL" if age >= BEAT_FAIL else "WARN", text, remedy)


def storage() -> Finding:
    name = default_storage.save(f"doctor/{secrets.token_hex(8)}", ContentFile(b"well"))
    with default_storage.open(name) as stored:
        same = stored.read() == b"well"
    default_storage.delete(name)
    if not same:
        return Finding("FAIL", "a file came back changed", "Check the disk and the mount of the data directory.")
    return Finding("OK", "a file was written, read and deleted")


def disk() -> Finding:
    usage = shutil.disk_usage(Path(settings.DATA_DIR))
    share = usage.free / usage.total
    text = f"{share:.0%} of the disk of the data directory is free"
    remedy = "Make room: PostgreSQL stops when the disk is full, and stays down."
    return Finding("OK", text) if share >= FREE_SHARE else Finding("WARN", text, remedy)


def email() -> Finding:
    backend = settings.EMAIL_BACKEND.rsplit(".", 2)[-2]
    if backend != "smtp":
        return Finding("WARN", f"mail goes to {backend}, not to people", "Set EMAIL_HOST for real mail.")
    link = mail.get_connection(fail_silently=False)
    link.open()
    link.close()
    return Finding("OK", f"{settings.EMAIL_HOST} answers")


def keys() -> Finding:
    try:
        own_secrets.load(Path(settings.DATA_DIR))
    except (env.BadEnvironment, ImproperlyConfigured) as error:
        return Finding("FAIL", str(error), "Set another value, or remove it to have one made.")
    return Finding("OK", f"{len(own_secrets.NAMES)} secrets, long, each with one purpose")


OWN: dict[str, Checkup] = {
    "database": database,
    "migrations": migrations,
    "durability": promises_of_database,
    "clock": clocks,
    "redis": redis_server,
    "live push": live_push,
    "beat": beat,
    "storage": storage,
    "disk": disk,
    "e-mail": email,
    "secrets": keys,
}
