"""Which reports of a job count, and what do forgers, late comers and broken senders get?"""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from common import clock
from conversations.journeys import callbacks, remote
from conversations.models import JourneyRun, RemoteTask, StepLog, Timer, WebRequest
from handover.models import Queue
from tests.stories import canaries, cast, modem

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(sales: Queue) -> RemoteTask:
    """A job that has just begun."""
    modem.published()
    cast.maya().on_whatsapp().says("gadget")
    return modem.newest()


@pytest.fixture
def sales(db: None) -> Queue:
    queue = cast.sales()
    cast.library()
    return queue


def code(response: Any) -> tuple[int, str]:
    body = response.json()
    return response.status_code, str(body.get("code") or body["result"])


def test_a_report_is_stored_before_it_is_answered(task: RemoteTask) -> None:
    assert code(modem.report(task, 1, step=1, text="begun")) == (202, "applied")
    task.refresh_from_db()
    assert (task.state, task.last_event_seq, task.report["text"]) == ("running", 1, "begun")
    assert Timer.objects.filter(kind=remote.NEWS, object_id=task.pk).exists()


@pytest.mark.scenario("J-40")
def test_of_three_reports_only_the_newest_counts(task: RemoteTask) -> None:
    answers = [code(modem.report(task, seq, text=f"at {seq}")) for seq in (3, 1, 2, 3)]
    assert answers == [(202, "applied"), (200, "late"), (200, "late"), (200, "repeated")]
    task.refresh_from_db()
    assert task.report["text"] == "at 3"


@pytest.mark.scenario("HO-44")
@pytest.mark.scenario("J-41")
def test_after_the_end_nothing_counts(task: RemoteTask) -> None:
    modem.report(task, 2, "done")
    assert code(modem.report(task, 3, "failed")) == (200, "late")
    task.refresh_from_db()
    assert (task.state, task.last_event_seq) == ("done", 2)


@pytest.mark.scenario("J-42")
@pytest.mark.scenario("T-33")
def test_forged_old_and_future_reports_are_refused(task: RemoteTask) -> None:
    assert code(modem.report(task, 1, key="guessed")) == (401, "report_unsigned")
    assert code(modem.report(task, 1, key=callbacks.secret(uuid4()))) == (401, "report_unsigned")
    assert code(modem.report(task, 1, age=301)) == (401, "report_unsigned")
    assert code(modem.report(task, 1, age=-301)) == (401, "report_unsigned")
    task.refresh_from_db()
    assert (task.state, task.last_event_seq) == ("queued", 0)


@pytest.mark.scenario("J-42")
@pytest.mark.scenario("HO-17")
def test_another_body_under_the_same_seq_is_a_conflict_and_the_first_stays(
    task: RemoteTask, caplog: pytest.LogCaptureFixture
) -> None:
    modem.report(task, 1, text="first")
    assert code(modem.report(task, 1, text="second")) == (409, "report_conflict")
    task.refresh_from_db()
    assert task.report["text"] == "first"
    assert f"task {task.public_id}: another report under seq 1" in caplog.text


@pytest.mark.scenario("T-33")
def test_a_signature_is_of_these_bytes_and_this_time(task: RemoteTask) -> None:
    key, stamp = callbacks.secret(task.public_id), str(int(clock.now().timestamp()))
    signed = callbacks.sign(key, stamp, b'{"seq": 1, "state": "done"}')
    changed = {"Throughline-Signature": signed}
    assert code(modem.post(task.public_id, '{"seq": 2, "state": "done"}', key=key, **changed))[0] == 401
    later = {"Throughline-Signature": signed, "Throughline-Timestamp": str(int(stamp) + 1)}
    assert code(modem.post(task.public_id, '{"seq": 1, "state": "done"}', key=key, **later))[0] == 401


@pytest.mark.parametrize("stamp", ["", "now", "-1", "1e9", "٣", "9" * 400])
def test_a_strange_timestamp_is_refused_and_breaks_nothing(task: RemoteTask, stamp: str) -> None:
    key, body = callbacks.secret(task.public_id), '{"seq": 1, "state": "done"}'
    signed = {"Throughline-Timestamp": stamp, "Throughline-Signature": callbacks.sign(key, stamp, body.encode())}
    assert code(modem.post(task.public_id, body, key=key, **signed)) == (401, "report_unsigned")


def test_an_unknown_task_answers_like_a_bad_signature(task: RemoteTask) -> None:
    known = modem.report(task, 1, key="guessed")
    unknown = modem.post(uuid4(), '{"seq": 1, "state": "running"}', key="guessed")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ("", 400, "JSON"),
        ("[1]", 400, "object"),
        ('{"seq": 1, "state": "done", "data": {"x": NaN}}', 400, "JSON"),
        ('{"data":' * 5000, 400, "JSON"),
        ('{"state": "done"}', 400, "seq"),
        ('{"seq": true, "state": "done"}', 400, "seq"),
        ('{"seq": 9007199254740993, "state": "done"}', 400, "seq"),
        ('{"seq": 1, "state": "finished"}', 400, "state"),
        ('{"seq": 1, "state": "running", "step": "two"}', 400, "step"),
        ('{"seq": 1, "state": "running", "text": "a\\u0000b"}', 400, "JSON"),
        ('{"seq": 1, "state": "running", "data": [1]}', 400, "data"),
        ('{"seq": 1, "state": "running", "occurred_at": "yesterday"}', 400, "occurred_at"),
        (json.dumps({"seq": 1, "state": "running", "data": {"x": "y" * 70_000}}), 413, "65536"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(task: RemoteTask, body: str, status: int, word: str) -> None:
    answer = modem.post(task.public_id, body, key=callbacks.secret(task.public_id))
    assert answer.status_code == status
    assert word in f"{answer.json()['title']} {answer.json().get('detail', '')}"
    task.refresh_from_db()
    assert task.last_event_seq == 0


def test_unknown_fields_are_left_out(task: RemoteTask) -> None:
    assert modem.report(task, 1, owner="Maya", text="hello").status_code == 202
    task.refresh_from_db()
    assert task.report == {"seq": 1, "state": "running", "text": "hello"}


def test_the_call_carries_address_and_secret_and_no_row_keeps_them(task: RemoteTask) -> None:
    request = WebRequest.objects.get()
    carried = callbacks.headers(request)
    assert carried["Throughline-Callback"].endswith(f"/api/v1/tasks/{task.public_id}/events")
    assert carried["Throughline-Secret"] == callbacks.secret(task.public_id)
    assert carried["Throughline-Attempt"] == "1"
    assert canaries.found([carried["Throughline-Secret"]]) == []
    request.seq += 1
    assert callbacks.headers(request) == {}


def test_a_job_that_is_not_taken_has_failed(task: RemoteTask) -> None:
    modem.answered(503)
    modem.time_passes()
    task.refresh_from_db()
    assert WebRequest.objects.get().state == "pending"  # tried again first
    WebRequest.objects.update(attempts=3)
    modem.at_once()
    modem.answered(503)
    task.refresh_from_db()
    assert (task.state, task.reason) == ("failed", "http_503")


def test_one_that_has_reported_before_its_call_was_answered_goes_on(task: RemoteTask) -> None:
    modem.report(task, 1)
    modem.answered(error="refused")
    task.refresh_from_db()
    assert task.state == "running"


@pytest.mark.scenario("J-57")
@pytest.mark.scenario("HO-47")
def test_after_an_erasure_everything_is_gone_and_a_late_report_gets_410(task: RemoteTask) -> None:
    modem.report(task, 1, text="Canaria")
    canaries.erase(task.customer)
    for model in (RemoteTask, WebRequest, JourneyRun, StepLog, Timer):
        assert not model.objects.exists(), model
    assert code(modem.report(task, 2, "done")) == (410, "erased")
    assert code(modem.report(task, 2, "done", key="guessed")) == (401, "report_unsigned")
