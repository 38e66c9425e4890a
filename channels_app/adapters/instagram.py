"""How does Instagram read and write? As Messenger does, with links instead of uploads and narrower files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from channels_app.adapters.base import Account, DeepLink
from channels_app.adapters.messenger import MB, MessengerAdapter


class InstagramAdapter(MessengerAdapter):
    """Instagram's direct messages to a professional account."""

    kind = "instagram"
    title = "Instagram"
    object: ClassVar[str] = "instagram"
    uploads: ClassVar[bool] = False
    marks: ClassVar[bool] = False  # not documented there, and an unknown member may be refused
    fields: ClassVar[Sequence[str]] = (
        "messages", "messaging_postbacks", "messaging_seen", "message_reactions", "message_edit", "messaging_referral",
    )  # fmt: skip
    settings = MessengerAdapter.settings | {
        "app": "The word that names your Meta app in the webhook's URL; accounts of one app share it.",
        "username": "The account's name in ig.me links; without it there are none.",
        "base_url": "The Graph API: https://graph.instagram.com for tokens of an Instagram login.",
    }
    secrets = MessengerAdapter.secrets | {"access_token": "The account's token: with it we call the Graph API."}
    capabilities = replace(
        MessengerAdapter.capabilities, kind="instagram", sends=frozenset({"image", "audio", "video"}), media_max=8 * MB,
        counts_bytes=True,
    )  # fmt: skip

    def link(self, account: Account, code: str) -> DeepLink | None:
        username = account.text("username")
        return DeepLink(f"https://ig.me/m/{username}?ref={code}") if username else None


adapter = InstagramAdapter()
