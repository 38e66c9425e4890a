"""What do all emulators share? Calls to their API, letters to our door, and what they remember."""

from channels_app.sandbox import inspector
from channels_app.sandbox.emulators import BROKEN, LOST, TOO_MANY, WORKS
from channels_app.sandbox.kit import calls, letters, memory
from channels_app.sandbox.kit.calls import Answer, Call

__all__ = [
    "BROKEN", "HELD_BACK", "LOST", "TOO_MANY", "WORKS", "Answer", "Call", "amend", "api", "bubble", "channel_by",
    "climb", "controls_of", "failure_now", "file", "file_url", "find_message", "forget", "json_answer", "keep_file",
    "last_inbound_at", "number", "post", "recall", "remember", "secret", "store", "tell", "types_until", "unread",
    "webhook_url",
]  # fmt: skip

api = calls.api
json_answer = calls.json_answer

HELD_BACK = letters.HELD_BACK
climb = letters.climb
post = letters.post
webhook_url = letters.webhook_url

amend = memory.amend
bubble = memory.bubble
channel_by = memory.channel_by
controls_of = memory.controls_of
failure_now = memory.failure_now
file = memory.file
file_url = memory.file_url
find_message = memory.find_message
forget = memory.forget
keep_file = memory.keep_file
last_inbound_at = memory.last_inbound_at
number = memory.number
recall = memory.recall
remember = memory.remember
secret = memory.secret
store = memory.store
types_until = memory.types_until
unread = memory.unread

tell = inspector.tell
