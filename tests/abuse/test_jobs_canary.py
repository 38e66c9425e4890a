"""Does a job elsewhere, the test of a connection or a language model leave a secret or a person in any log line?"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from config.logs import JsonFormatter
from conversations import connections
from conversations.journeys import callbacks, callers
from conversations.models import Connection
from handover import answered
from tests.common.backends import Backend, said, serve
from tests.conversations import asking
from tests.stories import cast, models, modem

SERIAL, NAME = "CANARY-SERIAL-9", "Canaria Canarison"
WORDS = (SERIAL, "Canaria", asking.SECRET)


@pytest.fixture
def telco(db: None, settings: Settings) -> Iterator[Backend]:
    """A telephone company that repeats what it was sent, and whom it concerns."""
    with serve() as backend:
        settings.CONNECTION_PRIVATE_HOSTS = [backend.place]
        cast.sales()
        cast.library()
        asking.connect(backend, key="telco", health_path="/health")
        cast.publish(modem.COLOR)
        cast.publish(modem.MODEM.replace("AB12CD34", SERIAL))
        backend.before = lambda got: setattr(backend, "usual", said({"id": NAME, "you": got.headers}, 202))
        yield backend


def lines(caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join(JsonFormatter().format(record) for record in caplog.records)


@pytest.mark.scenario("J-36")
@pytest.mark.scenario("T-37")
def test_nothing_of_a_job_and_its_reports_is_logged(telco: Backend, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    phone = cast.maya().on_whatsapp()
    phone.says("gadget")
    callers.call_due()
    task = modem.newest()
    (got,) = telco.got
    assert SERIAL in json.dumps(got.body) and asking.SECRET in got.headers["authorization"]
    assert modem.report(task, 1, text=NAME, data={"who": NAME}).status_code == 202
    assert modem.report(task, 1, text=f"{NAME} again").status_code == 409
    assert modem.report(task, 2, "failed", text=NAME, key="x").status_code == 401
    assert modem.report(task, 2, "failed", text=NAME).status_code == 202
    modem.time_passes()
    assert NAME in cast.words(phone.news())
    written = lines(caplog)
    assert "another report under seq 1" in written
    assert [word for word in (*WORDS, callbacks.secret(task.public_id)) if word in written] == []


@pytest.mark.scenario("J-36")
@pytest.mark.parametrize("status", [200, 500])
def test_nothing_of_the_test_of_a_connection_is_logged(
    telco: Backend, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.INFO)
    telco.before = lambda got: setattr(telco, "usual", said({"why": NAME, "you": got.headers}, status))
    is_well, words = connections.test(connection=Connection.objects.get(), actor="user:1")
    assert (is_well, len(telco.got)) == (status == 200, 1)
    assert [word for word in WORDS if word in lines(caplog) + words] == []


@pytest.mark.scenario("J-36")
@pytest.mark.parametrize("action", ["answer", "dance"])
def test_neither_a_models_key_nor_what_it_was_asked_is_logged(
    db: None, settings: Settings, caplog: pytest.LogCaptureFixture, action: str
) -> None:
    caplog.set_level(logging.INFO)
    cast.sales()
    cast.library()
    person = cast.maya()
    models.agrees(person.phone)
    with models.running() as model:
        settings.LLM_URL, settings.LLM_KEY, settings.LLM_MODEL = model.url, "canary-model-key-4711", "demo"
        model.says(action=action, reply=NAME)
        assert person.on_whatsapp().says("does a bundle walk, says Canaria") == []
        assert answered.serve()
    assert model.headers[0]["authorization"] == "Bearer canary-model-key-4711"
    assert [word for word in ("canary", "Canaria", "bundle") if word in lines(caplog)] == []
