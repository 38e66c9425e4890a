"""How is an emulator driven that runs alone, for another project's tests? Its provider's API, and a JSON control API.

GET    /control/                        who can write, and per kind: base URL, webhook URL, settings and secrets
POST   /control/<kind>/setup            {"webhook_url", "account", "config": {}, "credentials": {}}: what you use
POST   /control/<kind>/write            {"person", "act", "text", "option", "message", ...} as `shapes.Said` names it
POST   /control/<kind>/look             {"person"}: the person reads what was delivered
GET    /control/<kind>/messages?person= the phone
GET    /control/<kind>/controls         how the provider behaves; POST changes it: failure, latency_ms, receipts ...
GET    /control/<kind>/log?after=       every request and webhook; DELETE /control/<kind>/log empties it
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import wraps
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.csrf import csrf_exempt

from channels_app.models import Channel
from channels_app.sandbox import emulators, kit, people, phone, views
from channels_app.sandbox.models import SandboxExchange, SandboxMessage
from channels_app.sandbox.urls import provider_urls
from common import numbers

LOGGED = 500  # exchanges in one answer
View = Callable[[HttpRequest, Channel, dict[str, Any]], JsonResponse]


def urls(kinds: Sequence[str]) -> list[URLPattern | URLResolver]:
    """Nothing but the emulators' own URLs, their files, and the control API."""
    return [
        *provider_urls(kinds),
        path("sandbox/files/<uuid:public_id>", views.file),
        path("control/", csrf_exempt(views.in_sandbox(overview)), {"kinds": tuple(kinds)}),
        *(path(f"control/<str:kind>/{name}", endpoint(view)) for name, view in CONTROL.items()),
    ]


def seed(kinds: Sequence[str], webhook: str = "") -> list[Channel]:
    """A Channel for each emulator, as the demo has it; `webhook` is where it posts, `{kind}` in it is filled in."""
    made = []
    for kind in kinds:
        if emulator := emulators.find(kind):
            fields = emulators.demo_fields(emulator)
            told = {"webhook_url": webhook.format(kind=kind)} if webhook else {}
            channel, _ = Channel.objects.get_or_create(key=fields.pop("key"), defaults=fields)
            channel.config = {**channel.config, "base_url": emulator.root(), **told}
            channel.save(update_fields=["config"])
            made.append(channel)
    return made


def described(channel: Channel) -> dict[str, Any]:
    """What somebody sets up in the project that is to be tested."""
    return {
        "kind": channel.kind,
        "base_url": channel.config.get("base_url", ""),
        "webhook_url": kit.webhook_url(channel),
        "account": channel.account,
        "config": channel.config,
        "credentials": channel.credentials or {},
    }


def overview(request: HttpRequest, kinds: Sequence[str]) -> JsonResponse:
    channels = [_channel(kind) for kind in kinds]
    cast = [{"key": one.key, "name": one.name, "about": one.about} for one in people.CAST]
    return JsonResponse({"people": cast, "channels": [described(one) for one in channels if one]})


def endpoint(view: View) -> Callable[..., JsonResponse]:
    """The view with its channel and JSON body; 404 outside of the sandbox and for unknown kinds."""

    @csrf_exempt
    @views.in_sandbox
    @wraps(view)
    def answer(request: HttpRequest, kind: str) -> JsonResponse:
        if (channel := _channel(kind)) is None:
            return _error("unknown_kind", f"There is no emulator of {kind!r} here.", 404)
        try:
            asked = json.loads(request.body or b"{}")
        except ValueError:
            return _error("no_json", "The body is no JSON.")
        return view(request, channel, asked if isinstance(asked, dict) else {})

    return answer  # type: ignore[return-value]  # in_sandbox speaks of any HttpResponse


def setup(request: HttpRequest, channel: Channel, asked: dict[str, Any]) -> JsonResponse:
    told = {"webhook_url": str(asked["webhook_url"])} if asked.get("webhook_url") else {}
    channel.config = {**channel.config, **(asked.get("config") or {}), **told}
    channel.credentials = {**(channel.credentials or {}), **(asked.get("credentials") or {})}
    channel.account = str(asked.get("account") or channel.account)
    channel.save(update_fields=["config", "credentials", "account"])
    return JsonResponse(described(channel))


def write(request: HttpRequest, channel: Channel, asked: dict[str, Any]) -> JsonResponse:
    person, emulator = people.find(str(asked.get("person", ""))), emulators.of(channel)
    if person is None or not emulator.address(person):
        return _error("nobody", "There is no such person on this channel.")
    if (said := phone.said(channel, person, asked)) is None:
        return _error("nothing_said", "Nothing was said, or it is not possible here.")
    message = emulator.write(channel, person, said)
    return JsonResponse({"message": message.external_id if message else ""}, status=201)


def look(request: HttpRequest, channel: Channel, asked: dict[str, Any]) -> JsonResponse:
    person = people.find(str(asked.get("person", "")))
    return JsonResponse({"read": emulators.of(channel).look(channel, person) if person else 0})


def messages(request: HttpRequest, channel: Channel, asked: dict[str, Any]) -> JsonResponse:
    rows = SandboxMessage.objects.filter(channel=channel.key).order_by("pk")
    if person := people.find(request.GET.get("person", "")):
        rows = rows.filter(address=emulators.of(channel).address(person))
    emulator = emulators.of(channel)
    return JsonResponse({"messages": [{**asdict(emulator.bubble(row)), "address": row.address} for row in rows]})


def controls(request: HttpRequest, channel: Channel, asked: dict[str, Any]) -> JsonResponse:
    if request.method == "POST":
        now = {**phone.controls(channel), **asked}
        form = views.ControlsForm(emulators.of(channel), now, instance=kit.controls_of(channel.key))
        if not form.is_valid():
            return _error("bad_controls", form.errors.as_text())
        form.save()
    return JsonResponse(phone.controls(channel))


def log(request: HttpRequest, channel: Channel, asked: dict[str, Any]) -> JsonResponse:
    rows = SandboxExchange.objects.filter(channel=channel.key).order_by("pk")
    if request.method == "DELETE":
        rows.delete()
    after = request.GET.get("after", "0")
    found = rows.filter(pk__gt=numbers.whole(after, digits=18) or 0)[:LOGGED]
    return JsonResponse({"exchanges": [phone.exchange(row, {channel.key: channel.kind}) for row in found]})


CONTROL: dict[str, View] = {
    "setup": setup,
    "write": write,
    "look": look,
    "messages": messages,
    "controls": controls,
    "log": log,
}


def _channel(kind: str) -> Channel | None:
    return kit.channel_by(kind, key=f"{kind}-demo")


def _error(code: str, detail: str, status: int = 400) -> JsonResponse:
    return JsonResponse({"code": code, "detail": detail}, status=status)
