"""What can be made of a text that may be broken? Its data and lines, once they have the shape of a journey."""

from __future__ import annotations

from conversations.journeys import loader, schema


def shaped(text: str) -> loader.Loaded | None:
    """The data of a text and the line of each part; None while it is no YAML or has not the shape of a journey."""
    try:
        loaded = loader.load(text)
    except loader.LoadRefused:
        return None
    return None if next(schema.errors(loaded.data), None) else loaded
