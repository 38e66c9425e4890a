"""Are public ids unique, of version 7 and in order?"""

from __future__ import annotations

import time

import time_machine

from common.ids import uuid7


def test_ids_of_one_process_ascend() -> None:
    ids = [uuid7() for _ in range(2_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_an_id_says_version_variant_and_time() -> None:
    before = time.time_ns() // 1_000_000
    one = uuid7()
    assert (one.version, one.variant) == (7, "specified in RFC 4122")
    assert before - 1 <= one.int >> 80 <= before + 1_000


def test_a_clock_that_was_set_back_is_believed() -> None:
    with time_machine.travel(time.time() + 86_400, tick=False):
        ahead = uuid7()
    assert uuid7() < ahead
