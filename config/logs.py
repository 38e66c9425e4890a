"""What does a log line hold? One JSON object with ids and times; no bodies, names, addresses or query strings."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

# What a record may carry beyond its message, given as `extra={...}`: ids and measures only.
FIELDS = (
    "request_id", "conversation_id", "customer_id", "message_id", "event_id", "delivery_id", "inbound_id", "run_id",
    "channel_id", "actor_id", "task_id", "attempt", "status", "milliseconds", "count", "reason",
)  # fmt: skip
SECRETS_IN_URLS = re.compile(r"(https?://[^\s/?#\"']+)[^\s\"']*")


def redact(text: str) -> str:
    """The text with each URL cut down to its host: providers put tokens into paths and query strings."""
    return SECRETS_IN_URLS.sub(r"\1/...", text)


class JsonFormatter(logging.Formatter):
    """One line of JSON a record."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "text": redact(record.getMessage()),
        }
        line.update({name: getattr(record, name) for name in FIELDS if hasattr(record, name)})
        if record.exc_info:
            line["traceback"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, default=str)


class TextFormatter(logging.Formatter):
    """The same for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def configuration(style: str, level: str) -> dict[str, Any]:
    """Django's LOGGING; `style` is `json` or `text`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": "config.logs.JsonFormatter"},
            "text": {"()": "config.logs.TextFormatter", "format": "%(levelname)s %(name)s: %(message)s"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": style}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # These name full URLs, or repeat at length what a status code says.
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
            "uvicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
            "uvicorn": {"handlers": [], "level": "WARNING", "propagate": True},
            "uvicorn.error": {"level": "WARNING"},
            "websockets": {"level": "WARNING"},
            "django.server": {"handlers": [], "propagate": True},
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.request": {"level": "ERROR"},
            "celery": {"level": "WARNING"},
            "amqp": {"level": "WARNING"},
        },
    }
