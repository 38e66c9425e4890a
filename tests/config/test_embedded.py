"""Do the embedded servers keep their data, find their sockets and survive what a machine does to them?"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config import embedded
from config.children import Child
from config.embedded import places, postgres
from tests.signals import send_to_all


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def servers(data_dir: Path) -> Iterator[dict[str, Child]]:
    """PostgreSQL and Redis of one data directory, started; the directory stays from test to test."""
    _, children = embedded.children(data_dir, always=True)
    for child in children:
        child.start()
        child.wait_ready()
    yield {child.name: child for child in children}
    for child in children:
        child.stop()


def written(data_dir: Path) -> None:
    with psycopg.connect(embedded.database_url(data_dir), autocommit=True) as link:
        link.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        link.execute("TRUNCATE kept")
        link.execute("INSERT INTO kept VALUES ('stay')")
    with redis.Redis.from_url(embedded.redis_url(data_dir)) as client:
        client.set("kept", "stay")


def kept(data_dir: Path) -> tuple[str, str]:
    with psycopg.connect(embedded.database_url(data_dir)) as link:
        row = link.execute("SELECT word FROM kept").fetchone()
    with redis.Redis.from_url(embedded.redis_url(data_dir), decode_responses=True) as client:
        return (row[0] if row else "", str(client.get("kept")))


def test_every_commit_is_on_disk(servers: dict[str, Child], data_dir: Path) -> None:
    with psycopg.connect(embedded.database_url(data_dir)) as link:
        settings = dict(link.execute("SELECT name, setting FROM pg_settings").fetchall())
    names = ("fsync", "full_page_writes", "synchronous_commit", "listen_addresses")
    assert [settings[name] for name in names] == ["on", "on", "on", ""]


def test_data_stays_over_a_stop_and_a_start(servers: dict[str, Child], data_dir: Path) -> None:
    written(data_dir)
    for child in servers.values():
        child.stop()
        child.start()
        child.wait_ready()
    assert kept(data_dir) == ("stay", "stay")


@pytest.mark.faults
def test_data_stays_over_a_kill_and_a_start(servers: dict[str, Child], data_dir: Path) -> None:
    written(data_dir)
    time.sleep(1.2)  # Redis writes its file to disk every second
    send_to_all([*postgres.processes_in(data_dir / "postgres"), servers["redis"].pid], signal.SIGKILL)
    for child in servers.values():
        assert child.process is not None
        child.process.wait()
        child.start()
        child.wait_ready()
    assert kept(data_dir) == ("stay", "stay")


@pytest.mark.faults
def test_a_server_that_outlived_its_supervisor_is_replaced(servers: dict[str, Child], data_dir: Path) -> None:
    written(data_dir)
    _, again = embedded.children(data_dir, always=True)
    for child in again:
        child.start()
        child.wait_ready()
    assert kept(data_dir) == ("stay", "stay")
    assert [child.process.wait(40) for child in servers.values() if child.process] == [0, 0]
    for child in again:
        child.stop()


@pytest.mark.faults
def test_a_stale_lock_that_names_a_living_stranger_is_cleared(servers: dict[str, Child], data_dir: Path) -> None:
    written(data_dir)
    servers["postgres"].stop()
    (data_dir / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{data_dir / 'postgres'}\n")
    servers["postgres"].start()
    servers["postgres"].wait_ready()
    assert kept(data_dir)[0] == "stay"


def test_a_deep_data_directory_has_short_sockets(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-rather-long-name-of-a-directory"] * 6)
    longest = os.fsencode(places.runtime_dir(deep)) + b"/.s.PGSQL.5432.lock"
    assert len(longest) <= places.LONGEST_SOCKET_PATH


def test_two_data_directories_have_different_sockets(tmp_path: Path) -> None:
    assert places.runtime_dir(tmp_path / "a") != places.runtime_dir(tmp_path / "b")


def test_sockets_are_not_put_where_somebody_laid_a_link(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "sockets").symlink_to(tmp_path / "target")
    with pytest.raises(places.CannotServe, match="belongs to another user"):
        places.private_dir(tmp_path / "sockets", places.account())


def test_a_url_in_the_environment_starts_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/x")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example")
    assert embedded.children(tmp_path) == ({}, [])
