"""How do people, messages and applications look at Discord? Whole objects, as strict clients demand them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from channels_app.models import Channel
from channels_app.sandbox import kit, people
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.people import Person
from common import clock

Json = dict[str, Any]
EPOCH_MS = 1_420_070_400_000
DEFAULT, REPLY = 0, 19
VOICE = 8192


def bots() -> list[Channel]:
    """The bots that live at this Discord."""
    return list(Channel.objects.filter(kind="discord", config__base_url__icontains="/sandbox/").order_by("pk"))


def bot_with(token: str) -> Channel | None:
    """The bot with this token; nobody's after it was reset."""
    found = (one for one in bots() if token and (one.credentials or {}).get("bot_token") == token)
    return next((one for one in found if not kit.recall(one, "is_token_reset")), None)


def address(person: Person) -> str:
    """The person's user id."""
    return person.digits("discord", 18)


def person_of(user: str) -> Person | None:
    """Whose user id it is."""
    return next((person for person in people.CAST if address(person) == user), None)


def snowflake(channel: Channel) -> str:
    """A new id that tells the time, like Discord's; unique over all channels."""
    ms = int(clock.now().timestamp() * 1000) - EPOCH_MS
    return str(ms << 22 | (channel.pk & 0x3FF) << 12 | kit.number(channel, "snowflake") & 0xFFF)


def direct(channel: Channel, user: str) -> str:
    """The id of the direct messages of a user with the bot; the same at every call."""
    digest = hashlib.sha256(f"dm:{channel.account}:{user}".encode()).digest()
    place = str(10**17 + int.from_bytes(digest[:8]) % (8 * 10**17))
    if kit.recall(channel, f"dm:{place}") is None:
        kit.remember(channel, f"dm:{place}", user)
    return place


def user_in(channel: Channel, place: str) -> str:
    """The user whose direct messages these are, '' if there are none with this id."""
    found = kit.recall(channel, f"dm:{place}"[:200])
    return str(found) if found else ""


def bot(channel: Channel) -> Json:
    """The bot's user."""
    return _user(channel.account, "nordic_chairs", None) | {"bot": True}


def meet(channel: Channel, number: str, person: Person) -> None:
    """Somebody outside of the cast writes: the number does not tell their name."""
    if person_of(number) is None and kit.recall(channel, f"named:{number}") is None:
        kit.remember(channel, f"named:{number}", {"username": person.username or person.key, "name": person.name})


def user(number: str, channel: Channel | None = None) -> Json:
    """A user; of people outside of the cast who never wrote on the channel a name is made up."""
    person = person_of(number)
    if person is not None:
        return _user(number, person.username or person.key, person.name)
    known = kit.recall(channel, f"named:{number}") if channel else None
    if isinstance(known, dict):
        return _user(number, str(known["username"]), str(known["name"]))
    return _user(number, f"user{number[-4:]}", None)


def _user(number: str, name: str, shown: str | None) -> Json:
    return {
        "id": number,
        "username": name,
        "discriminator": "0",
        "global_name": shown,
        "avatar": None,
        "bot": False,
        "system": False,
        "public_flags": 0,
    }


def message(channel: Channel, place: str, author: Json, **members: Any) -> Json:
    """A whole message; `members` replace the empty ones."""
    return {
        "id": snowflake(channel),
        "channel_id": place,
        "type": DEFAULT,
        "author": author,
        "content": "",
        "timestamp": moment(clock.now()),
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "components": [],
        "flags": 0,
    } | members


def dm_channel(channel: Channel, user_id: str) -> Json:
    """The channel object of a user's direct messages."""
    place = direct(channel, user_id)
    last = SandboxMessage.objects.filter(channel=channel.key, address=user_id).order_by("-pk").first()
    return {
        "id": place,
        "type": 1,
        "last_message_id": last.external_id if last else None,
        "recipients": [user(user_id, channel)],
    }


def application(channel: Channel) -> Json:
    """The application, as its owner's page would show it."""
    endpoint = kit.webhook_url(channel) if takes_interactions_by_http(channel) else None
    return {
        "id": channel.account,
        "name": channel.title,
        "icon": None,
        "description": "",
        "summary": "",
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": str(channel.config.get("public_key", "")),
        "flags": 1 << 19,
        "hook": True,
        "type": None,
        "owner": _user("1", "owner", "Owner"),
        "team": None,
        "tags": [],
        "redirect_uris": [],
        "interactions_endpoint_url": endpoint,
        "role_connections_verification_url": None,
        "approximate_guild_count": 0,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
    }


def takes_interactions_by_http(channel: Channel) -> bool:
    """Interactions go to the endpoint, unless the application has none: then they come over the gateway."""
    return bool(channel.config.get("interactions") != "gateway")


def moment(at: datetime) -> str:
    """ISO 8601 as Discord writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def root() -> str:
    """Where the pretended Discord is."""
    return f"{settings.PUBLIC_URL}/sandbox/discord"


def mapping(value: object) -> Mapping[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, Mapping) else {}
