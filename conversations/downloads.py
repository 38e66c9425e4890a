"""How does a file leave this server? Under its own type, never as a page of ours, for as long as its link holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO
from urllib.parse import quote

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from conversations import filelinks, filenames
from conversations.models import Attachment, Delivery

POLICY = "sandbox; default-src 'none'"
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")
PIECE = 64 * 1024


@require_safe
def file(request: HttpRequest, token: str) -> HttpResponseBase:
    """`/files/<token>`: 404 for a link that is forged, too old, or whose file is gone."""
    link = filelinks.opened(token)
    found = _served(link) if link else None
    if link is None or found is None:
        raise Http404
    stored, media_type, name = _part(found, link.part)
    is_inline = found.is_inline or link.part == "thumb"
    try:
        response = _answer(request, stored.open("rb"), stored.size)
    except OSError as error:
        raise Http404 from error
    response.headers["Content-Type"] = media_type
    response.headers["Content-Disposition"] = disposition(name, is_inline=is_inline)
    response.headers["Content-Security-Policy"] = POLICY  # what is set already, django-csp leaves alone
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cross-Origin-Resource-Policy"] = "same-site"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def disposition(name: str, *, is_inline: bool) -> str:
    """RFC 6266: the name in ASCII for old readers, and as it is in UTF-8 for all others."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    plain = re.sub(r"[^\w .()+,=@~-]", "_", plain) or "file"
    kind = "inline" if is_inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _served(link: filelinks.Opened) -> Attachment | None:
    """The attachment, if the link still leads to it."""
    found = Attachment.objects.filter(public_id=link.public_id, state=Attachment.State.STORED).first()
    if found is None or not link.is_delivered:
        return found
    gone = (Delivery.State.CANCELLED,)
    sent = Delivery.objects.filter(message_id=found.message_id or 0).exclude(state__in=gone)
    return found if sent.exists() else None


def _part(found: Attachment, part: filelinks.Part) -> tuple[FieldFile, str, str]:
    name = filenames.of(found.name, found.sniffed_type)
    if part == "file":
        return found.file, found.sniffed_type, name
    if not found.thumb:
        raise Http404
    return found.thumb, "image/webp", f"{name}.webp"


def _answer(request: HttpRequest, opened: IO[bytes], size: int) -> HttpResponseBase:
    """The whole file, or the one range that a player asks for."""
    asked = RANGE.match(request.headers.get("Range", ""))
    if asked is None or asked.group() == "bytes=-":
        return FileResponse(opened)
    first, last = _span(asked.group(1), asked.group(2), size)
    if first > last or first >= size:
        opened.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response = StreamingHttpResponse(_pieces(opened, first, last - first + 1), status=206)
    response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    response.headers["Content-Length"] = str(last - first + 1)
    return response


def _span(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(size - int(last), 0), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


def _pieces(opened: IO[bytes], first: int, left: int) -> Iterator[bytes]:
    with opened:
        opened.seek(first)
        while left > 0 and (piece := opened.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
