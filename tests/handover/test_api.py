"""What can a program do with conversations, and what can it not?"""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation, Message
from handover.models import Agent, Note
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.urls("handover.urls")]
API = "/api/v1/conversations/"


@pytest.fixture
def ana() -> Agent:
    return make.agent("Ana Sousa", queues=(make.queue("sales"),))


@pytest.fixture
def waiting(ana: Agent) -> Conversation:
    return make.waiting_in(make.queue("sales"))


def api(agent: Agent) -> APIClient:
    client = APIClient()
    client.force_authenticate(agent.user)
    return client


def post(agent: Agent, path: str, body: dict[str, Any], key: str = "k-1") -> Any:
    return api(agent).post(f"{API}{path}", body, format="json", headers={"Idempotency-Key": key})


def test_the_list_holds_what_the_agent_may_see_and_nothing_else(ana: Agent, waiting: Conversation) -> None:
    make.waiting_in(make.queue("support"))
    rows = api(ana).get(API).json()["results"]
    assert [row["id"] for row in rows] == [str(waiting.public_id)]


@pytest.mark.scenario("T-7")
def test_what_is_not_theirs_is_the_same_as_absent(ana: Agent) -> None:
    foreign = make.waiting_in(make.queue("support"))
    absent = api(ana).get(f"{API}01890000-0000-7000-8000-000000000000/")
    there = api(ana).get(f"{API}{foreign.public_id}/")
    assert (there.status_code, there.json()) == (404, absent.json())


def test_a_user_without_a_desk_is_refused(waiting: Conversation, django_user_model: Any) -> None:
    client = APIClient()
    client.force_authenticate(django_user_model.objects.create_user("nobody"))
    assert client.get(API).status_code == 403
    assert APIClient().get(API).status_code == 401


def test_a_reply_is_sent_once_however_often_it_is_posted(ana: Agent, waiting: Conversation) -> None:
    first, again = (post(ana, f"{waiting.public_id}/messages/", {"text": "Hello Maya"}) for _ in range(2))
    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
    assert again.headers["Idempotent-Replay"] == "true"
    assert Message.objects.filter(author="agent").count() == 1


@pytest.mark.scenario("T-63")
def test_a_key_with_another_body_is_refused(ana: Agent, waiting: Conversation) -> None:
    post(ana, f"{waiting.public_id}/messages/", {"text": "Hello Maya"})
    answer = post(ana, f"{waiting.public_id}/messages/", {"text": "Something else"})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.scenario("T-63")
def test_another_actor_may_use_the_same_key(ana: Agent, waiting: Conversation) -> None:
    ben = make.agent("Ben Okafor", queues=(make.queue("sales"),))
    post(ana, f"{waiting.public_id}/notes/", {"text": "hers"})
    answer = post(ben, f"{waiting.public_id}/notes/", {"text": "his"})
    assert answer.status_code == 201
    assert Note.objects.filter(kind="note").count() == 2


@pytest.mark.parametrize(("verb", "body"), [("messages", {"text": "Hello Maya"}), ("notes", {"text": "An old friend"})])
def test_a_repetition_is_answered_though_the_conversation_went_out_of_sight(
    ana: Agent, waiting: Conversation, verb: str, body: dict[str, Any]
) -> None:
    first = post(ana, f"{waiting.public_id}/{verb}/", body)
    make.give(waiting, make.queue("support"))
    again = post(ana, f"{waiting.public_id}/{verb}/", body)
    assert (again.status_code, again.json()) == (201, first.json())
    assert post(ana, f"{waiting.public_id}/{verb}/", body, key="k-2").status_code == 404


def test_the_content_of_a_message_is_an_object_and_its_text_what_a_person_reads(
    ana: Agent, waiting: Conversation
) -> None:
    sent = post(ana, f"{waiting.public_id}/messages/", {"text": "Hello Maya"}).json()
    assert (sent["content"], sent["text"]) == ({"type": "text", "text": "Hello Maya"}, "Hello Maya")
    (newest, *_) = api(ana).get(f"{API}{waiting.public_id}/messages/").json()["results"]
    assert newest["content"] == sent["content"]


def test_a_key_that_is_too_long_is_told_so(ana: Agent, waiting: Conversation) -> None:
    assert post(ana, f"{waiting.public_id}/notes/", {"text": "x"}, key="k" * 255).status_code == 201
    answer = post(ana, f"{waiting.public_id}/notes/", {"text": "x"}, key="k" * 256)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_too_long")


def test_a_post_without_a_key_says_what_is_missing(ana: Agent, waiting: Conversation) -> None:
    answer = post(ana, f"{waiting.public_id}/messages/", {"text": "Hello"}, key="")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    assert not Message.objects.filter(author="agent").exists()


@pytest.mark.scenario("HO-67")
def test_free_text_into_a_closed_window_is_refused_with_the_reason(ana: Agent, waiting: Conversation) -> None:
    waiting.sessions.update(window_expires_at=waiting.opened_at)
    answer = post(ana, f"{waiting.public_id}/messages/", {"text": "Hello"})
    assert (answer.status_code, answer.json()["code"]) == (409, "channel_closed")
    assert "window" in answer.json()["detail"]


@pytest.mark.scenario("T-8")
def test_the_session_of_another_conversation_is_refused(ana: Agent, waiting: Conversation) -> None:
    foreign = make.waiting_in(make.queue("sales")).sessions.get()
    answer = post(ana, f"{waiting.public_id}/messages/", {"text": "Hello", "session": str(foreign.public_id)})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/session"


def test_claim_release_and_close_move_the_owner(ana: Agent, waiting: Conversation) -> None:
    path = f"{API}{waiting.public_id}/"
    assert api(ana).post(f"{path}claim/").json()["owner_kind"] == "agent"
    assert api(ana).post(f"{path}release/").json()["owner_kind"] == "bot"
    api(ana).post(f"{path}claim/")
    assert api(ana).post(f"{path}close/", {"reason": "resolved"}).json()["state"] == "closed"


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"to": "stopped"}, 200, None),
        ({"to": "menu"}, 200, None),
        ({"to": "step"}, 400, "invalid"),
        ({"step": "chair"}, 400, "invalid"),
        ({"to": "nowhere"}, 400, "invalid"),
        ({"to": "step", "step": "chair"}, 422, "no_such_step"),
    ],
)
def test_a_release_says_where_the_bot_goes_on(
    ana: Agent, waiting: Conversation, given: dict[str, str], status: int, code: str | None
) -> None:
    path = f"{API}{waiting.public_id}/"
    api(ana).post(f"{path}claim/")
    answer = api(ana).post(f"{path}release/", given, format="json")
    assert (answer.status_code, answer.json().get("code")) == (status, code)
    assert Conversation.objects.get(pk=waiting.pk).owner_kind == ("bot" if status == 200 else "agent")


def test_a_second_agent_is_told_who_was_faster(ana: Agent, waiting: Conversation) -> None:
    ben = make.agent("Ben Okafor", queues=(make.queue("sales"),))
    api(ana).post(f"{API}{waiting.public_id}/claim/")
    answer = api(ben).post(f"{API}{waiting.public_id}/claim/")
    assert (answer.status_code, answer.json()["code"], answer.json()["owner"]) == (409, "already_taken", "Ana Sousa")


def test_events_come_after_a_seq_without_gaps(ana: Agent, waiting: Conversation) -> None:
    rows = api(ana).get(f"{API}{waiting.public_id}/events/", {"after": "1"}).json()
    assert [row["seq"] for row in rows] == list(range(2, waiting.head_seq + 1))


@pytest.mark.scenario("T-43")
@pytest.mark.parametrize("after", ["-1", "x", "1e400", "9" * 40, "NaN", "²", "٣"])
def test_a_cursor_that_is_no_number_is_a_400(ana: Agent, waiting: Conversation, after: str) -> None:
    assert api(ana).get(f"{API}{waiting.public_id}/events/", {"after": after}).status_code == 400


@pytest.mark.scenario("T-43")
@pytest.mark.parametrize("text", [None, [], {}, "", "x" * 4001, "a\x00b"])
def test_a_text_that_is_none_is_a_400(ana: Agent, waiting: Conversation, text: Any) -> None:
    assert post(ana, f"{waiting.public_id}/messages/", {"text": text}).status_code == 400


@pytest.mark.scenario("T-42")
def test_fields_that_are_not_offered_change_nothing(ana: Agent, waiting: Conversation) -> None:
    body = {"text": "Hello", "author": "customer", "owner_kind": "bot", "occurred_at": "1970-01-01T00:00:00Z"}
    answer = post(ana, f"{waiting.public_id}/messages/", body)
    assert (answer.json()["author"], answer.json()["occurred_at"][:4] > "2000") == ("agent", True)
