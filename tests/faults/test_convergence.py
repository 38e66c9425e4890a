"""Do inbox and widget show what the server holds, after frames were spoiled and servers restarted?"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import WebSocketRoute, expect

from config import processes
from config.demo import PASSWORD, channels
from config.processes import Stack
from config.selftest.browser import Browser
from config.selftest.desk import Desk
from tests.browser.windows import ShopScreen, window
from tests.faults.lines import Json, Line, Screen, told
from tests.faults.plant import wait_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(180),
    # The self-test's actors keep their sockets open across steps.
    pytest.mark.filterwarnings("ignore:connect.. must be used as a context manager:DeprecationWarning"),
]
SEED = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10_000))


class Chat:
    """A visitor of the shop in a conversation that an agent has taken, both seen over the API."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.browser = stack, Browser(stack.url, channels.WEB)
        self.token = str(self.browser.visit["token"])
        (self.stream,) = self.browser.visit["streams"]
        self.browser.says("hi")
        self.browser.gets("Which chair")
        self.conversation = self.speaks([])
        self.desk = Desk(stack.url, "ana", PASSWORD)

    def speaks(self, texts: list[str], pause: float = 0.0) -> str:
        return speaks(self.stack, self.token, texts, pause)

    def widget(self, **more: Any) -> Screen:
        def frame(kind: str) -> Any:
            return lambda seq: {"type": kind, "token": self.token, "after": {self.stream: seq}}

        url = f"{self.stack.url.replace('http', 'ws', 1)}/widget/{channels.WEB}/socket"
        return Screen(url, self.stack.url, self.stream, frame("hello"), frame("resync"), **more)

    def inbox(self, **more: Any) -> Screen:
        def frame(seq: int) -> Json:
            return {"type": "subscribe", "conversation": self.conversation, "after": seq}

        cookies = "; ".join(f"{name}={value}" for name, value in self.desk.http.cookies.items())
        url = f"{self.stack.url.replace('http', 'ws', 1)}/inbox/socket"
        stream = f"conversation:{self.conversation}"
        return Screen(url, self.stack.url, stream, frame, frame, headers={"Cookie": cookies}, **more)

    def of_widget(self) -> list[Json]:
        return widget_events(self.browser, self.stream, self.token)

    def of_inbox(self) -> list[Json]:
        answer = self.desk.http.get(f"/inbox/c/{self.conversation}/events?after=0").json()
        assert not answer["reload"]
        return list(answer["envelopes"])

    def close(self) -> None:
        self.browser.close()
        self.desk.close()


def speaks(stack: Stack, token: str, texts: list[str], pause: float) -> str:
    given = json.dumps({"token": token, "texts": texts, "pause": pause})
    done = subprocess.run(
        [processes.PYTHON, "-m", "tests.faults.chatter"],
        input=given,
        env={**os.environ, **stack.environment},
        cwd=processes.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return str(json.loads(done.stdout.strip().splitlines()[-1])["conversation"])


def widget_events(browser: Browser, stream: str, token: str) -> list[Json]:
    headers = {"Authorization": f"Bearer {token}", "Origin": browser.base_url}
    answer = browser.http.get("/events", params={"stream": stream, "after": 0}, headers=headers)
    return list(answer.json()["events"])


@pytest.fixture(scope="module")
def chat(stack: Stack) -> Iterator[Chat]:
    found = Chat(stack)
    yield found
    found.close()


def equals(screen: Screen, truth: Any) -> bool:
    return told(screen.taken) == told(truth())


@pytest.mark.scenario("T-P7")
@pytest.mark.parametrize("seed", [SEED, SEED + 1], ids=["first", "second"])  # printed on failure as an argument
def test_spoiled_frames_leave_widget_and_inbox_with_what_the_api_says(chat: Chat, seed: int):
    lines = [Line(random.Random(seed)), Line(random.Random(-seed - 1))]
    screens = chat.widget(line=lines[0]), chat.inbox(line=lines[1])
    try:
        chat.speaks([f"{seed} word {n}" for n in range(20)], 0.02)
        assert all(line.spoiled > 3 for line in lines)
        for line in lines:
            line.is_clean = True
        chat.speaks(["the last one"])
        wait_until(lambda: equals(screens[0], chat.of_widget), 40, "the widget holds what the API says")
        wait_until(lambda: equals(screens[1], chat.of_inbox), 40, "the inbox holds what the API says")
    finally:
        for screen in screens:
            screen.close()


@pytest.mark.scenario("T-P7")
def test_control_a_screen_that_shows_whatever_comes_differs_from_the_api(chat: Chat):
    careless = chat.widget(line=Line(random.Random(SEED)), mends=False)
    chat.speaks([f"careless {n}" for n in range(20)], 0.02)
    careless.line.is_clean = True
    chat.speaks(["the end"])
    wait_until(lambda: "the end" in str(careless.taken), 40, "the last word arrives")  # what was held comes after it
    careless.close()
    assert told(careless.taken) != told(chat.of_widget())


@pytest.mark.scenario("T-P7")
def test_restarts_of_redis_and_of_the_live_process_lose_and_double_nothing(chat: Chat):
    screens = chat.widget(), chat.inbox()
    wait_until(lambda: all(screen.seq for screen in screens), 40, "both have caught up")
    before = [screen.seq for screen in screens]
    writer = as_thread(chat, [f"in the storm {n}" for n in range(30)], 0.25)
    break_redis(chat.stack)
    kill(chat.stack, "redis")
    kill(chat.stack, "live")
    writer.join(60)
    wait_until(lambda: processes.answers(f"{chat.stack.url}/readyz"), 40, "the live process is back")
    wait_until(lambda: equals(screens[0], chat.of_widget), 30, "the widget holds what the API says")
    wait_until(lambda: equals(screens[1], chat.of_inbox), 30, "the inbox holds what the API says")
    for screen, seq in zip(screens, before, strict=True):
        screen.close()
        assert [one["seq"] for one in screen.taken] == list(range(1, screen.seq + 1))
        assert screen.seq >= seq + 30 and screen.connections >= 2


@pytest.mark.scenario("T-P7")
def test_in_chromium_the_widget_shows_what_the_api_says_after_spoiled_frames_and_a_restart(
    stack: Stack, browser: Chromium
):
    line, hellos = Line(random.Random(SEED)), list[Json]()
    with window(browser, stack.url) as page:
        page.context.route_web_socket("**/widget/*/socket", lambda wire: spoil(wire, line, hellos))
        shop = ShopScreen(page)
        shop.opens_the_chat()
        line.is_clean = True
        shop.writes("hi")
        shop.gets("Which chair")
        line.is_clean, token = False, str(hellos[0]["token"])
        speaks(stack, token, [f"spoiled {n}" for n in range(20)], 0.05)
        page.wait_for_timeout(500)
        kill(stack, "live")
        wait_until(lambda: processes.answers(f"{stack.url}/readyz"), 40, "the live process is back")
        line.is_clean = True
        speaks(stack, token, ["and now it is calm"], 0)
        shop.gets("and now it is calm")
        shows_the_truth(shop, stack, hellos[0])
        assert line.spoiled > 3 and len(hellos) > 1


def shows_the_truth(shop: ShopScreen, stack: Stack, hello: Json) -> None:
    """The chat's bubbles are the API's messages, each once and in order."""
    reader = Browser(stack.url, channels.WEB)
    (stream,) = hello["after"]
    events = widget_events(reader, stream, str(hello["token"]))
    reader.close()
    truth = [one["data"]["content"]["text"] for one in events if one["type"] == "message"]
    entries = shop.chat.locator("article.entry .bubble")
    expect(entries).to_have_count(len(truth))
    assert [text.split(": ", 1)[1].strip() for text in entries.all_text_contents()] == truth


def spoil(wire: WebSocketRoute, line: Line, hellos: list[Json]) -> None:
    """The line between the page and the server; what the page says passes as it is."""
    server = wire.connect_to_server()

    def from_page(raw: str | bytes) -> None:
        frame = json.loads(raw)
        if frame["type"] == "hello":
            hellos.append(frame)
        server.send(raw)

    def from_server(raw: str | bytes) -> None:
        for one in line.passes(str(raw)):
            wire.send(one)

    wire.on_message(from_page)
    server.on_message(from_server)


def as_thread(chat: Chat, texts: list[str], pause: float) -> threading.Thread:
    found = threading.Thread(target=chat.speaks, args=(texts, pause))
    found.start()
    return found


def break_redis(stack: Stack) -> None:
    """Everything forgotten, every subscription cut."""
    with redis.Redis.from_url(stack.environment["REDIS_URL"], socket_timeout=2) as client:
        client.flushall()
        client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")


def kill(stack: Stack, name: str) -> None:
    """kill -9, and back once another process has taken its place."""
    pid = stack.pids()[name]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: stack.pids().get(name, pid) != pid, 40, f"{name} is started again")
