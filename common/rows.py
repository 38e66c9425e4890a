"""How do rows come and go where the ORM takes longer to build a statement than Postgres to run it?

Statements are written out by the caller or built once for a model; values still go through the model's fields, so that
sealing, JSON and arrays are as everywhere. No signals, no savepoints; the caller's transaction holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState

Row = TypeVar("Row", bound=models.Model)
if TYPE_CHECKING:
    Field = models.Field[Any, Any]


KEPT, KEPT_ROWS = 64, 64  # cursors of a connection, and rows of an answer, for a cursor holds its last one

# What the attribute holds is what the driver takes; other fields are asked to make it so.
PLAIN = (
    models.BigIntegerField, models.BooleanField, models.CharField, models.DateTimeField, models.ForeignKey,
    models.PositiveIntegerField, models.PositiveSmallIntegerField, models.SmallIntegerField, models.UUIDField,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a model's fields has to be known for every row."""

    table: str
    fields: tuple[Field, ...]
    names: tuple[str, ...]
    opened: tuple[tuple[int, Callable[..., Any]], ...]  # places whose stored value the field has to read
    written: tuple[Field, ...]  # all but the primary key
    sealed: tuple[tuple[str, Field | None], ...]  # of these the attribute, and the field if the value is not plain
    returned: tuple[str, ...]  # what the database decides at an insert


def columns(model: type[models.Model], alias: str) -> str:
    """The model's columns for a statement of one's own, in the order that `made` expects."""
    return ", ".join(f"{alias}.{field.column}" for field in shape(model).fields)


def read(model: type[Row], query: str, values: Any) -> list[Row]:
    """The rows of a statement that selects exactly `columns(model, ...)`."""
    return [made(model, row) for row in fetch(query, values)]


def fetch(query: str, values: Any) -> list[Any]:
    """The rows of a statement, as they come.

    Within a transaction its cursor is kept for the next time: a new one learns anew how each column is read.
    """
    here = connections[DEFAULT_DB_ALIAS]
    if not here.in_atomic_block or here.queries_logged:
        with here.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())
    kept = _kept(here)
    cursor = kept.pop(query, None) or here.cursor()
    cursor.execute(query, values)
    found = list(cursor.fetchall())
    if len(found) <= KEPT_ROWS:
        kept[query] = cursor  # the last one used is the last one to go
        if len(kept) > KEPT:
            del kept[next(iter(kept))]
    return found


def _kept(here: BaseDatabaseWrapper) -> dict[str, Any]:
    """The cursors of this connection by their statements."""
    of: object
    cursors: dict[str, Any]
    of, cursors = here.__dict__.get("kept_cursors", (None, {}))
    if of is not here.connection:
        cursors = {}
        here.__dict__["kept_cursors"] = here.connection, cursors
    return cursors


def listed(values: Sequence[Any]) -> tuple[str, list[Any]]:
    """A list for `IN`, written out, and its values; for an array the database would make a new plan every time.

    The last value is repeated up to a power of two: a statement for each length would push others out of its memory.
    """
    many = 1 << (len(values) - 1).bit_length()
    return f"({', '.join(['%s'] * many)})", [*values, *[values[-1]] * (many - len(values))]


def made(model: type[Row], values: Sequence[Any]) -> Row:
    """The instance of one row, as a queryset would have made it."""
    known = shape(model)
    row = model.__new__(model)
    row._state = ModelState()
    is_stored(row)
    row.__dict__.update(zip(known.names, values, strict=True))
    for place, opened in known.opened:
        row.__dict__[known.names[place]] = opened(values[place], None, None)
    return row


def insert(*rows: models.Model, ignore_conflicts: bool = False) -> int:
    """Inserts rows of one model in one statement, and sets what the database decided; returns how many were written.

    With `ignore_conflicts` rows that a constraint refuses are left out; their instances are not to be used.
    """
    if not rows:
        return 0
    known = shape(type(rows[0]))
    decided = fetch(
        _insert(type(rows[0]), len(rows), ignore_conflicts), [value for row in rows for value in stored(row)]
    )
    if len(decided) == len(rows):
        for row, found in zip(rows, decided, strict=True):
            row.__dict__.update(zip(known.returned, found, strict=True))
            is_stored(row)
    return len(decided)


def is_stored(row: models.Model) -> None:
    """Notes on an instance that its row exists."""
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def stored(row: models.Model) -> list[Any]:
    """The values of a new row as the database takes them, in the order of `written(model)`."""
    return _values(row, shape(type(row)).sealed, is_new=True)


def named(row: models.Model, prefix: str) -> dict[str, Any]:
    """The same by the names of `places(model, prefix)`."""
    return dict(zip(_names(type(row), prefix), stored(row), strict=True))


def written(model: type[models.Model]) -> str:
    """The columns of an insert."""
    return ", ".join(f'"{field.column}"' for field in shape(model).written)


def placed(model: type[models.Model], prefix: str) -> list[tuple[str, str]]:
    """Each of these columns with its placeholder in a statement with named values."""
    fields = shape(model).written
    names = _names(model, prefix)
    return [(str(field.column), _place(field, name)) for field, name in zip(fields, names, strict=True)]


def places(model: type[models.Model], prefix: str) -> str:
    """Their placeholders alone."""
    return ", ".join(place for _, place in placed(model, prefix))


def update(row: models.Model, *names: str) -> None:
    """Saves these fields of a stored row; raises `DatabaseError` when it is there no more."""
    query, fields = _update(type(row), names)
    if not fetch(query, [*_values(row, fields, is_new=False), row.pk]):
        raise DatabaseError(f"{type(row).__name__} {row.pk} is not there to be updated")


@lru_cache(maxsize=64)
def shape(model: type[models.Model]) -> Shape:
    """The model's shape, read once."""
    fields = tuple(model._meta.concrete_fields)
    return Shape(
        table=model._meta.db_table,
        fields=fields,
        names=tuple(field.attname for field in fields),
        opened=tuple(
            (place, field.from_db_value) for place, field in enumerate(fields) if hasattr(field, "from_db_value")
        ),
        written=tuple(field for field in fields if not field.primary_key),
        sealed=_sealed(field for field in fields if not field.primary_key),
        returned=tuple(field.attname for field in fields if getattr(field, "db_returning", False)),
    )


@lru_cache(maxsize=256)
def _insert(model: type[models.Model], count: int, ignore_conflicts: bool) -> str:
    known = shape(model)
    row = ", ".join(_place(field) for field in known.written)
    rows = ", ".join([f"({row})"] * count)
    conflict = "ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    return (
        f"INSERT INTO {known.table} ({written(model)}) VALUES {rows} {conflict} RETURNING {', '.join(_decided(model))}"
    )


def _decided(model: type[models.Model]) -> list[str]:
    return [str(field.column) for field in shape(model).fields if getattr(field, "db_returning", False)]


@lru_cache(maxsize=128)
def _update(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, tuple[tuple[str, Field | None], ...]]:
    known = {field.name: field for field in shape(model).fields}
    fields = [known[name] for name in names]
    changes = ", ".join(f'"{field.column}" = {_place(field)}' for field in fields)
    return f"UPDATE {shape(model).table} SET {changes} WHERE id = %s RETURNING id", _sealed(fields)


def _sealed(fields: Iterable[Field]) -> tuple[tuple[str, Field | None], ...]:
    return tuple((field.attname, None if _is_plain(field) else field) for field in fields)


def _is_plain(field: Field) -> bool:
    return isinstance(field, PLAIN) and not getattr(field, "auto_now", False)


def _values(row: models.Model, fields: Iterable[tuple[str, Field | None]], *, is_new: bool) -> list[Any]:
    here, held = connections[DEFAULT_DB_ALIAS], row.__dict__
    return [
        held[name] if field is None else field.get_db_prep_save(field.pre_save(row, is_new), here)
        for name, field in fields
    ]


@lru_cache(maxsize=64)
def _names(model: type[models.Model], prefix: str) -> list[str]:
    return [f"{prefix}_{field.column}" for field in shape(model).written]


def _place(field: Field, name: str = "") -> str:
    """Without the length: a cast would cut a text that is too long, and the column refuses it."""
    kind = str(field.db_type(connection)).partition("(")[0]
    return f"%({name})s::{kind}" if name else f"%s::{kind}"
