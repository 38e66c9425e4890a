"""How does a file of ours leave? A signed link that the provider may fetch, and the file itself for an upload.

Both are asked for on a sender's thread, which keeps no connection to the database.
"""

from __future__ import annotations

from django.db import connection

from channels_app.registry import DeliveryError, File
from conversations import attachments


def link(public_id: str) -> str:
    """A signed link to our copy, '' if nothing is stored."""
    try:
        return attachments.signed_url(public_id)
    finally:
        connection.close()


def read(public_id: str) -> File:
    """The file from our storage, or `DeliveryError`."""
    try:
        return attachments.load(public_id)
    except attachments.NotAvailable as error:
        raise DeliveryError("rejected", provider_text="the file is not there") from error
    finally:
        connection.close()
