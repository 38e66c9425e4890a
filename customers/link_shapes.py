"""How do previews, links, suggestions, conflicts and consent look in the API? Addresses are masked."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from customers import attribute_showing, definitions, suggestions
from customers.attribute_shapes import MOST
from customers.attribute_types import KEY
from customers.handing import Later
from customers.masking import masked
from customers.models import Conflict, Consent, Identity, Link, MatchSuggestion
from customers.previews import Piece, Preview, Side
from customers.settling import VERBS


class AddressSerializer(serializers.ModelSerializer[Identity]):
    """One address, masked."""

    value = serializers.SerializerMethodField(method_name="shown_value")

    class Meta:
        model = Identity
        fields = ("public_id", "namespace", "value", "proof", "proven_at")

    def shown_value(self, row: Identity) -> str:
        return masked(row.namespace, row.raw)


class SideSerializer(serializers.Serializer[Side]):
    """One person of a preview."""

    customer = serializers.UUIDField(source="customer.public_id")
    kind = serializers.CharField(source="customer.kind")
    first_seen_at = serializers.DateTimeField(source="customer.first_seen_at")
    identities = AddressSerializer(many=True)
    counts = serializers.DictField(child=serializers.IntegerField())


class WordSerializer(serializers.Serializer[Any]):
    """What one side says of an attribute."""

    value = serializers.JSONField()
    # The field is named as people name it, though the base class has an attribute of that name.
    source = serializers.CharField()  # type: ignore[assignment]  # see above
    at = serializers.DateTimeField()
    verified_by = serializers.CharField()


class FieldSerializer(serializers.Serializer[Any]):
    """An attribute on both sides, and whose word would hold."""

    key = serializers.CharField()
    left = WordSerializer(allow_null=True)
    right = WordSerializer(allow_null=True)
    kept = serializers.ChoiceField(["left", "right", "both"])

    def to_representation(self, instance: Any) -> Any:
        """What is sensitive is masked, unless the reader may see it whole."""
        shown: dict[str, Any] = dict(super().to_representation(instance))
        definition = definitions.of(instance.key)
        if definition.is_personal and not self.context.get("reveals"):
            for side in ("left", "right"):
                if shown[side]:
                    value = attribute_showing.said(definition, shown[side]["value"], reveals=False)
                    shown[side] = {**shown[side], "value": value}
        return shown


class ConsentSerializer(serializers.ModelSerializer[Consent]):
    """One word on one purpose at one address."""

    address = serializers.UUIDField(source="identity.public_id")
    evidence = serializers.DictField(
        child=serializers.CharField(max_length=300), allow_empty=False, help_text="How we know; at most 20 entries."
    )
    occurred_at = serializers.DateTimeField(required=False, help_text="Never in the future; now, if left out.")

    class Meta:
        model = Consent
        fields = ("public_id", "address", "purpose", "state", "occurred_at", "recorded_at", "evidence")
        read_only_fields = ("public_id", "recorded_at")

    def to_internal_value(self, data: Any) -> Any:
        given = super().to_internal_value(data)
        given["address"] = given.pop("identity")["public_id"]
        return given


class PreviewSerializer(serializers.Serializer[Preview]):
    """A merge before it is one."""

    left = SideSerializer()
    right = SideSerializer()
    survivor = serializers.UUIDField(source="survivor.public_id")
    consent = ConsentSerializer(many=True)
    blocked = serializers.ListField(child=serializers.CharField())
    stamp = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        found = super().get_fields()
        found["attributes"] = FieldSerializer(source="fields", many=True)
        return found


class LaterSerializer(serializers.Serializer[Later]):
    """Something that was added while they were one, masked."""

    row = serializers.UUIDField(source="row.public_id")
    name = serializers.CharField(help_text="The kind of address, or the attribute.")
    value = serializers.SerializerMethodField(method_name="shown_value")
    at = serializers.DateTimeField()

    def shown_value(self, one: Later) -> str:
        if isinstance(one.row, Identity):
            return masked(one.row.namespace, one.row.raw)
        return attribute_showing.said(definitions.of(one.row.key), one.row.value, reveals=False)


class PieceSerializer(serializers.Serializer[Piece]):
    """Who would be together after a split."""

    members = serializers.SerializerMethodField()
    identities = AddressSerializer(many=True)
    counts = serializers.DictField(child=serializers.IntegerField())
    keeps = serializers.BooleanField()
    later = serializers.SerializerMethodField()

    @extend_schema_field(LaterSerializer(many=True))
    def get_later(self, piece: Piece) -> list[Any]:
        """What was added while they were one: only the piece that keeps the id has it, and may hand it over."""
        return [LaterSerializer(one).data for one in self.context.get("later", ())]

    def get_members(self, piece: Piece) -> list[str]:
        return [str(member.public_id) for member in piece.members]


class LinkSerializer(serializers.ModelSerializer[Link]):
    """Two customers that are one person, and on whose word."""

    a = serializers.UUIDField(source="a.public_id")
    b = serializers.UUIDField(source="b.public_id")

    class Meta:
        model = Link
        fields = ("public_id", "a", "b", "kind", "rule", "decided_by", "decided_at", "revoked_at", "reason")


class SuggestionSerializer(serializers.ModelSerializer[MatchSuggestion]):
    """Two who may be one, and why."""

    a = serializers.UUIDField(source="a.root.public_id")
    b = serializers.UUIDField(source="b.root.public_id")
    reasons = serializers.SerializerMethodField()

    class Meta:
        model = MatchSuggestion
        fields = ("public_id", "a", "b", "score", "reasons", "status", "snoozed_until", "found_at", "proposed_by")

    def get_reasons(self, row: MatchSuggestion) -> list[str]:
        return suggestions.evidence(row)


class ConflictSerializer(serializers.ModelSerializer[Conflict]):
    """Something that a person has to settle."""

    customer = serializers.UUIDField(source="customer.root.public_id")
    subject = serializers.SerializerMethodField()
    decisions = serializers.SerializerMethodField()

    def get_decisions(self, row: Conflict) -> list[str]:
        """What `decide` takes for it; nothing where it is settled by a value, or only looked at."""
        return list(VERBS.get(row.kind, ()))

    def get_subject(self, row: Conflict) -> str:
        """The kind of address, or the attribute; which address is nobody's business here."""
        return row.subject.partition(":")[0]

    class Meta:
        model = Conflict
        fields = (
            "public_id",
            "customer",
            "kind",
            "subject",
            "decisions",
            "count",
            "status",
            "opened_at",
            "resolved_by",
        )


class PairSerializer(serializers.Serializer[Any]):
    """Any id of each of the two."""

    left = serializers.UUIDField()
    right = serializers.UUIDField()


class ProposalSerializer(PairSerializer):
    """Two who may be one, and why somebody thinks so."""

    note = serializers.CharField(max_length=500, default="", allow_blank=True)


class DecisionSerializer(PairSerializer):
    """A merge that somebody has looked at."""

    stamp = serializers.CharField(max_length=64)
    choices = serializers.DictField(child=serializers.JSONField(), default=dict)
    reason = serializers.CharField(max_length=200, default="", allow_blank=True)
    force = serializers.BooleanField(default=False)

    def validate_choices(self, given: dict[str, Any]) -> dict[str, Any]:
        if len(given) > MOST or not all(KEY.fullmatch(key) for key in given):
            raise serializers.ValidationError(f"Choose values for up to {MOST} attributes by name.")
        return given

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if data["force"] and not data["reason"].strip():
            raise serializers.ValidationError({"reason": "Overriding takes a reason."})
        return data


class HandedSerializer(serializers.Serializer[Any]):
    """One `row` of `later` in the preview, and any id of the piece that it goes to."""

    row = serializers.UUIDField()
    to = serializers.UUIDField()


class PartingSerializer(serializers.Serializer[Any]):
    """Links of one customer that shall go, and to whom goes what was added since."""

    links = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=200)
    reason = serializers.CharField(max_length=200, default="", allow_blank=True)
    stay_apart = serializers.BooleanField(default=True)
    handed = serializers.ListField(child=HandedSerializer(), default=list, max_length=200)


class SettlementSerializer(serializers.Serializer[Any]):
    """The value that holds; null clears."""

    value = serializers.JSONField(allow_null=True)


class VerdictSerializer(serializers.Serializer[Any]):
    """What is decided about an address: one of the conflict's `decisions`."""

    choice = serializers.ChoiceField(sorted(choice for verbs in VERBS.values() for choice in verbs))


class SnoozeSerializer(serializers.Serializer[Any]):
    """Until when."""

    until = serializers.DateTimeField(required=False)
