"""Do log lines hold ids and no secrets?"""

from __future__ import annotations

import json
import logging
import sys

from config.logs import JsonFormatter


def line(message: str, *arguments: object, **fields: object) -> dict[str, object]:
    record = logging.LogRecord("throughline", logging.WARNING, __file__, 1, message, arguments, None)
    record.__dict__.update(fields)
    return dict(json.loads(JsonFormatter().format(record)))


def test_a_line_is_one_json_object_with_its_ids() -> None:
    found = line("sent", delivery_id=7, milliseconds=12)
    assert (found["text"], found["delivery_id"], found["milliseconds"]) == ("sent", 7, 12)


def test_a_field_that_is_not_listed_is_left_out() -> None:
    assert "phone" not in line("sent", phone="+4915112345678")


def test_an_address_is_cut_down_to_its_host() -> None:
    found = line("POST %s failed", "https://api.example/bot123:SECRET/send?token=SECRET")
    assert found["text"] == "POST https://api.example/... failed"


def test_a_traceback_is_cut_down_too() -> None:
    try:
        raise ValueError("https://api.example/v1?token=SECRET")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())
    assert "SECRET" not in JsonFormatter().format(record)
