"""How do attributes look in the API, going out and coming in?"""

from __future__ import annotations

import re
from typing import Any

from rest_framework import serializers

from customers import attribute_showing
from customers.attribute_types import KEY

TRUSTED = re.compile(r"(site|crm)(:[a-z0-9_.-]{1,30})?")
MOST = 100  # attributes of one request


class KnownSerializer(serializers.Serializer[attribute_showing.Known]):
    """What holds, and where it comes from; a sensitive value is masked text for who may not see it whole."""

    key = serializers.CharField()
    # The fields are named as people name them, though the base class has attributes of these names.
    label = serializers.CharField()  # type: ignore[assignment]  # see above
    type = serializers.CharField(help_text="Empty for an attribute that nobody has defined.")
    value = serializers.JSONField()
    source = serializers.CharField()  # type: ignore[assignment]  # see above
    occurred_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    verified_by = serializers.CharField()
    verified_until = serializers.DateTimeField(allow_null=True)
    has_conflict = serializers.BooleanField()
    masked = serializers.BooleanField()


class SaidSerializer(serializers.Serializer[attribute_showing.Said]):
    """One word of the history, as text."""

    value = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # named as people name it
    occurred_at = serializers.DateTimeField(source="at")
    recorded_at = serializers.DateTimeField()
    verified_by = serializers.CharField(source="verifier")
    is_clear = serializers.BooleanField()
    is_pinned = serializers.BooleanField()
    time_quality = serializers.ChoiceField(["exact", "second", "clamped", "received"])
    holds = serializers.BooleanField()
    masked = serializers.BooleanField()


class AttributesSerializer(serializers.Serializer[Any]):
    """Everything that holds of one person. `ignored`: what counted for nothing, a repetition or an ignored source."""

    customer = serializers.UUIDField()
    merged_into = serializers.UUIDField(allow_null=True)
    attributes = KnownSerializer(many=True)
    ignored = serializers.ListField(child=serializers.CharField(), required=False)


class WordsSerializer(serializers.Serializer[Any]):
    """What somebody says: `values` by key, null clears. A trusted server says where from, when, and in which event."""

    values = serializers.DictField()
    source = serializers.CharField(  # type: ignore[assignment]  # named as people name it
        default="agent", help_text="`agent` (you), or for a trusted server `site`, `crm` or `crm:<system>`."
    )
    occurred_at = serializers.DateTimeField(required=False)
    event_id = serializers.CharField(max_length=200, required=False, help_text="The same again changes nothing.")

    def to_internal_value(self, data: Any) -> Any:
        """A plain object of names and values is what the person who sends it says."""
        is_plain = isinstance(data, dict) and not (
            set(data) <= set(self.fields) and isinstance(data.get("values"), dict)
        )
        return super().to_internal_value({"values": data} if is_plain else data)

    def validate_values(self, given: dict[str, Any]) -> dict[str, Any]:
        if not given or len(given) > MOST or not all(KEY.fullmatch(key) for key in given):
            raise serializers.ValidationError(f"Send 1 to {MOST} attributes by name.")
        return given

    def validate_source(self, given: str) -> str:
        if given != "agent" and not TRUSTED.fullmatch(given):
            raise serializers.ValidationError("The source is agent, site, crm or crm:<system>.")
        return given

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["source"] != "agent" and not attrs.get("event_id"):
            raise serializers.ValidationError({"event_id": "Name the event, so that it counts once."})
        return attrs


class CheckedSerializer(serializers.Serializer[Any]):
    """The value that was checked; without one, what holds now."""

    value = serializers.JSONField(required=False)
