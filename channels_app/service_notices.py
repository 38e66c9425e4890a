"""Which approved template carries a service message where the window is shut? One that an operator named for it."""

from __future__ import annotations

from channels_app import template_filling, templates
from channels_app.template_models import MessageTemplate
from common.problems import Problem
from conversations.content import Template

NAME = "service_update"  # its body has one place, for the words: "News about your request: {{1}}"
FORBIDDEN = "MARKETING"


def carrying(channel: str, language: str, text: str) -> Template | None:
    """The template `service_update` of this channel with these words, in the reader's language if there is one."""
    found = [row for row in templates.approved([channel]) if row.name == NAME and row.category.upper() != FORBIDDEN]
    found.sort(key=lambda row: _distance(row, language))
    for row in found:
        places = template_filling.slots(row.components)
        if [place.part for place in places] == ["body"]:
            try:
                return template_filling.fill(
                    name=row.name,
                    language=row.language,
                    status=row.status,
                    components=row.components,
                    values={places[0].key: text},
                )
            except Problem:
                continue
    return None


def _distance(row: MessageTemplate, language: str) -> int:
    wanted = row.language[:2].lower()
    return 0 if wanted == language[:2].lower() else 1 if wanted == "en" else 2
