"""What does the plant hold at the start? One WhatsApp number on the stub, and a journey that repeats what it hears."""

from __future__ import annotations

import json
import sys

ECHO = """
journey: echo
title: Echo
languages: [en]
triggers:
  - keyword: [echo]
policy: {interruptible: true, resume: auto}
vars:
  word: {type: text}
steps:
  - {id: word, type: ask, title: Word, text: ready, expect: {kind: text, min: 1, max: 100}, on_invalid: over}
  - {id: heard, type: message, text: "heard {{ vars.word }}"}
  - {id: over, type: end}
"""


def main() -> None:
    import django

    django.setup()
    from conversations.journeys import publishing
    from tests.channels_app import whatsapp

    given = json.load(sys.stdin)
    whatsapp.channel(base_url=given["graph"])
    publishing.publish(text=ECHO)
    print(json.dumps({"ok": True}))


if __name__ == "__main__":
    main()
