"""Which columns hold personal text, sealed to their row and opened only when somebody reads them?

A value is sealed in `pre_save` for the row's `public_id` and opened on attribute access, so rows that nobody reads
cost nothing. What would go around that (`update()`, lookups, `bulk_update`) is refused.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.core import checks
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query_utils import DeferredAttribute

from common import crypto

ROW = "public_id"


class Sealed:
    """A stored value that nobody has read yet; it tells nothing about itself."""

    __slots__ = ("stored",)

    def __init__(self, stored: str) -> None:
        self.stored = stored

    def __repr__(self) -> str:
        return "<sealed>"


class Ciphertext(str):
    """A value that went through `pre_save`: the only thing besides NULL that may be written."""

    __slots__ = ()


class Opening(DeferredAttribute):
    """Opens the value when the attribute is read, and loads it first if it was deferred."""

    field: EncryptedTextField

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        if instance is None:
            return self
        values = instance.__dict__
        name = self.field.attname
        if name not in values:
            values[name] = self._stored(instance)
        value = values[name]
        if type(value) is Sealed:
            value = values[name] = self.field.open(value, instance)
        return value

    def __set__(self, instance: models.Model, value: object) -> None:
        instance.__dict__[self.field.attname] = value

    def _stored(self, instance: models.Model) -> Any:
        rows = type(instance)._base_manager.db_manager(instance._state.db)
        return rows.filter(pk=instance.pk).values_list(self.field.attname, flat=True).get()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # the stubs' plugin infers the types at the use
    """Text, sealed to table, column and the row's `public_id`; where none is needed, none stays as it is."""

    descriptor_class = Opening

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if type(value) is Sealed:
            if not add:
                return Ciphertext(value.stored)
            value = getattr(model_instance, self.attname)
        if value is None:
            return None
        if hasattr(value, "resolve_expression"):
            raise FieldError(f"{self.name} is encrypted: it takes a value, not an expression")
        text = self.encode(value)
        if not text and self._may_be_nothing:
            return Ciphertext()
        return Ciphertext(crypto.seal(text, row=self._row(model_instance), **self._place()))

    def open(self, value: Sealed, instance: models.Model) -> Any:
        """The plain value, or `crypto.Unreadable`."""
        if not value.stored and self._may_be_nothing:
            return ""
        return self.decode(crypto.unseal(value.stored, row=self._row(instance), **self._place()))

    @property
    def _may_be_nothing(self) -> bool:
        return bool(self.blank)

    def encode(self, value: Any) -> str:
        if not isinstance(value, str):
            raise FieldError(f"{self.name} takes text, not {type(value).__name__}")
        return value

    def decode(self, text: str) -> Any:
        return text

    def from_db_value(self, value: str | None, expression: object, connection: BaseDatabaseWrapper) -> Sealed | None:
        return None if value is None else Sealed(value)

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        if value is not None and type(value) is not Ciphertext:
            raise FieldError(f"{self.name} is encrypted: write it through save(), create() or bulk_create()")
        return None if value is None else str(value)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted: it cannot be searched")
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.name} is encrypted: it cannot be searched")

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        return [*super().check(**kwargs), *self._check_row()]

    def _check_row(self) -> list[checks.CheckMessage]:
        try:
            row = self.model._meta.get_field(ROW)
        except FieldDoesNotExist:
            row = None
        if isinstance(row, models.UUIDField) and row.unique and not row.null:
            return []
        hint = f"Add {ROW} = models.UUIDField(default=uuid7, unique=True, editable=False)."
        return [checks.Error("An encrypted field is bound to its row.", hint=hint, obj=self, id="common.E001")]

    def _place(self) -> dict[str, str]:
        return {"table": self.model._meta.db_table, "column": str(self.column)}

    def _row(self, instance: models.Model) -> UUID:
        row = getattr(instance, ROW)
        return row if isinstance(row, UUID) else UUID(str(row))


def _nothing(name: str) -> None:
    """NaN and Infinity are no JSON, and no reader would take the answer that holds one."""


# Made once: one for every value would take as long as its text does.
ENCODER = DjangoJSONEncoder(separators=(",", ":"), ensure_ascii=False)
DECODER = json.JSONDecoder(parse_constant=_nothing)


class EncryptedJSONField(EncryptedTextField):
    """Any JSON value, sealed as text; None is NULL."""

    _pyi_private_set_type: Any  # the stubs' names for what may be assigned and what is read
    _pyi_private_get_type: Any

    @property
    def _may_be_nothing(self) -> bool:
        return False  # there is no JSON without a sign

    def encode(self, value: Any) -> str:
        return ENCODER.encode(value)

    def decode(self, text: str) -> Any:
        return DECODER.decode(text)

    def to_python(self, value: Any) -> Any:
        return value
