"""What do the workers ask of another system? Seeds two journeys, one that may ask twice and one that may not."""

from __future__ import annotations

import json
import sys

BOOK = """
journey: {key}
title: Book
languages: [en]
triggers:
  - keyword: [{key}]
vars:
  number: {{type: text}}
steps:
  - id: ask
    type: request
    connection: shop
    send: {{method: POST, path: /bookings, body: {{day: monday}}}}
    idempotent: {idempotent}
    map: {{vars.number: $.number}}
    on: {{error: broken}}
    next: booked
  - {{id: booked, type: end, text: "Booked: {{{{ vars.number }}}}."}}
  - {{id: broken, type: end, text: "I do not know whether that was booked."}}
"""


def main() -> None:
    import django

    django.setup()
    from conversations.journeys import publishing
    from conversations.models import Connection
    from tests.channels_app import whatsapp

    given = json.load(sys.stdin)
    whatsapp.channel(base_url=given["graph"])
    Connection.objects.create(key="shop", title="Shop", base_url=given["shop"])
    publishing.publish(text=BOOK.format(key="book", idempotent="true"))
    publishing.publish(text=BOOK.format(key="order", idempotent="false"))
    print(json.dumps({"ok": True}))


if __name__ == "__main__":
    main()
