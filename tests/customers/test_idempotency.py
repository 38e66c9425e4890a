"""Does a repeated request get its first answer, and has it no second effect?"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from common.problems import Problem
from customers.idempotency import Answer, InFlight, answer_once
from customers.models import IdempotentAnswer


@pytest.mark.django_db(transaction=True)
def test_of_ten_repetitions_at_once_one_acts_and_the_others_wait_or_replay() -> None:
    acted: list[int] = []
    gate = threading.Barrier(10)

    def post(_: int) -> str:
        gate.wait()
        try:
            answer = answer_once(actor="a", key="k", body=b"{}", act=lambda: acted.append(1) or Answer(201, {"n": 1}))
        except InFlight:
            return "in flight"
        finally:
            connection.close()
        return "replay" if answer.is_replay else "first"

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(post, range(10)))
    assert (len(acted), answers.count("first")) == (1, 1)


@pytest.mark.django_db
def test_a_refusal_is_not_kept_so_that_the_request_can_be_mended() -> None:
    def refuse() -> Answer:
        raise Problem("no")

    with pytest.raises(Problem):
        answer_once(actor="a", key="k", body=b"{}", act=refuse)
    assert not IdempotentAnswer.objects.exists()
    assert answer_once(actor="a", key="k", body=b"{}", act=lambda: Answer(201, None)).status == 201
