"""Does each verb of the desk refuse what the schema says, and does the schema name what each verb refuses?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

from common import clock
from conversations import answerable
from conversations.models import Connection, Conversation, Session
from handover import desk
from handover.models import Agent, Reservation
from tests import factories, naming
from tests.handover.channels import connect

pytestmark = pytest.mark.django_db

HERS = "/api/v1/conversations/{public_id}/"
OFFER = "/api/v1/reservations/{public_id}/"
NOTE, UNTIL = {"note": "A technical question"}, {"until": "2020-01-01T00:00:00Z"}
EMPTY = {"note": " ", "queue": "support"}
TOLD = {"engine": "calls", "event_id": "c-1", "occurred_at": "2026-11-21T10:00:00Z", "to": "external"}
COMPLAINT = {"reason": "complaint"}
TEXT, BEN, ANA = {"text": "Hello"}, {"agent": "ben"}, {"agent": "ana"}
# What is refused everywhere, and what a key brings: proven elsewhere.
COMMON = frozenset({
    "authentication_failed", "idempotency_in_flight", "idempotency_key_missing", "idempotency_key_reused",
    "idempotency_key_too_long", "invalid", "not_authenticated", "not_found", "parse_error", "permission_denied",
    "throttled", "token_not_valid", "too_many_reads",
})  # fmt: skip

# Verb, how it stands, who asks, with what -> the code.
DESK: list[tuple[str, str, str, Any, str]] = [
    ("claim", "bens", "ana", {}, "already_taken"),
    ("claim", "closed", "ana", {}, "already_closed"),
    ("messages", "bens", "ana", TEXT, "already_taken"),
    ("messages", "closed", "ana", TEXT, "channel_closed"),
    ("messages", "closed_far", "ana", {**TEXT, "session": "sms"}, "already_closed"),
    ("messages", "hers", "ana", {**TEXT, "seen_seq": 0}, "unseen_messages"),
    ("messages", "shut", "ana", TEXT, "channel_closed"),
    ("release", "closed", "ana", {}, "already_closed"),
    ("release", "bens", "ana", {}, "not_yours"),
    ("release", "hers", "ana", {"to": "step", "step": "nowhere"}, "no_such_step"),
    ("close", "closed", "ana", {}, "already_closed"),
    ("close", "bens", "ana", {}, "not_yours"),
    ("close", "hers", "ana", {"seen_seq": 0}, "unseen_messages"),
    ("close", "hers", "ana", {"tags": ["made-up"]}, "no_such_topic"),
    ("close", "hers", "ana", {"disposition": "made-up"}, "no_such_disposition"),
    ("assign", "hers", "ana", BEN, "not_leading"),
    ("assign", "bens", "ana", ANA, "already_taken"),
    ("assign", "closed", "ana", ANA, "already_closed"),
    ("assign", "hers", "chloe", ANA, "target_has_it"),
    ("assign", "hers_ben_gone", "chloe", BEN, "target_gone"),
    ("take-over", "hers", "ana", {}, "not_leading"),
    ("take-over", "closed", "chloe", {}, "already_closed"),
    ("take-over", "waiting", "chloe", {}, "not_yours"),
    *[
        (verb, how, "ana", {**NOTE, **more, **given}, code)
        for verb, more in (("transfer", {}), ("escalate", COMPLAINT))
        for how, given, code in (
            ("closed", {"queue": "support"}, "already_closed"),
            ("bens", {"queue": "support"}, "not_yours"),
            ("hers_ben_away", BEN, "target_away"),
            ("hers", ANA, "target_has_it"),
            ("hers_ben_gone", BEN, "target_gone"),
            ("hers", EMPTY, "note_missing"),
        )
    ],
    ("park", "closed", "ana", {}, "already_closed"),
    ("park", "bens", "ana", {}, "not_yours"),
    ("park", "hers", "ana", {"seen_seq": 0}, "unseen_messages"),
    ("park", "hers", "ana", UNTIL, "bad_time"),
    ("unpark", "hers", "ana", {}, "not_parked"),
    ("unpark", "bens_parked", "ana", {}, "not_yours"),
    ("reopen", "hers", "ana", {}, "not_closed"),
    ("reopen", "gone_on", "ana", {}, "goes_on"),
    ("wrap-up", "hers", "ana", {}, "not_closed"),
    ("wrap-up", "closed_by_ben", "ana", {}, "not_yours"),
    ("wrap-up", "closed", "ana", {"tags": ["made-up"]}, "no_such_topic"),
    ("wrap-up", "closed", "ana", {"disposition": "made-up"}, "no_such_disposition"),
    ("tags", "hers", "ana", {"tags": ["made-up"]}, "no_such_topic"),
    ("ownership", "empty", "engine", TOLD, "already_closed"),
    *[
        (verb, "hers", "admin", given, "not_an_agent")
        for verb, given in {
            "claim": {}, "messages": TEXT, "notes": TEXT, "release": {}, "close": {}, "assign": ANA,
            "transfer": {**NOTE, **BEN}, "escalate": {**NOTE, **COMPLAINT}, "park": {}, "unpark": {}, "reopen": {},
            "take-over": {}, "wrap-up": {}, "tags": {"tags": []},
        }.items()
    ],
]  # fmt: skip
OFFERS = [
    (verb, how, who, code)
    for verb in ("accept", "decline")
    for how, who, code in (
        ("waiting", "ana", "offer_over"),
        ("bens", "ana", "already_taken"),
        ("waiting", "admin", "not_an_agent"),
    )
]


class Floor:
    """Ana and Ben in sales, Chloe who leads there; an administrator without a desk and an outside engine."""

    def __init__(self) -> None:
        self.sales, _ = factories.queue("sales", is_default=True), factories.queue("support")
        self.ana, self.ben = (factories.agent(name, queues=(self.sales,)) for name in ("Ana Sousa", "Ben Okafor"))
        self.chloe = factories.agent("Chloe Martin", supervises=(self.sales,))
        self.admin = User.objects.create_superuser("admin")
        self.engine = User.objects.create_user("engine")
        self.engine.user_permissions.set(Permission.objects.filter(codename="add_enginemark"))
        Connection.objects.create(key="calls", title="Calls", base_url="https://calls.example")
        self.found: Conversation = factories.waiting_in(self.sales)

    def stands(self, how: str) -> Conversation:
        """Brings the conversation there."""
        if how.startswith(("hers", "closed", "gone_on", "shut")):
            self.found = factories.give(self.found, self.ben if how == "closed_by_ben" else self.ana)
        if how.startswith("bens"):
            self.found = factories.give(self.found, self.ben)
        THEN.get(how, lambda floor: None)(self)
        return self.found

    def ask(self, who: str, path: str, body: dict[str, Any]) -> Any:
        """A PUT where topics are set, a POST elsewhere."""
        found: Any = getattr(self, who)
        client = APIClient()
        if body.get("session") == "sms":
            ways = answerable.everywhere(conversation=self.found).others
            body = {**body, "session": next(str(one.session.public_id) for one in ways if one.session.kind == "sms")}
        client.force_login(found.user if isinstance(found, Agent) else found)
        send = client.put if path.endswith("/tags/") else client.post
        return send(path, body, format="json", headers={"Idempotency-Key": "k"})

    def far(self) -> None:
        """Closed, and its customer has another way to be answered."""
        connect("whatsapp", "sms")
        self.close(self.ana)

    def close(self, by: Agent) -> None:
        desk.close(conversation_id=self.found.pk, agent=by)

    def go_on(self) -> None:
        """Closed, and the customer writes of something else a week later."""
        self.close(self.ana)
        Conversation.objects.filter(pk=self.found.pk).update(close_reason="spam")
        place = factories.whatsapp(self.found.sessions.get().identity)
        assert factories.receive(place, "Another matter").conversation.pk != self.found.pk

    def move_away(self) -> None:
        """All that was said in it goes on elsewhere."""
        Session.objects.filter(conversation=self.found).update(conversation=factories.waiting_in(self.sales))


THEN: dict[str, Callable[[Floor], Any]] = {
    "closed": lambda floor: floor.close(floor.ana),
    "closed_far": Floor.far,
    "closed_by_ben": lambda floor: floor.close(floor.ben),
    "gone_on": Floor.go_on,
    "shut": lambda floor: floor.found.sessions.update(window_expires_at=floor.found.opened_at),
    "bens_parked": lambda floor: desk.park(conversation_id=floor.found.pk, agent=floor.ben),
    "hers_ben_gone": lambda floor: User.objects.filter(pk=floor.ben.user_id).update(is_active=False),
    "hers_ben_away": lambda floor: Agent.objects.filter(pk=floor.ben.pk).update(manual_status="offline"),
    "empty": Floor.move_away,
}


@pytest.mark.parametrize(("verb", "how", "who", "body", "code"), DESK, ids=lambda one: one if type(one) is str else "")
def test_a_verb_refuses_with_a_code_that_its_schema_names(
    verb: str, how: str, who: str, body: dict[str, Any], code: str
) -> None:
    floor = Floor()
    found = floor.stands(how)
    answer = floor.ask(who, HERS.format(public_id=found.public_id) + f"{verb}/", body)
    assert answer.json()["code"] == code
    assert code in naming.operations()[_method(verb), f"{HERS}{verb}/"][answer.status_code]


@pytest.mark.parametrize(("verb", "how", "who", "code"), OFFERS)
def test_an_offer_refuses_with_a_code_that_its_schema_names(verb: str, how: str, who: str, code: str) -> None:
    floor = Floor()
    found, now = floor.stands(how), clock.now()
    offer = Reservation.objects.create(
        conversation=found, agent=floor.ana, epoch=1, offered_at=now, expires_at=now, status="timed_out"
    )
    answer = floor.ask(who, OFFER.format(public_id=offer.public_id) + f"{verb}/", {})
    assert answer.json()["code"] == code
    assert code in naming.operations()["post", f"{OFFER}{verb}/"][answer.status_code]


@pytest.mark.parametrize("verb", sorted({row[0] for row in DESK} | {row[0] for row in OFFERS}))
def test_the_schema_names_no_code_that_the_verb_does_not_refuse_with(verb: str) -> None:
    root = OFFER if verb in ("accept", "decline") else HERS
    named = {code for codes in naming.operations()[_method(verb), f"{root}{verb}/"].values() for code in codes}
    assert named - COMMON == {row[-1] for row in (*DESK, *OFFERS) if row[0] == verb}


def _method(verb: str) -> str:
    return "put" if verb == "tags" else "post"
