"""Where does a deep link lead in the sandbox? To the phone of its channel, which shows the code to be followed."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.http import urlencode

from channels_app.models import Channel
from channels_app.sandbox import kit

CODE = re.compile(r"\[#([A-Za-z0-9_-]{4,64})\]")


def to_phone(channel: Channel | None, code: str) -> HttpResponseBase:
    """The sandbox's page at this channel; 404 for a name that nobody has."""
    if channel is None:
        return HttpResponse("Nobody here has this name.", status=404, content_type="text/plain; charset=utf-8")
    answer = HttpResponseRedirect(f"/sandbox/?{urlencode({'channel': channel.key, 'open': code[:64]})}")
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def t_me(request: HttpRequest, username: str) -> HttpResponseBase:
    """`t.me/<bot>?start=<code>`."""
    return to_phone(kit.channel_by("telegram", config__username=username), request.GET.get("start", ""))


def wa_me(request: HttpRequest, digits: str) -> HttpResponseBase:
    """`wa.me/<number>?text=<words with the code>`."""
    found = CODE.search(request.GET.get("text", ""))
    return to_phone(kit.channel_by("whatsapp", config__display_phone_number=digits), found.group(1) if found else "")


def discord_user(request: HttpRequest, number: str) -> HttpResponseBase:
    """`discord.com/users/<bot>`: its profile; no code can be in this link."""
    return to_phone(kit.channel_by("discord", account=number), "")
