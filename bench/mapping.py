"""How fast does a file of customers come in, checked and applied, again and with other names; does memory stay flat?

Baseline: the same file into a bare table of texts by COPY, in the same run.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.frame import say
from bench.rig import rig

COLUMNS = {"phone": "mapping", "email": "mapping", "name": "attribute"}
AIM = 10_000  # rows a second
EVERY = 0.5  # seconds between two looks at the memory


def measure(rows: int = 100_000, known: int = 20_000) -> dict[str, Any]:
    """The figure as `bench.frame` prints it: `rows` rows with a phone, an e-mail address and a name, all new.

    `known` of them are then imported once more as they were, and once more with other names.
    """
    with rig() as running:
        say(f"importing {rows:,} rows")
        found = json.loads(running.run("bench.mapping", str(rows), str(min(known, rows))).splitlines()[-1])
    rate = found["run_rows_a_second"]
    return {
        "figure": "rows of a confirmed file imported; the dry run before it normalises, hashes and seals them",
        "value": rate,
        "unit": "rows/s",
        "baseline": round(rows / found["copy_s"]),
        "ratio": round(rate * found["copy_s"] / rows, 4),
        "cpu_ms": round(1000 * found["python_cpu_s"] / rows, 4),
        "detail": {"rows": rows, "aim_rows_a_second": AIM, **found},
    }


def loaded(rows: int, known: int) -> dict[str, Any]:
    """Rows a second of each phase, the memory of this process at marks of each, in MB."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "people.csv"
        _write(path, rows)
        copied, _ = _timed(lambda: _copy(path))
        new = _through(path, rows, "memory_mb")
        _write(path, known)
        same = _through(path, known)
        _write(path, known, " Jr")
        changed = _through(path, known, as_of=True)
    return {
        "copy_s": round(copied, 3),
        **new,
        "python_cpu_s": round(time.process_time(), 1),
        "again": same,
        "other_names": changed,
    }


def _through(path: Path, rows: int, memory: str = "", *, as_of: bool = False) -> dict[str, Any]:
    from common import clock
    from customers import mapping

    with open(path, "rb") as file:
        work = mapping.upload(file=file, name=path.name, actor="bench")
    columns = [{"header": name, "target": name, "trust": trust} for name, trust in COLUMNS.items()]
    mapping.choose(work=work, columns=columns, as_of=clock.now() if as_of else None)
    with _remembered() as check_memory:
        check_s, _ = _timed(lambda: mapping.check(work))
    mapping.confirm(work=work, actor="bench")
    with _remembered() as run_memory:
        run_s, counts = _timed(lambda: mapping.apply(work))
    found = {
        "check_rows_a_second": round(rows / check_s),
        "run_rows_a_second": round(rows / run_s),
        "both_rows_a_second": round(rows / (check_s + run_s)),
        "check_s": round(check_s, 1),
        "run_s": round(run_s, 1),
        "outcomes": counts,
    }
    return found | ({memory: {"check": _marks(check_memory), "run": _marks(run_memory)}} if memory else {})


@contextmanager
def _remembered() -> Iterator[list[int]]:
    """The memory of this process, in MB, every half second while it lasts."""
    seen, over = [_resident()], threading.Event()

    def look() -> None:
        while not over.wait(EVERY):
            seen.append(_resident())

    watch = threading.Thread(target=look, daemon=True)
    watch.start()
    yield seen
    over.set()
    watch.join()
    seen.append(_resident())


def _marks(seen: list[int]) -> dict[str, int]:
    """At the beginning, at a tenth, in the middle, at the end, and the most."""
    last = len(seen) - 1
    return {"start": seen[0], "tenth": seen[last // 10], "half": seen[last // 2], "end": seen[last], "most": max(seen)}


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 >> 20


def _copy(path: Path) -> None:
    from django.db import connection

    with connection.cursor() as cursor, open(path, "rb") as file:
        cursor.execute("CREATE TABLE bare (phone text, email text, name text)")
        with cursor.copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy:
            while block := file.read(1 << 16):
                copy.write(block)


def _write(path: Path, rows: int, suffix: str = "") -> None:
    with open(path, "w") as file:
        file.write(",".join(COLUMNS) + "\n")
        file.writelines(
            f"+4670{number:07},person{number}@example.com,Person {number}{suffix}\n" for number in range(rows)
        )


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(loaded(int(sys.argv[1]), int(sys.argv[2]))))
