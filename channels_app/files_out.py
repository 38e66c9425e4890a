"""How does a file of ours leave? A signed link that the provider may fetch, and the file itself for an upload."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import cast

from django.db import connection

from channels_app.registry import DeliveryError, File

ROOM = "conversations.attachments"


def link(public_id: str) -> str:
    """A signed link to our copy, '' if there is no way to make one."""
    return str(import_module(ROOM).signed_url(public_id)) if find_spec(ROOM) else ""


def read(public_id: str) -> File:
    """The file from our storage; called on a sender's thread, which keeps no connection to the database."""
    if not find_spec(ROOM):
        raise DeliveryError("rejected", provider_text="the file is not there")
    try:
        return cast(File, import_module(ROOM).load(public_id))
    finally:
        connection.close()
