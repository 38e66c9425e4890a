"""Does what was rendered fit the channel?"""

from __future__ import annotations

from conversations.capabilities import Capabilities
from conversations.content import Choice, Text
from conversations.journeys.render import Rendered


def fits(rendered: Rendered, channel: Capabilities) -> None:
    for message in rendered.messages:
        if isinstance(message, Text):
            assert 0 < len(message.text) <= channel.text_limit
        if isinstance(message, Choice):
            few = message.kind == "buttons"
            assert not channel.numbered
            assert 0 < len(message.text) <= channel.choice_text_limit
            assert len(message.options) <= (channel.buttons_max if few else channel.list_max)
            labels = [option.label for option in message.options]
            assert all(
                0 < len(label) <= (channel.button_label_max if few else channel.list_label_max) for label in labels
            )
            assert all(len(option.description) <= channel.list_description_max for option in message.options)
            assert all(len(option.payload.encode()) <= channel.payload_max for option in message.options)
