"""What does a provider post in a bench? Webhooks of the Cloud API with one message each, from a given person."""

from __future__ import annotations

import json
import time
from itertools import count

SECRET, NUMBER, APP = "app-secret-of-the-bench", "106540352242922", "bench"
PATH = f"/webhooks/whatsapp/{APP}"
_ids = count(1)


def message(sender: str, text: str) -> str:
    """The body of one text message."""
    return _whole(
        {
            "contacts": [{"profile": {"name": "Maya Lindqvist"}, "wa_id": sender}],
            "messages": [
                {
                    "from": sender,
                    "id": f"wamid.HBgLNDY3MDE3NDA2MzUVAgASGBQzQUE{next(_ids):012}",
                    "timestamp": str(int(time.time())),
                    "type": "text",
                    "text": {"body": text},
                }
            ],
        }
    )


def status(wamid: str, word: str, ref: str, recipient: str) -> str:
    """The body of one receipt."""
    at = str(int(time.time()))
    found = {"id": wamid, "status": word, "timestamp": at, "recipient_id": recipient, "biz_opaque_callback_data": ref}
    return _whole({"statuses": [found]})


def _whole(value: dict[str, object]) -> str:
    metadata = {"display_phone_number": "15550783881", "phone_number_id": NUMBER}
    change = {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]})
