"""How does the page play the story? One request per line; what has to be remembered travels with it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from channels_app.sandbox import emulators
from channels_app.sandbox.story.player import Player, Story
from channels_app.sandbox.story.script import LINES, SCENES, WEB, Unplayable
from channels_app.sandbox.views import in_sandbox


@in_sandbox
@require_GET
def script(request: HttpRequest) -> JsonResponse:
    """The scenes with their lines, numbered through."""
    scenes, number = [], 0
    for scene in SCENES:
        lines = [{"number": number + place, **asdict(line)} for place, line in enumerate(scene.lines)]
        scenes.append({"title": scene.title, "about": scene.about, "lines": lines})
        number += len(lines)
    return JsonResponse({"scenes": scenes, "titles": _titles()})


@in_sandbox
@require_POST
def play(request: HttpRequest) -> JsonResponse:
    """Plays one line: `{line, story}` -> `{story, shown, hero}`; 409 while what it needs is not there."""
    asked = _asked(request)
    number = asked.get("line")
    if not isinstance(number, int) or not 0 <= number < len(LINES):
        return JsonResponse({"code": "no_such_line", "detail": "The story has no such line."}, status=400)
    kept = asked.get("story")
    story = Story.from_json(kept) if number and isinstance(kept, dict) else Story.begin()
    try:
        shown = Player(story, request.build_absolute_uri("/").rstrip("/")).play(number)
    except Unplayable as missing:
        detail = {"code": "not_yet", "detail": str(missing), "story": asdict(story)}
        return JsonResponse(detail, status=409)
    return JsonResponse({"story": asdict(story), "shown": shown, "hero": _hero(story)})


def _titles() -> dict[str, dict[str, str]]:
    """Of each kind of channel: what it is called, and the key of the frame that shows it."""
    found = {row.kind: {"title": str(emulators.of(row).title), "frame": row.key} for row in emulators.channels()}
    return {**found, WEB: {"title": "Shop", "frame": ""}}


def _hero(story: Story) -> dict[str, Any]:
    person = story.person
    people = {row.key: emulators.of(row).address(person) for row in emulators.channels()}
    return {"key": person.key, "name": person.name, "addresses": people}


def _asked(request: HttpRequest) -> dict[str, Any]:
    try:
        asked = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    return asked if isinstance(asked, dict) else {}
