"""What becomes of a file? Stored under a random key, shown only if it is harmless, gone with its message.

NotAvailable     there is no such file, or it was not stored (yet)
Unwelcome        an upload that is refused; `code` and `detail` say why
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from common import clock
from common.files import File
from common.problems import Problem
from conversations import content, events, filelinks, filenames, pictures, sniffing
from conversations.models import Attachment, Conversation, Message

State = Attachment.State
MEGABYTE = 1024 * 1024
UPLOAD_MAX = 25 * MEGABYTE  # bytes of one file that a person uploads
STORE_MAX = 100 * MEGABYTE  # bytes of one file that a provider gives us
UNUSED = timedelta(hours=24)  # an upload without words


class NotAvailable(Exception):
    """Nothing is stored under this id."""


class Unwelcome(Problem):
    """A file that is not taken."""

    code = "file_refused"
    title = "This file cannot be taken."
    status = 422


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file looked at: what it is, what is kept of it, its small copy."""

    file: File
    name: str
    sniffed: sniffing.Sniffed
    picture: pictures.Picture | None

    @property
    def content(self) -> bytes:
        return self.picture.content if self.picture else self.file.content


def store(attachment: Attachment, file: File) -> bool:
    """Keeps what was fetched for an attachment. Event `attachment`; False when it was taken back meanwhile.

    Never inside a transaction: the bytes are written first, and removed again if nobody waits for them any more.
    """
    prepared = prepare(file, name=attachment.name or file.name, declared=attachment.media_type or file.media_type)
    _write(attachment, prepared)
    with transaction.atomic():
        kept = _is_awaited(attachment)  # the conversation is locked before its files, as everywhere
        if kept:
            _note(attachment, prepared)
            attachment.save(update_fields=[*_NOTED, "file", "thumb"])
            tell(attachment)
    if not kept:
        _delete([attachment.file.name or "", attachment.thumb.name or ""])
    return kept


def upload(
    *, file: File, customer_id: int, uploader: str, kinds: Collection[str] = ("image", "audio", "video", "file")
) -> Attachment:
    """Keeps a file whose words are still to come; only `uploader` may send it. `Unwelcome` if it is not taken.

    `kinds` are the families of files that are taken, by what the bytes are.
    """
    if not file.content:
        raise Unwelcome(_("This file is empty."))
    if len(file.content) > UPLOAD_MAX:
        raise Unwelcome(_("A file may have %(size)s MB.") % {"size": UPLOAD_MAX // MEGABYTE}, limit=UPLOAD_MAX)
    found = sniffing.sniff(file.content, declared=file.media_type, name=file.name)
    if sniffing.family(found.media_type) not in kinds:
        raise Unwelcome(_("This chat does not take this kind of file."))
    prepared = _prepared(file, file.name, found)
    if sniffing.is_program(prepared.sniffed.media_type, prepared.name):
        raise Unwelcome(_("Programs are not taken."))
    made = Attachment(customer_id=customer_id, uploader=uploader, recorded_at=clock.now())
    made.media_type = sniffing.plain(file.media_type)
    _write(made, prepared)
    _note(made, prepared)
    made.save(force_insert=True)
    return made


def prepare(file: File, *, name: str, declared: str) -> Prepared:
    """Looks at the bytes; a picture that cannot be drawn anew is a mere file."""
    return _prepared(file, name, sniffing.sniff(file.content, declared=declared, name=name))


def _prepared(file: File, name: str, found: sniffing.Sniffed) -> Prepared:
    picture = pictures.redraw(file.content, found.media_type) if found.media_type in sniffing.PICTURES else None
    if found.media_type in sniffing.PICTURES and picture is None:
        found = sniffing.Sniffed(found.media_type, False)
    return Prepared(file, filenames.of(name, found.media_type), found, picture)


def waiting(*, public_id: UUID, uploader: str, client_id: str = "", root_id: int | None = None) -> Attachment:
    """The upload that this uploader may still send, or `NotAvailable`; with `root_id`: to this person and nobody else.

    One that was sent already is found with the `client_id` it was sent under: so sending it again stays harmless.
    """
    found = Attachment.objects.select_related("message").filter(public_id=public_id, uploader=uploader)
    if root_id is not None:
        found = found.filter(customer__root_id=root_id)
    attachment = found.filter(state=State.STORED).first()
    carrier = attachment.message if attachment else None
    if not uploader or attachment is None or (carrier is not None and carrier.client_id != (client_id or None)):
        raise NotAvailable(str(public_id))
    return attachment


def as_content(attachment: Attachment, *, caption: str = "") -> content.Media:
    """The words that carry an upload."""
    return content.Media(
        kind=sniffing.family(attachment.sniffed_type) if attachment.is_inline else "file",
        caption=caption,
        filename=filenames.of(attachment.name, attachment.sniffed_type),
        mime_type=attachment.sniffed_type,
        attachment=str(attachment.public_id),
        size=attachment.size or 0,
    )


def bind(*, message: Message, said: content.Content) -> bool:
    """Joins an upload to the message that carries it, in its transaction; once, and only a file of the same customer's.

    False for words without a file, and for a file that is not to be had (any more).
    """
    if not isinstance(said, content.Media) or not said.attachment:
        return False
    rows = Attachment.objects.filter(
        public_id=said.attachment, message__isnull=True, customer__root_id=message.customer.root_id
    )
    return rows.update(message=message) == 1


def brought(*, message: Message | None, said: content.Content, has_files: bool) -> content.Content | None:
    """What a message brings besides its words: a place, or its first file with our id of it; None for words alone."""
    if isinstance(said, content.Location) or message is None:
        return said if isinstance(said, content.Location) else None
    if not has_files and not isinstance(said, content.Media):
        return None
    row = message.attachments.order_by("pk").first()
    if row is None:
        return said if isinstance(said, content.Media) else None
    media_type = row.sniffed_type or row.media_type
    kind = said.kind if isinstance(said, content.Media) else sniffing.family(media_type)
    return content.Media(
        kind=kind, filename=row.name, mime_type=media_type, attachment=str(row.public_id), size=row.size or 0
    )


def load(public_id: UUID | str) -> File:
    """The stored file, for a provider that takes the bytes; `NotAvailable`."""
    found = _stored(public_id)
    try:
        with found.file.open("rb") as opened:
            read: bytes = opened.read()
    except OSError as error:
        raise NotAvailable(str(public_id)) from error
    return File(read, found.sniffed_type, filenames.of(found.name, found.sniffed_type))


def signed_url(public_id: UUID | str) -> str:
    """The link for a provider or customer to whom the file is delivered; '' if it is not stored."""
    try:
        return filelinks.for_delivery(_stored(public_id).public_id)
    except NotAvailable:
        return ""


def erase(*, message: Message) -> None:
    """Removes the files of a message, in the caller's transaction: rows now, bytes once it has committed."""
    rows = list(message.attachments.all())
    names = [name for row in rows for name in (row.file.name, row.thumb.name) if name]
    message.attachments.all().delete()
    transaction.on_commit(partial(_delete, names), robust=True)


def sweep_unused() -> int:
    """Removes uploads whose words never came; returns how many."""
    old = Attachment.objects.filter(message__isnull=True, recorded_at__lt=clock.now() - UNUSED)
    rows = list(old[:200])
    Attachment.objects.filter(pk__in=[row.pk for row in rows]).delete()
    _delete([name for row in rows for name in (row.file.name, row.thumb.name) if name])
    return len(rows)


def tell(attachment: Attachment) -> None:
    """Event `attachment`: screens that show the message draw it anew. Needs a transaction."""
    message = attachment.message
    if message is not None:
        data = {"message": message.pk, "state": attachment.state}
        events.append(conversation=_locked(message), kind="attachment", data=data)


def fetch_again(*, attachment: Attachment) -> bool:
    """Somebody asks for it once more: a failed file is due at once. Event `attachment`; False if it is not failed."""
    with transaction.atomic():
        rows = Attachment.objects.filter(pk=attachment.pk, state=State.FAILED).exclude(message=None)
        if not rows.update(state=State.REFERENCED, attempts=0, reason="", next_attempt_at=clock.now()):
            return False
        attachment.state = State.REFERENCED
        tell(attachment)
    return True


_NOTED = ("state", "reason", "sniffed_type", "is_inline", "size", "width", "height", "name")


def _note(attachment: Attachment, prepared: Prepared) -> None:
    attachment.state, attachment.reason = State.STORED, ""
    attachment.sniffed_type, attachment.is_inline = prepared.sniffed.media_type, prepared.sniffed.is_inline
    attachment.size, attachment.name = len(prepared.content), prepared.name
    if prepared.picture:
        attachment.width, attachment.height = prepared.picture.width, prepared.picture.height


def _write(attachment: Attachment, prepared: Prepared) -> None:
    attachment.file.save("", ContentFile(prepared.content), save=False)
    if prepared.picture:
        attachment.thumb.save("", ContentFile(prepared.picture.thumb), save=False)


def _is_awaited(attachment: Attachment) -> bool:
    """Under the locks: is it still there, and not stored by somebody else?"""
    if attachment.message is not None:
        _locked(attachment.message)
    rows = Attachment.objects.select_for_update(no_key=True).filter(pk=attachment.pk)
    state = rows.values_list("state", flat=True).first()
    return state is not None and state != State.STORED


def _locked(message: Message) -> Conversation:
    return Conversation.objects.select_for_update(no_key=True).get(pk=events.log_of(message))


def _stored(public_id: UUID | str) -> Attachment:
    try:
        known = public_id if isinstance(public_id, UUID) else UUID(public_id)
    except ValueError as error:
        raise NotAvailable(str(public_id)) from error
    found = Attachment.objects.filter(public_id=known, state=State.STORED).first()
    if found is None:
        raise NotAvailable(str(public_id))
    return found


def _delete(names: Sequence[str]) -> None:
    for name in names:
        if name:
            default_storage.delete(name)
