"""Does the light Graph API behave like the other one, and remember what it took?"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from channels_app.sandbox.graph_asgi import GraphApp

TOKEN = {"Authorization": "Bearer any"}
PATH = "/v25.0/106540352242922/messages"
TEXT = {
    "messaging_product": "whatsapp",
    "to": "46701740635",
    "text": {"body": "Hello"},
    "biz_opaque_callback_data": "ref",
}


@pytest.fixture
async def graph() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=GraphApp())  # type: ignore[arg-type]  # a plain ASGI callable
    async with httpx.AsyncClient(transport=transport, base_url="http://graph", headers=TOKEN) as client:
        yield client


async def test_what_is_accepted_is_logged_with_our_reference(graph: httpx.AsyncClient) -> None:
    answer = await graph.post(PATH, json=TEXT)
    (entry,) = (await graph.get("/log")).json()
    assert answer.json()["messages"][0]["id"] == entry["wamid"]
    assert (entry["to"], entry["callback"], entry["lost"]) == ("46701740635", "ref", False)


async def test_what_is_refused_is_not_logged(graph: httpx.AsyncClient) -> None:
    assert (await graph.post(PATH, json={**TEXT, "text": {}})).status_code == 400
    assert (await graph.post(PATH, json=TEXT, headers={"Authorization": ""})).status_code == 401
    assert (await graph.post(PATH, content=b"no json")).status_code == 400
    assert (await graph.get("/log")).json() == []


async def test_a_failure_is_a_knob(graph: httpx.AsyncClient) -> None:
    await graph.post("/knobs", json={"failure": "429"})
    assert (await graph.post(PATH, json=TEXT)).headers["retry-after"] == "2"
    await graph.post("/knobs", json={"failure": ""})
    assert (await graph.post(PATH, json=TEXT)).status_code == 200


async def test_every_second_answer_can_be_lost_though_it_was_taken(graph: httpx.AsyncClient) -> None:
    await graph.post("/knobs", json={"lost_every": 2})
    await graph.post(PATH, json=TEXT)
    with pytest.raises(AssertionError):  # the transport's way to say that the answer was never finished
        await graph.post(PATH, json=TEXT)
    assert [entry["lost"] for entry in (await graph.get("/log")).json()] == [False, True]


async def test_the_log_can_be_emptied(graph: httpx.AsyncClient) -> None:
    await graph.post(PATH, json=TEXT)
    await graph.delete("/log")
    assert (await graph.get("/log")).json() == []
