"""Which JSON may be typed into a form of the back office? What its column is for, as the database takes it."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput

from common import plain_json

SHAPES: dict[type, str] = {
    dict: 'Write a JSON object, such as {"name": "value"}.',
    list: 'Write a JSON list, such as ["one", "two"].',
}


class ShapedJSON(forms.JSONField):
    """JSON of one shape; nothing written is an empty one."""

    def __init__(self, *, shape: type[dict[str, Any]] | type[list[Any]], **more: Any) -> None:
        super().__init__(**more)
        self.shape = shape

    def to_python(self, value: Any) -> Any:
        """Raises `ValidationError` for another shape, and for NaN, NUL, half characters and depths nobody writes."""
        if self.disabled:
            return value
        if isinstance(value, str):
            value = self._read(value)
        if not isinstance(value, self.shape):
            raise ValidationError(SHAPES[self.shape], code="shape")
        return value

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was typed, as it was typed where it cannot be read."""
        if self.disabled:
            return initial
        try:
            return None if data is None else plain_json.read(data.encode())
        except ValueError:
            return InvalidJSONInput(data)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """An initial value of another shape is one to be changed."""
        try:
            return json.dumps(initial, sort_keys=True) != json.dumps(self.to_python(data), sort_keys=True)
        except ValidationError:
            return True

    def _read(self, text: str) -> Any:
        if not text.strip():
            return self.shape()
        try:
            return plain_json.read(text.encode())
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": text}) from error
