"""Is it the database that went away, or did this one row fail? A quarantine must tell them apart."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError


def raise_if_away(error: Exception) -> None:
    """Raises it again if the database went away; a deadlock or a time-out is retried like any other failure."""
    if isinstance(error, OperationalError | InterfaceError):
        state = getattr(error.__cause__, "sqlstate", None)
        if state is None or state.startswith(("08", "57P", "53")):
            raise error
