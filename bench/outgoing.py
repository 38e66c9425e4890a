"""How fast do queued messages of one account leave one sender, and how fast does a bare client post as many?

Reads kind, count and the provider's port from its arguments, prints JSON. The sender is the one that the worker runs;
the bare client is httpx's, keep-alive, with one thread and with as many as the sender has: its better figure counts.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

WORDS = "Your order 4711 is on its way. It comes on Thursday between nine and noon; shall we ring before?"
WARM = 40  # messages, and requests, before anything is measured
# namespace, scope and n-th address of each kind; settings and secrets that a send needs.
KINDS: dict[str, tuple[str, str, str, dict[str, str], dict[str, str]]] = {
    "whatsapp": ("phone", "", "4670{n:07d}", {"portfolio_id": "bench"}, {"access_token": "t", "app_secret": "s"}),
    "telegram": ("telegram_user", "", "70{n:07d}", {}, {"token": "1:bench"}),
    "discord": ("discord_user", "", "8035111022467{n:05d}", {}, {"bot_token": "bench"}),
    "messenger": ("messenger_user", "page", "9{n:015d}", {}, {"access_token": "t"}),
    "sms": ("phone", "", "4670{n:07d}", {"account_sid": "ACbench"}, {"auth_token": "t"}),
    "email": ("email", "", "person{n}@example.com", {"esp": "postmark", "from_name": "B"}, {"api_key": "t"}),
}
LEFT = "SELECT count(*) FROM conversations_delivery WHERE state IN ('queued', 'sending')"
ACCOUNTS = {"messenger": "page", "sms": "+46700000001", "email": "support@example.org"}


def main() -> None:
    import django

    django.setup()
    kind, count, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    url = f"http://127.0.0.1:{port}"
    channel = _channel(kind, url)
    _queue(channel, range(WARM))
    _send_all()
    _queue(channel, range(WARM, WARM + count))
    before = bare(url, count)
    ours = timed(count, _send_all)
    _refuse_failures(channel.key, count + WARM)
    after = bare(url, count)
    print(json.dumps({"ours": ours, "bare": max(before, after, key=lambda one: one["rate"])}))


def bare(url: str, count: int) -> dict[str, float]:
    """The same number of posts of the same words by httpx alone."""
    import httpx

    from channels_app.delivery import THREADS

    body = {"to": "46700000001", "type": "text", "text": {"body": WORDS}, "ref": "0" * 36}
    with httpx.Client(base_url=url, headers={"authorization": "Bearer bench"}, trust_env=False) as client:

        def post(_: int = 0) -> None:
            client.post("/bare", json=body).raise_for_status()

        for _ in range(WARM):
            post()
        alone = timed(count, lambda: [post() for _ in range(count)])
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(post, range(WARM)))
            together = timed(count, lambda: list(pool.map(post, range(count))))
    return max(alone, together, key=lambda one: one["rate"])


def timed(count: int, work: Callable[[], Any]) -> dict[str, float]:
    """Rate by the wall, and this process' CPU for one."""
    began, cpu = time.perf_counter(), time.process_time()
    work()
    return {
        "rate": count / (time.perf_counter() - began),
        "cpu_ms": (time.process_time() - cpu) / count * 1000,
    }


def _channel(kind: str, url: str) -> Any:
    from channels_app.models import Channel

    _, _, _, config, credentials = KINDS[kind]
    return Channel.objects.create(
        key=f"{kind}-bench",
        kind=kind,
        title="Bench",
        account=ACCOUNTS.get(kind, "1"),
        config={"app": f"bench-{kind}", "base_url": url, "rate_per_second": 0, "pair_seconds": 0, **config},
        credentials=credentials,
    )


def _queue(channel: Any, numbers: range) -> None:
    """So many people who have written on one account, each with an answer that waits."""
    namespace, scope, address, _, _ = KINDS[channel.kind]
    for n in numbers:
        _answer(channel, (namespace, scope, address.format(n=n), "provider", ""))


def _refuse_failures(key: str, count: int) -> None:
    """A figure of sends that failed is none."""
    from conversations.models import Delivery

    found = Counter(Delivery.objects.filter(channel=key).values_list("state", "reason"))
    if found != {("sent", ""): count}:
        raise RuntimeError(f"not all were sent: {dict(found)}")


def _answer(channel: Any, handle: tuple[str, str, str, str, str]) -> None:
    from django.db import transaction

    from common import clock
    from conversations import outbox, sessions, threads
    from conversations.content import Text
    from customers import identity

    with transaction.atomic():
        found = identity.resolve(handles=[identity.Handle(*handle)], occurred_at=clock.now())
        assert found is not None
        place = sessions.Place(identity=found.identity, channel=channel.key, kind=channel.kind)
        received = threads.receive(place=place, heard=threads.Heard(Text("hi"), clock.now(), "hi"))
        outbox.say(
            conversation=received.conversation,
            session=received.session,
            content=Text(WORDS),
            author="bot",
            fence_epoch=received.conversation.owner_epoch,
        )


def _send_all() -> None:
    """The worker's own loop, until nothing waits and every outcome is written."""
    from django.db import connection

    from channels_app.work import Workshop

    workshop = Workshop()
    sender = threading.Thread(target=workshop.send_outbox)
    sender.start()
    with connection.cursor() as cursor:
        while True:
            cursor.execute(LEFT)
            if not cursor.fetchone()[0]:
                break
            time.sleep(0.01)
    workshop.stopping.set()
    sender.join()


if __name__ == "__main__":
    main()
