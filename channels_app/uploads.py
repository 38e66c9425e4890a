"""Which files may a visitor hand in, and which may they open? Their own, and what was said to them in this chat.

Problem
+-- FilesOff      403 files_off      the channel takes no files
+-- TooLarge      413 file_too_large what the channel takes is smaller; `limit` in bytes
+-- Unwelcome     422 file_refused   empty, a program, or a kind that the channel does not take
+-- FileUnknown   404 file_unknown   not there, or not theirs: nobody can tell which
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote
from uuid import UUID

from django.http import HttpRequest

from channels_app import visits
from channels_app.connections import Standing
from channels_app.models import Channel, Visit
from channels_app.protocol import Refused, Say
from common import clock
from common.files import File
from common.parsing import FILE_NAME_HEADER
from common.problems import Problem
from conversations import attachments, filelinks, showing
from conversations.attachments import MEGABYTE, Unwelcome
from conversations.models import Attachment

LARGEST = 10  # MB, unless the channel says otherwise
WAITING_MAX = 30  # uploads of one visitor that were never sent
KINDS = ("image", "audio", "video", "file")


class FilesOff(Problem):
    code, title, status = "files_off", "This chat takes no files.", 403


class TooLarge(Problem):
    code, title, status = "file_too_large", "This file is too large.", 413


class FileUnknown(Problem):
    code, title, status = "file_unknown", "There is no such file.", 404


def rules(channel: Channel) -> dict[str, Any] | None:
    """What the admin lets visitors send: `{max, kinds}` in bytes and words, None for no files."""
    config = channel.config
    if config.get("files") is False:
        return None
    largest = config.get("file_max_mb")
    megabytes = largest if isinstance(largest, int) and largest > 0 else LARGEST
    kinds = config.get("file_kinds")
    named = [kind for kind in KINDS if kind in kinds] if isinstance(kinds, list) else list(KINDS)
    return {"max": min(megabytes * MEGABYTE, attachments.UPLOAD_MAX), "kinds": named}


def take(*, visit: Visit, request: HttpRequest) -> dict[str, Any]:
    """Keeps the file in the request's body for the message that will carry it."""
    allowed = rules(visit.channel)
    if allowed is None:
        raise FilesOff
    most = allowed["max"]
    content = request.read(most + 1)
    if len(content) > most:
        raise TooLarge(f"A file may have {most // MEGABYTE} MB.", limit=most)
    name = unquote(request.headers.get(FILE_NAME_HEADER, "")[:20_000], errors="replace")
    person = visits.endpoint(visit, clock.now())
    if Attachment.objects.filter(uploader=_uploader(person.pk), message__isnull=True).count() >= WAITING_MAX:
        raise Unwelcome("Too many files wait to be sent.")
    file = File(content, request.content_type or "", name)
    made = attachments.upload(
        file=file, customer_id=person.customer_id, uploader=_uploader(person.pk), kinds=allowed["kinds"]
    )
    return showing.shown(made).to_json()


def links(*, visit: Visit, public_id: UUID) -> dict[str, Any]:
    """Links for the next minutes: `url`, and `small` for a picture."""
    mine = visits.proven(visit, clock.now())
    rows = Attachment.objects.select_related("message__session").filter(public_id=public_id)
    found = rows.filter(state=Attachment.State.STORED).first()
    if found is None or not _is_theirs(found, visit.channel.key, {row.pk for row in mine}):
        raise FileUnknown
    small = filelinks.for_person(found.public_id, "thumb") if found.thumb else ""
    return {"url": filelinks.for_person(found.public_id), "small": small}


def carried(*, standing: Standing, say: Say) -> dict[str, str] | None:
    """What is stored of the file that a message carries; `Refused` if it is not this visitor's to send."""
    if not say.file:
        return None
    uploader = _uploader(standing.identity_id)
    try:
        found = attachments.waiting(public_id=UUID(say.file), uploader=uploader, client_id=say.client_id)
    except attachments.NotAvailable as error:
        raise Refused("file_unknown", id=say.client_id) from error
    said = attachments.as_content(found)
    return {"id": said.attachment, "kind": said.kind, "name": said.filename, "type": said.mime_type}


def _is_theirs(found: Attachment, channel: str, identities: set[int]) -> bool:
    if found.message is None:
        return found.uploader in {_uploader(pk) for pk in identities}
    session = found.message.session
    return session.channel == channel and session.identity_id in identities


def _uploader(identity_id: int) -> str:
    return f"web:{identity_id}"
