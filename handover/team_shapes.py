"""In which shape does the API show queues, agents and presence?"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common import clock
from handover import hours
from handover.board import staffing
from handover.models import Agent, Queue


class QueueSerializer(serializers.ModelSerializer[Queue]):
    """A queue; `is_open` says whether its team is there now by its hours, `role` what the caller is in it."""

    skills: serializers.SlugRelatedField[Any] = serializers.SlugRelatedField(
        slug_field="key", many=True, read_only=True
    )
    fallback = serializers.CharField(source="fallback.key", default=None, help_text="Key of the queue behind it.")
    sla = serializers.CharField(source="sla.title", default=None, help_text="Title of its policy.")
    is_open = serializers.SerializerMethodField()
    role = serializers.SerializerMethodField(help_text="agent, supervisor, or empty.")

    class Meta:
        model = Queue
        fields = (
            "key", "title", "is_open", "is_default", "is_vip", "strategy", "delivery", "languages", "channels",
            "skills", "fallback", "sla", "asks_rating", "role",
        )  # fmt: skip

    def get_is_open(self, queue: Queue) -> bool:
        return hours.is_open(queue, clock.now())

    def get_role(self, queue: Queue) -> str:
        role: str = self.context["roles"].get(queue.pk, "")
        return role


class StandingSerializer(serializers.Serializer[Any]):
    """How a queue stands now; `waiting_since` is when the customer who waits longest came."""

    waiting = serializers.IntegerField()
    tickets = serializers.IntegerField(help_text="Messages left for the team; nobody waits at the other end.")
    waiting_since = serializers.DateTimeField(source="since", allow_null=True)
    sla_near = serializers.IntegerField(source="near")
    sla_over = serializers.IntegerField(source="over")
    online = serializers.IntegerField()
    members = serializers.IntegerField()
    room = serializers.FloatField(help_text="The weight that its agents can still take on.")


class WorkSerializer(serializers.Serializer[Any]):
    """What an agent carries; for themselves and for those who lead them."""

    load = serializers.FloatField()
    capacity = serializers.IntegerField()
    open = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="Of these, those whose customer waits for an answer.")
    waiting_since = serializers.DateTimeField(source="since", allow_null=True)
    parked = serializers.IntegerField()
    is_idle = serializers.BooleanField()
    draining = serializers.BooleanField(source="is_draining")
    not_responding_since = serializers.DateTimeField(source="silent_at", allow_null=True)


class AgentSerializer(serializers.ModelSerializer[Agent]):
    """A colleague; `work` is null for those whom the caller does not lead."""

    login = serializers.CharField(source="user.username")
    presence = serializers.SerializerMethodField(help_text="online, busy, away or offline.")
    skills: serializers.SlugRelatedField[Any] = serializers.SlugRelatedField(
        slug_field="key", many=True, read_only=True
    )
    queues: serializers.SlugRelatedField[Any] = serializers.SlugRelatedField(
        slug_field="key", many=True, read_only=True
    )
    work = serializers.SerializerMethodField()

    class Meta:
        model = Agent
        fields = ("login", "name", "presence", "languages", "skills", "queues", "work")

    def get_presence(self, agent: Agent) -> str:
        return staffing.seen_as(agent, clock.now())

    @extend_schema_field(WorkSerializer(allow_null=True))
    def get_work(self, agent: Agent) -> Any:
        line = self.context["work"].get(agent.pk)
        return WorkSerializer(line).data if line else None


class DrainingSerializer(serializers.Serializer[Any]):
    draining = serializers.BooleanField(help_text="True: nothing new comes, what they have stays.")


class PresenceSerializer(serializers.ModelSerializer[Agent]):
    """`status` is the agent's own word; `presence` what others see (offline while no window of theirs is open).

    `not_responding_since`: an offer passed or was declined, and no other comes until they say `online` again.
    """

    login = serializers.CharField(source="user.username", read_only=True)
    status = serializers.ChoiceField(source="manual_status", choices=Agent.Status.choices)
    presence = serializers.SerializerMethodField()
    not_responding_since = serializers.DateTimeField(source="not_responding_at", read_only=True, allow_null=True)

    class Meta:
        model = Agent
        fields = ("login", "status", "presence", "last_seen_at", "not_responding_since")
        read_only_fields = ("last_seen_at",)

    def get_presence(self, agent: Agent) -> str:
        return staffing.seen_as(agent, clock.now())


class BeatSerializer(serializers.Serializer[Any]):
    """`input`: somebody has typed or pointed since the last one; without it for a while the agent is idle."""

    input = serializers.BooleanField(required=False, default=False)
