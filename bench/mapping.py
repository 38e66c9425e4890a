"""How fast does a file of customers come in, checked and applied, and does memory stay flat?

Baseline: the same file into a bare table of texts by COPY, in the same run.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.frame import say
from bench.rig import rig


def measure(rows: int = 100_000) -> dict[str, Any]:
    """The figure as `bench.frame` prints it: `rows` rows with a phone, an e-mail address and a name, all new."""
    with rig() as running:
        say(f"importing {rows:,} rows")
        found = json.loads(running.run("bench.mapping", str(rows)).splitlines()[-1])
    ours = rows / (found["check_s"] + found["run_s"])
    return {
        "figure": "rows of a file imported, dry run and run together",
        "value": round(ours),
        "unit": "rows/s",
        "baseline": round(rows / found["copy_s"]),
        "ratio": round(ours * found["copy_s"] / rows, 4),
        "cpu_ms": round(1000 * found["python_cpu_s"] / rows, 4),
        "detail": {
            "rows": rows,
            "aim_rows_a_second": 10_000,
            "run_rows_a_second": round(rows / found["run_s"]),
            **found,
        },
    }


def loaded(rows: int) -> dict[str, Any]:
    """Seconds of each phase and the most memory of this process, in MB."""
    from django.db import connection

    from customers import mapping

    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "people.csv"
        _write(path, rows)
        began = time.perf_counter()
        with connection.cursor() as cursor, open(path, "rb") as file:
            cursor.execute("CREATE TABLE bare (phone text, email text, name text)")
            with cursor.copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy:
                while block := file.read(1 << 16):
                    copy.write(block)
        copied = time.perf_counter() - began
        before = _most_memory()
        with open(path, "rb") as file:
            work = mapping.upload(file=file, name=path.name, actor="bench")
    trust = {"phone": "mapping", "email": "mapping", "name": "attribute"}
    mapping.choose(work=work, columns=[{"header": name, "target": name, "trust": trust[name]} for name in trust])
    check_s, _ = _timed(lambda: mapping.check(work))
    mapping.confirm(work=work, actor="bench")
    run_s, counts = _timed(lambda: mapping.apply(work))
    memory = {"memory_before_mb": before, "memory_most_mb": _most_memory()}
    return {
        "copy_s": copied,
        "check_s": check_s,
        "run_s": run_s,
        "python_cpu_s": time.process_time(),
        **memory,
        **counts,
    }


def _write(path: Path, rows: int) -> None:
    with open(path, "w") as file:
        file.write("phone,email,name\n")
        file.writelines(f"+4670{number:07},person{number}@example.com,Person {number}\n" for number in range(rows))


def _timed(work: Any) -> tuple[float, Any]:
    began = time.perf_counter()
    return (lambda found: (time.perf_counter() - began, found))(work())


def _most_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(loaded(int(sys.argv[1]))))
