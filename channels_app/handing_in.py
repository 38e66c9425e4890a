"""What else may a page hand in beside words? Files for a message, and what the site says of its visitor."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from channels_app import connections, limits, page_facts, protocol, uploads
from channels_app.fallback import Json, body_of, endpoint, slow_down, visit_of
from channels_app.models import Channel


@endpoint("POST")
def upload(request: HttpRequest, channel: Channel) -> Json:
    """The body is a file, `X-File-Name` its name; the answer's `id` goes into the `file` of a message."""
    found = visit_of(request, channel)
    slow_down(limits.UPLOADS, str(found.public_id))
    slow_down(limits.UPLOADS_OF_ADDRESS, connections.address_of(request))
    return uploads.take(visit=found, request=request)


@endpoint("GET")
def file(request: HttpRequest, channel: Channel) -> Json:
    """Links to a file of this chat, for minutes: `?id=<file>`."""
    found, asked = visit_of(request, channel), request.GET.get("id", "")
    if not protocol.FILE.fullmatch(asked):
        raise uploads.FileUnknown
    return uploads.links(visit=found, public_id=UUID(asked))


@endpoint("POST")
def attributes(request: HttpRequest, channel: Channel) -> Json:
    """What the page says about its visitor: `{values: {name: text, number or yes/no}}`; proven by nobody."""
    found = visit_of(request, channel)
    slow_down(limits.MESSAGES, str(found.public_id))
    return {"noted": page_facts.note(visit=found, values=body_of(request).get("values"))}
