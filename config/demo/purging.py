"""How is the demo removed again? Only what its channels, logins and forty customers brought; the rest stays."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import Q

from channels_app.models import Channel, InboundEvent, InboundKey, Visit, WidgetKey
from channels_app.sandbox.views import MEMORY
from config.demo import answers, backends, channels, doubles, named_lists, outcomes, staff, words
from conversations.models import (
    Conversation,
    ConversationEvent,
    Delivery,
    JourneyRun,
    Message,
    Miss,
    MissAsking,
    SearchWords,
    Session,
    StepLog,
    Timer,
)
from customers.models import (
    Attribute,
    Challenge,
    Conflict,
    Consent,
    Customer,
    Distinct,
    Identity,
    Link,
    MatchSuggestion,
    MergeEvent,
    Observation,
)
from handover.models import Affinity, Note


@transaction.atomic
def purge() -> None:
    """Removes the demo's rows, the youngest first. Published journeys stay: they come with the product."""
    people = _people()
    remove(people)
    doubles.purge()
    _forget_channels()
    answers.purge()
    backends.purge()
    words.purge()
    outcomes.purge()
    named_lists.purge()
    staff.purge()


@transaction.atomic
def remove(people: list[int]) -> None:
    """Removes customers (whole clusters) with everything that was said and done, as if they had never been there."""
    # Under the locks that every word and every receipt takes, so that nothing is added meanwhile.
    list(Customer.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk"))
    mine = Conversation.objects.filter(customer_id__in=people)
    list(mine.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    sessions = Session.objects.filter(conversation__in=mine)
    runs = JourneyRun.objects.filter(customer_id__in=people)
    Visit.objects.filter(visitor__customer_id__in=people).delete()
    Timer.objects.filter(customer_id__in=people).delete()
    MissAsking.objects.filter(customer_id__in=people).delete()
    Miss.objects.filter(askings=None).delete()
    Affinity.objects.filter(customer_id__in=people).delete()
    SearchWords.objects.filter(customer_id__in=people).delete()
    Note.objects.filter(conversation__in=mine).delete()
    ConversationEvent.objects.filter(conversation__in=mine).delete()
    Delivery.objects.filter(conversation__in=mine).delete()
    Message.objects.filter(session__in=sessions).delete()
    StepLog.objects.filter(run__in=runs).delete()
    runs.update(parent=None)
    runs.delete()
    sessions.delete()
    mine.delete()
    _forget_people(people)


def guests(*, visits: Iterable[str]) -> list[int]:
    """The customers behind these visits (public ids), with their whole clusters."""
    rows = Visit.objects.filter(public_id__in=list(visits))
    found = {*rows.values_list("visitor__customer__root_id", flat=True)}
    found |= {*rows.values_list("person__customer__root_id", flat=True)}
    return list(Customer.objects.filter(root_id__in=found - {None}).values_list("pk", flat=True))


def _people() -> list[int]:
    """Every customer whose only channels are the demo's, or who was in the demo's list, with their whole clusters."""
    spoke = set(Session.objects.filter(channel__in=channels.KEYS).values_list("customer__root_id", flat=True))
    spoke |= set(Observation.objects.filter(source="import:demo").values_list("customer__root_id", flat=True))
    visitors = Visit.objects.filter(channel__key__in=channels.KEYS).values_list("visitor__customer__root_id", flat=True)
    spoke |= {root for root in visitors if root is not None}
    elsewhere = Session.objects.exclude(channel__in=channels.KEYS).values_list("customer__root_id", flat=True)
    roots = spoke - set(elsewhere)
    return list(Customer.objects.filter(root_id__in=roots).values_list("pk", flat=True))


def _forget_channels() -> None:
    demo = Channel.objects.filter(key__in=channels.KEYS)
    ids = list(demo.values_list("pk", flat=True))
    Visit.objects.filter(channel__in=ids).delete()
    WidgetKey.objects.filter(channel__in=ids).delete()
    InboundEvent.objects.filter(channel__in=ids).delete()
    InboundKey.objects.filter(channel_id__in=ids).delete()
    demo.delete()
    for model in MEMORY:
        model.objects.filter(channel__in=channels.KEYS).delete()


def _forget_links(people: list[int]) -> None:
    """What was decided, suggested, allowed and asked of them."""
    mine = Q(a_id__in=people) | Q(b_id__in=people)
    MergeEvent.objects.filter(link__in=Link.objects.filter(mine)).delete()
    for model in (Link, Distinct, MatchSuggestion):
        model.objects.filter(mine).delete()
    Challenge.objects.filter(Q(opener__customer_id__in=people) | Q(arrival__customer_id__in=people)).delete()
    Consent.objects.filter(identity__customer_id__in=people).delete()


def _forget_people(people: list[int]) -> None:
    _forget_links(people)
    Attribute.objects.filter(root_id__in=people).delete()
    Conflict.objects.filter(customer_id__in=people).delete()
    Observation.objects.filter(customer_id__in=people).delete()
    identities = Identity.objects.filter(customer_id__in=people)
    identities.update(endpoint=None)
    identities.delete()
    with connection.cursor() as cursor:
        # A root points at itself, which the ORM's collector takes for a dependency.
        cursor.execute("DELETE FROM customers_customer WHERE id = ANY(%s)", [people])
