"""Where do jobs in other systems report? One door, opened by a signature alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common import numbers
from common.refusing import refuses
from conversations.journeys import reports

APPLIED, KNOWN = 202, 200


class ReportSerializer(serializers.Serializer[Any]):
    """What a job reports; unknown fields are ignored."""

    seq = serializers.IntegerField(min_value=1, help_text="Larger with each report; what is not newer changes nothing.")
    state = serializers.ChoiceField(choices=reports.STATES, help_text="`done`, `failed` and `cancelled` end the task.")
    step = serializers.IntegerField(required=False, min_value=0, max_value=reports.NUMBER_MOST)
    total = serializers.IntegerField(required=False, min_value=0, max_value=reports.NUMBER_MOST)
    text = serializers.CharField(
        required=False, max_length=reports.TEXT_MOST, help_text="Plain words for the customer."
    )
    data = serializers.DictField(  # type: ignore[assignment]  # a field of the report that has this name
        required=False, help_text="Facts for the journey, read as `task.data.<name>`."
    )
    occurred_at = serializers.DateTimeField(required=False)


class VerdictSerializer(serializers.Serializer[Any]):
    """`applied`; or `repeated` and `late`, which changed nothing."""

    result = serializers.ChoiceField(choices=["applied", "repeated", "late"])


class Raw(BaseParser):
    """The bytes as they came: the signature is over them."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return bytes(stream.read(reports.LARGEST + 1))


class TaskEventsView(APIView):
    """Takes one report of a job. Signed as `docs/how-to/long-running-task.md` says."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()  # a system that runs many jobs reports from one address
    parser_classes = (Raw,)

    @extend_schema(
        operation_id="tasks_events_create",
        request=ReportSerializer,
        parameters=[
            OpenApiParameter("Throughline-Timestamp", OpenApiTypes.INT, "header", True, "Seconds since 1970, now."),
            OpenApiParameter(
                "Throughline-Signature",
                OpenApiTypes.STR,
                "header",
                True,
                "`v1=` and the hexadecimal HMAC-SHA256 of `<timestamp>.<body>` under the task's secret.",
            ),
        ],
        responses={
            202: OpenApiResponse(VerdictSerializer, "It counts, and is stored."),
            200: OpenApiResponse(VerdictSerializer, "Known already, or too late."),
            **{
                status: OpenApiResponse(OpenApiTypes.OBJECT, words)
                for status, words in (
                    (400, "It cannot be read; `errors` say where."),
                    (401, "Not signed with this task's secret within five minutes."),
                    (409, "Another report has come under this `seq`."),
                    (410, "The customer was erased: stop reporting."),
                    (413, "Too large."),
                )
            },
        },
        auth=[],
    )
    @refuses(reports.Malformed, reports.Unsigned, reports.Conflict, reports.Gone, reports.TooLarge)
    def post(self, request: Request, public_id: UUID) -> Response:
        length = request.META.get("CONTENT_LENGTH") or "0"
        size = numbers.whole(length, digits=9)
        if size is None or size > reports.LARGEST:
            raise reports.TooLarge
        body: Any = request.data
        raw = body if isinstance(body, bytes) else b""
        verdict = reports.take(
            public_id=public_id,
            timestamp=request.headers.get("Throughline-Timestamp", ""),
            signature=request.headers.get("Throughline-Signature", ""),
            raw=raw,
        )
        return Response({"result": verdict}, status=APPLIED if verdict == "applied" else KNOWN)
