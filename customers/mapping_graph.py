"""Which rows of a file are about one person, and which would join people who are apart without them?

All rows become a graph before one of them is applied, so that their order never matters: rows and the customers who
are there already are joined by the addresses they share. A row without which two of them would be apart is a bridge.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.db import connection

from customers import mapping_sql

MOST = 1000  # rows of one person; a file that says more of somebody is wrong
Edges = dict[int, frozenset[str]]

# What several rows share, and what joins a row to customers who are there: (row, address or #root).
SHARED = """
WITH held AS (
  SELECT row, node FROM customers_importkey WHERE import_id = %(id)s AND routes
  UNION SELECT row, '#' || root_id FROM import_owned
), told AS (SELECT row FROM import_owned GROUP BY row HAVING count(DISTINCT root_id) > 1)
SELECT row, node FROM held
WHERE node IN (SELECT node FROM held GROUP BY node HAVING count(*) > 1) OR row IN (SELECT row FROM told)
"""


def settle(import_id: int, count: int) -> None:
    """Writes each row's component (its lowest row), and to the bridges how many they would join. Within a transaction.

    Memory: eight bytes a row, and the rows that share something.
    """
    given = {"id": import_id, "lo": 1, "hi": count}
    with connection.cursor() as cursor:
        cursor.execute(mapping_sql.SCRATCH)
        cursor.execute(mapping_sql.EMPTY)
        cursor.execute(mapping_sql.OWNED, given)
        cursor.execute("ANALYZE import_owned")
        cursor.execute(SHARED, given)
        edges = defaultdict(set)
        for row, node in cursor.fetchall():
            edges[row].add(node)
        _write(import_id, components({row: frozenset(nodes) for row, nodes in edges.items()}))


def components(edges: Edges) -> Iterator[tuple[int, int, int]]:
    """(row, component, how many it would join: 0 for all but bridges), for rows that are not a component by themselves.

    A bridge is a component of its own: it is applied when the rest is, if a person said so.
    """
    for rows in pieces(edges):
        part = {row: edges[row] for row in rows}
        if len(rows) > MOST:
            yield from ((row, row, -1) for row in rows)
            continue
        bridges = _bridges(part)
        for piece in pieces({row: part[row] for row in rows if row not in bridges}):
            roots = {node for row in piece for node in part[row] if node.startswith("#")}
            if len(roots) > 1:
                bridges |= dict.fromkeys(piece, len(roots))
                continue
            yield from ((row, min(piece), 0) for row in piece if row != min(piece))
        yield from ((row, row, joined) for row, joined in bridges.items())


def pieces(edges: Edges) -> list[list[int]]:
    """The connected components of these rows, in the order of their lowest."""
    rows = sorted(edges)
    place = {row: number for number, row in enumerate(rows)}
    leader, first = array("l", range(len(rows))), dict[str, int]()

    def find(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    for row in rows:
        for node in edges[row]:
            one, other = find(place[row]), find(first.setdefault(node, place[row]))
            leader[max(one, other)] = min(one, other)
    found = defaultdict(list)
    for row in rows:
        found[find(place[row])].append(row)
    return list(found.values())


def _bridges(part: Edges) -> dict[int, int]:
    """The rows (and those that say the same) without which others would be apart, and into how many they would fall."""
    alike = defaultdict(list)
    for row in sorted(part):
        alike[part[row]].append(row)
    if len(alike) == 1 and sum(node.startswith("#") for node in next(iter(alike))) < 2:
        return {}
    unlike = {rows[0]: nodes for nodes, rows in alike.items()}
    found: dict[int, int] = {}
    for row, joined in _cuts(unlike).items():
        found |= dict.fromkeys(alike[unlike[row]], joined)
    return found


def _cuts(part: Edges) -> dict[int, int]:
    """Rows whose absence leaves two or more pieces that hold a row or a customer (articulation points, by one walk)."""
    near: dict[int | str, list[int | str]] = defaultdict(list)
    for row, nodes in part.items():
        for node in sorted(nodes):
            near[row].append(node)
            near[node].append(row)
    order, low, holds, cut = dict[int | str, int](), dict[int | str, int](), dict[int | str, int](), dict[int, int]()
    root = min(part)
    stack: list[tuple[int | str, int | str | None, Iterator[int | str]]] = [(root, None, iter(near[root]))]
    order[root] = low[root] = 0
    while stack:
        one, parent, rest = stack[-1]
        other = next(rest, None)
        if other is None:
            stack.pop()
            _leave(one, parent, order, low, holds, cut)
        elif other not in order:
            order[other] = low[other] = len(order)
            stack.append((other, one, iter(near[other])))
        elif other != parent:
            low[one] = min(low[one], order[other])
    above = {row: cut.get(row, 0) + (row != root) for row in part}
    return {row: joined for row, joined in above.items() if joined > 1}


def _leave(
    one: int | str,
    parent: int | str | None,
    order: dict[int | str, int],
    low: dict[int | str, int],
    holds: dict[int | str, int],
    cut: dict[int, int],
) -> None:
    """What lies under `one` is known: does it hang on its parent alone, and is anybody there?"""
    holds[one] = holds.get(one, 0) + (isinstance(one, int) or one.startswith("#"))
    if parent is None:
        return
    low[parent] = min(low[parent], low[one])
    holds[parent] = holds.get(parent, 0) + holds[one]
    if isinstance(parent, int) and low[one] >= order[parent] and holds[one]:
        cut[parent] = cut.get(parent, 0) + 1


def _write(import_id: int, found: Iterable[tuple[int, int, int]]) -> None:
    with connection.cursor() as own:
        own.execute(
            "CREATE TEMP TABLE IF NOT EXISTS import_label (row integer, component integer, links integer)"
            " ON COMMIT DELETE ROWS; TRUNCATE import_label"
        )
        with own.copy("COPY import_label FROM STDIN") as copy:
            for row, component, links in found:
                copy.write(f"{row}\t{component}\t{links}\n")
        for table in ("customers_importrow", "customers_importkey", "customers_importvalue"):
            own.execute(
                f"UPDATE {table} w SET component = l.component FROM import_label l"
                " WHERE w.import_id = %s AND w.component = l.row AND w.row = l.row AND l.component <> l.row",
                [import_id],
            )
        own.execute(
            "UPDATE customers_importrow w SET links = l.links FROM import_label l"
            " WHERE w.import_id = %s AND w.component = l.component AND w.row = l.row AND l.links <> 0",
            [import_id],
        )
