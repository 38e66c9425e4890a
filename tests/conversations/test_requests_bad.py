"""Does a journey take its error edge whatever another system does instead of answering?"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from conversations.journeys import callers
from conversations.models import Connection
from tests.common.backends import Answer, Backend, certify, serve
from tests.conversations import asking
from tests.stories import cast

RETRIED = "    retry: {attempts: 3, backoff: 1s, max: 10s, on: [timeout, 429, 5xx]}\n"
PACKED = {"Content-Encoding": "gzip"}


def drips(out: Any) -> None:
    for _ in range(100):
        out.write(b" ")
        out.flush()
        time.sleep(0.05)


def pours(out: Any) -> None:
    """10 MB without a length."""
    for _ in range(160):
        out.write(bytes(65536))


BAD: dict[str, tuple[Answer, str]] = {
    "a gzip bomb": (Answer(body=gzip.compress(bytes(20_000_000)), headers=PACKED), "too_large"),
    "10 MB": (Answer(body=b'"' + b"a" * 10_000_000 + b'"'), "too_large"),
    "10 MB without a length": (Answer(write=pours), "too_large"),
    "a slow drip": (Answer(write=drips), "timeout"),
    "a redirect to the inside": (Answer(302, headers={"Location": "http://169.254.169.254/"}), "refused"),
    "a redirect to itself": (Answer(307, headers={"Location": "/orders/4711"}), "refused"),
}


@pytest.fixture
def served(db: None, settings: Settings) -> Callable[..., Any]:
    """A shop that is asked once."""

    @contextmanager
    def running(certificate: Path | None = None) -> Iterator[Backend]:
        with serve(certificate) as backend:
            settings.CONNECTION_PRIVATE_HOSTS = [backend.place]
            asking.connect(backend)
            cast.sales()
            cast.library()
            cast.publish(asking.TRACK.replace(RETRIED, ""))
            yield backend

    return running


def asked() -> tuple[str, str]:
    """What the customer hears in the end, and the error that the row keeps."""
    phone = asking.asks(cast.maya())
    callers.call_due()
    return phone.news()[-1], asking.request().error


@pytest.mark.scenario("J-32")
@pytest.mark.parametrize(("answer", "error"), BAD.values(), ids=BAD)
def test_what_is_no_answer_takes_the_error_edge(served: Callable[..., Any], answer: Answer, error: str) -> None:
    with served() as shop:
        shop.usual = answer
        if answer.write is drips:
            Connection.objects.update(seconds=1)
        assert asked() == ("The shop does not answer.", error)
        assert len(shop.got) == 1


@pytest.mark.scenario("J-32")
def test_a_certificate_that_nobody_vouches_for_takes_it_too(served: Callable[..., Any], tmp_path: Path) -> None:
    with served(certify(tmp_path, "localhost")) as shop:
        assert asked() == ("The shop does not answer.", "unanswered")
        assert shop.got == []
