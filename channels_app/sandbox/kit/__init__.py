"""What do all emulators share? Calls to their API, letters to our door, and what they remember."""

from channels_app.sandbox.emulators import BROKEN, LOST, TOO_MANY, WORKS
from channels_app.sandbox.inspector import tell
from channels_app.sandbox.kit.calls import Answer, Call, api, json_answer
from channels_app.sandbox.kit.letters import HELD_BACK, climb, post, webhook_url
from channels_app.sandbox.kit.memory import (
    amend,
    bubble,
    channel_by,
    controls_of,
    failure_now,
    file,
    file_url,
    find_message,
    forget,
    keep_file,
    last_inbound_at,
    number,
    recall,
    remember,
    secret,
    store,
    types_until,
    unread,
)

__all__ = [
    "BROKEN", "HELD_BACK", "LOST", "TOO_MANY", "WORKS", "Answer", "Call", "amend", "api", "bubble", "channel_by",
    "climb", "controls_of", "failure_now", "file", "file_url", "find_message", "forget", "json_answer", "keep_file",
    "last_inbound_at", "number", "post", "recall", "remember", "secret", "store", "tell", "types_until", "unread",
    "webhook_url",
]  # fmt: skip
