"""How does another system say what has happened to a customer, and begin a journey for them?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.problems import Problem
from common.refusing import refuses
from conversations.models import JourneyRun
from customers import audit, tombstones
from customers.api import actor
from customers.asserting_api import MayAssert
from customers.idempotency import Answer
from customers.link_api import once, plain
from customers.models import Customer
from handover import happenings

LARGEST = 16_384  # characters of data
NAME = r"^[a-z][a-z0-9_.:-]{0,63}$"
KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=True,
    description="Up to 255 characters; a repetition with the same body gets the first answer and has no effect.",
)  # fmt: skip


class TooLarge(Problem):
    code, title, status = "data_too_large", "The data of an event has at most 16 KiB.", 413


class HappenedSerializer(serializers.Serializer[Any]):
    """Something that happened to the customer elsewhere."""

    name = serializers.RegexField(NAME, help_text="As journeys name it: `order.paid`.")
    # The field is named as people name it, though the base class has an attribute of that name.
    data = serializers.DictField(  # type: ignore[assignment]  # see above
        required=False,
        default=dict,
        help_text="A journey that this begins takes what it declares as its vars.",
    )
    occurred_at = serializers.DateTimeField(
        required=False, help_text="When it happened; now, if nothing is said, and never later than now."
    )


class RunSerializer(serializers.ModelSerializer[JourneyRun]):
    """A run of a journey, and where it stands."""

    run = serializers.UUIDField(source="public_id")
    journey = serializers.CharField(source="version.journey.key")
    channel = serializers.CharField(source="last_channel")

    class Meta:
        model = JourneyRun
        fields = ("run", "journey", "status", "step_id", "channel")


class FollowedSerializer(serializers.Serializer[Any]):
    """What followed: the runs that waited for it, and the one that it began, or why none began."""

    woken = RunSerializer(many=True)
    started = RunSerializer(allow_null=True)
    reason = serializers.ChoiceField(["", "human_speaks", "busy", "unreachable"], allow_blank=True)


class StartSerializer(serializers.Serializer[Any]):
    """A journey with the trigger `api`, and the values of its vars."""

    journey = serializers.SlugField(max_length=64)
    values = serializers.DictField(required=False, default=dict)


@refuses(tombstones.Erased)
class CustomerJourneys(viewsets.GenericViewSet[Any]):
    """What a trusted server tells of a customer, and wants for them."""

    queryset = Customer.objects.all()
    permission_classes = (MayAssert,)
    serializer_class = RunSerializer

    @extend_schema(
        operation_id="customers_happened",
        parameters=[KEY],
        request=HappenedSerializer,
        responses={202: FollowedSerializer},
    )
    @refuses(TooLarge, happenings.NotStartable)
    def happened(self, request: Request, public_id: UUID) -> Response:
        """Tell of an event: runs that wait for it go on, and the journey that is triggered by it begins.

        While a person of the team speaks with the customer nothing is said: results wait until the bot owns again.
        """
        customer = generics.get_object_or_404(Customer, public_id=public_id)
        given = _checked(HappenedSerializer(data=request.data))
        if len(str(given["data"])) > LARGEST:
            raise TooLarge()
        at = min(given.get("occurred_at") or clock.now(), clock.now())

        def act() -> Answer:
            found = happenings.happened(customer=customer, name=given["name"], data=given["data"], occurred_at=at)
            return Answer(202, plain(FollowedSerializer(found).data))

        return once(request, act)

    @extend_schema(
        operation_id="customers_start_journey",
        parameters=[KEY],
        request=StartSerializer,
        responses={201: RunSerializer},
    )
    @refuses(
        happenings.NotStartable, happenings.WrongValue, happenings.HumanSpeaks, happenings.Busy, happenings.Unreachable
    )
    def start(self, request: Request, public_id: UUID) -> Response:
        """Begin a journey where the customer can be written to; 409 while a person speaks, or where that is nowhere."""
        customer = generics.get_object_or_404(Customer, public_id=public_id)
        given = _checked(StartSerializer(data=request.data))

        def act() -> Answer:
            run = happenings.begin(customer=customer, journey=given["journey"], values=given["values"])
            audit.record(actor=actor(request), action="journey.started", object_id=str(run.public_id))
            return Answer(201, plain(RunSerializer(run).data))

        return once(request, act)


def _checked(given: serializers.Serializer[Any]) -> dict[str, Any]:
    given.is_valid(raise_exception=True)
    found: dict[str, Any] = given.validated_data
    return found


doors = [
    path("customers/<uuid:public_id>/events/", CustomerJourneys.as_view({"post": "happened"}), name="happened"),
    path("customers/<uuid:public_id>/journeys/", CustomerJourneys.as_view({"post": "start"}), name="start-journey"),
]
