"""How does the pretended Instagram differ from the pretended Messenger? Links only, bytes counted, reads by message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from channels_app.sandbox.messenger_emulator import MessengerEmulator, api, platform
from channels_app.sandbox.models import SandboxMessage


class InstagramEmulator(MessengerEmulator):
    """Instagram."""

    kind = "instagram"
    title = "Instagram"
    about = "professional account"
    abilities = frozenset({"text", "tap", "file", "voice", "reaction", "removal", "open", "action"})
    receipts: ClassVar[Sequence[str]] = ("none", "read")
    urls = api.urls("instagram", platform.INSTAGRAM)
    page: ClassVar[str] = "17841405822304914"
    username: ClassVar[str] = "nordic.chairs"

    def _seen(self, rows: list[SandboxMessage]) -> dict[str, Any]:
        return {"mid": rows[-1].external_id}


emulator = InstagramEmulator()
