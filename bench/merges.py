"""How quickly do customers become one, whatever was said before, by many at once, and while they write? Prints JSON.

Runs on what `bench.population` has loaded; customer 1 has the long history.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from threading import Barrier, Event
from typing import TYPE_CHECKING, Any

from bench.acts import hear, join, link, once, part, persons, spread, timed
from bench.crews import PROCESSES, crews
from bench.lookups import on_cpu

if TYPE_CHECKING:
    from customers.models import Customer

WARM, GROUP, MEMBERS = 10, 20, 100
HELD_SECONDS = 0.3  # how long a merge is kept from committing while somebody writes


def figures(tries: int, people: int, threads: int) -> dict[str, Any]:
    """All the figures, one after the other."""
    from customers import merging

    found = {
        "one": one_by_one(tries),
        "concurrent": at_once(people, threads),
        "inbound": while_open(tries),
        "split": parted(),
        "queries": queries(),
    }
    return {**found, "drift": len(merging.check())}


# --- one after the other ------------------------------------------------------------------------------------------


def one_by_one(tries: int) -> dict[str, Any]:
    """Somebody is joined with the long history and parted again; the bare statements take turns with it."""
    from django.db import connection

    from customers.models import Customer

    big, small = Customer.objects.get(pk=1), persons(2)
    bare, pid = Bare(), connection.connection.info.backend_pid
    took: dict[str, list[float]] = {"merge": [], "undo": [], "bare": []}
    python = postgres = 0.0
    for turn in range(tries + WARM):
        cpu, backend = time.thread_time(), on_cpu(pid)
        link = timed(took["merge"], lambda turn=turn: join(big, small[turn % 2]).link)  # type: ignore[misc]  # no name
        python, postgres = python + time.thread_time() - cpu, postgres + on_cpu(pid) - backend
        timed(took["undo"], lambda link=link: part(link))  # type: ignore[misc]  # a lambda has no annotations
        timed(took["bare"], bare.join)
    cpu_ms = round((python + postgres) / (tries + WARM) * 1000, 3)
    return {"cpu_ms": cpu_ms, **{name: spread(values[WARM:]) for name, values in took.items()}}


class Bare:
    """The least that a merge has to write: two locks, the pointer, the link and the ledger's row, by bare psycopg."""

    STATEMENTS = (
        ("SELECT id FROM bare_customer WHERE id IN (2, 3) ORDER BY id FOR NO KEY UPDATE", ()),
        ("UPDATE bare_customer SET root = 2 WHERE root IN (2, 3)", ()),
        ("INSERT INTO bare_link (a, b, rule, said) VALUES (2, 3, 'bench', '{}'::jsonb)", ()),
        ("INSERT INTO bare_event (request, roots) VALUES (%s, '[2, 3]'::jsonb)", ("r",)),
        ("UPDATE bare_customer SET version = version + 1 WHERE id = 2", ()),
    )

    def __init__(self) -> None:
        import psycopg
        from django.db import connection

        self.link = psycopg.Connection.connect(connection.connection.info.dsn, autocommit=True, prepare_threshold=0)
        self.link.execute("CREATE TABLE bare_customer (id bigint PRIMARY KEY, root bigint, version bigint)")
        self.link.execute("INSERT INTO bare_customer SELECT n, n, 1 FROM generate_series(1, 1000) AS n")
        self.link.execute(
            "CREATE TABLE bare_link (id bigserial PRIMARY KEY, a bigint, b bigint, rule text, said jsonb)"
        )
        self.link.execute("CREATE TABLE bare_event (id bigserial PRIMARY KEY, request text, roots jsonb)")

    def join(self) -> None:
        with self.link.transaction():
            for statement, values in self.STATEMENTS:
                self.link.execute(statement, values)


# --- many at once -------------------------------------------------------------------------------------------------


def at_once(people: int, threads: int) -> dict[str, Any]:
    """Random trees over groups of people, their edges in any order and given to whoever is free."""
    from customers import clusters
    from customers.models import Customer

    dice, known = random.Random(11), persons(people)
    pairs = []
    for start in range(0, len(known) - GROUP + 1, GROUP):
        group = known[start : start + GROUP]
        pairs += [(one, group[dice.randrange(number)]) for number, one in enumerate(group) if number]
    dice.shuffle(pairs)

    def work(number: int, took: list[float]) -> None:
        for pair in pairs[number::threads]:
            timed(took, lambda pair=pair: join(*pair))  # type: ignore[misc]  # as above

    elapsed, took, errors = crews(threads, work)
    wanted = clusters.pieces(known, [(a.pk, b.pk) for a, b in pairs])
    roots = dict(Customer.objects.filter(pk__in=[one.pk for one in known]).values_list("pk", "root_id"))
    lost = sum(len({roots[member.pk] for member in piece}) - 1 for piece in wanted)
    return {
        "merges": len(pairs),
        "threads": threads,
        "processes": PROCESSES,
        "per_s": round(len(pairs) / elapsed, 1),
        "lost_unions": lost,
        "surfaced_errors": errors,
        **spread(took),
    }


def together(threads: int, work: Callable[[int], object]) -> tuple[float, list[str]]:
    """Seconds until all were done, and what went wrong, by name."""
    from django.db import connection

    gate = Barrier(threads + 1)

    def one(number: int) -> None:
        connection.ensure_connection()
        gate.wait()
        try:
            work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        running = [pool.submit(one, number) for number in range(threads)]
        gate.wait()
        began = time.perf_counter()
        errors = [f"{type(error).__name__}: {error}" for done in running if (error := done.exception())]
    return time.perf_counter() - began, errors


# --- while they write ---------------------------------------------------------------------------------------------


def while_open(tries: int) -> dict[str, Any]:
    """A merge has done all but commit: how long does a message of the lesser one take? And while merges go on?"""
    from customers.models import Customer

    big, small = Customer.objects.get(pk=1), persons(1)[0]
    insert: list[float] = []
    for _ in range(3):
        with held(big, small):
            timed(insert, lambda: word(small))
    receive: list[float] = []
    stop = Event()

    def merge(number: int) -> None:
        while not stop.is_set():
            part(join(big, small).link)

    def write(number: int) -> None:
        try:
            for _ in range(tries):
                timed(receive, lambda: hear(small))
        finally:
            stop.set()

    _, errors = together(2, lambda n: (merge, write)[n](n))
    return {"insert_while_open": spread(insert), "receive_while_merging": spread(receive), "surfaced_errors": errors}


@contextmanager
def held(a: Customer, b: Customer) -> Iterator[None]:
    """A merge in another thread that commits only some time after the block; then it is undone."""
    from django.db import connection, transaction

    is_done, links = Event(), []

    def work() -> None:
        with transaction.atomic():
            links.append(join(a, b).link)
            is_done.set()
            time.sleep(HELD_SECONDS)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(work)
        is_done.wait(timeout=10)
        yield
        running.result()
    part(links[0])


def word(person: Customer) -> None:
    """One message as its row, the way a message refers to its origin."""
    from common import clock
    from conversations.models import Message, Session

    session = Session.objects.filter(customer=person).latest("pk")
    now = clock.now()
    Message.objects.create(
        customer=person, session=session, author="customer", content={}, occurred_at=now, recorded_at=now
    )


# --- a hundred ----------------------------------------------------------------------------------------------------


def parted() -> dict[str, Any]:
    """A chain of a hundred is cut in the middle; a star of a hundred falls apart into every single one."""
    known = persons(MEMBERS)
    chain = [link(a, b) for a, b in pairwise(known)]
    middle = once(lambda: part(chain[MEMBERS // 2]))
    rest = [row for row in chain if row is not chain[MEMBERS // 2]]
    for row in rest:
        part(row)
    star = [link(known[0], other) for other in known[1:]]
    return {"members": MEMBERS, "cut_in_the_middle_ms": middle, "every_link_ms": once(lambda: part(*star))}


def queries() -> dict[str, int]:
    """How many statements a merge and a split of two take."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    a, b = persons(2)
    with CaptureQueriesContext(connection) as merged:
        done = join(a, b)
    with CaptureQueriesContext(connection) as split:
        part(done.link)
    return {"merge": len(merged), "split": len(split)}


if __name__ == "__main__":
    import django

    django.setup()
    from django.db import connection

    connection.ensure_connection()
    print(json.dumps(figures(*map(int, sys.argv[1:]))))
