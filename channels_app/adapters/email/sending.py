"""How does a mail leave? Over the channel's SMTP server, or by the API of its service through anymail."""

from __future__ import annotations

import smtplib
import threading
import time
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from channels_app.adapters.base import Account, DeliveryError, Outgoing, Sent
from channels_app.adapters.email import errors, esps, naming, service, writing
from channels_app.adapters.email.esps import Esp

TIMEOUT = 10  # seconds
KEPT_MAX = 16  # connections that one thread keeps
IDLE = 20.0  # seconds after which a kept connection is asked whether it is still there
LOCAL = ("localhost", "127.0.0.1", "::1")


def send(account: Account, outgoing: Outgoing) -> Sent:
    """One mail; `DeliveryError`. The same delivery always bears the same Message-ID."""
    mail = writing.compose(account, outgoing)
    if account.text("smtp_host"):
        return _by_smtp(account, mail)
    esp = esps.of(account)
    if esp is None or esp.refusal:
        raise DeliveryError("channel_down", provider_text=esp.refusal if esp else "no way to send mail is set up")
    mail.extra_headers |= esp.keeps_id
    mail.metadata = {"delivery": outgoing.ref, "channel": account.key}  # type: ignore[attr-defined]  # anymail reads it
    return _by_service(account, esp, mail, naming.message_id(account, outgoing.conversation, outgoing.ref))


class Marking(smtplib.SMTP):
    """Knows whether the mail itself has gone out."""

    was_given = False
    said = 0

    def getreply(self) -> tuple[int, bytes]:
        self.said = 0
        self.said, words = super().getreply()
        return self.said, words

    def send(self, s: Any) -> None:
        if self.said == 354:  # "start mail input": what is sent now is the mail
            self.was_given = True
        super().send(s)


class MarkingOverTls(Marking, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


class SmtpLine(EmailBackend):
    """Django's connection to one server, kept open between mails."""

    used_at = 0.0

    @property
    def connection_class(self) -> type[Marking]:
        return MarkingOverTls if self.use_ssl else Marking

    def ready(self) -> Marking:
        """An open connection that answers, on which nothing was given yet."""
        if self.connection is not None and time.monotonic() - self.used_at > IDLE and not self._answers():
            self.close()
        self.open()
        self.used_at = time.monotonic()
        found = cast(Marking, self.connection)
        found.was_given = False
        return found

    def _answers(self) -> bool:
        try:
            return self.connection is not None and self.connection.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False


class _Kept(threading.local):
    """Connections of one thread: neither smtplib nor requests shares one between threads."""

    def __init__(self) -> None:
        self.lines: dict[tuple[Any, ...], Any] = {}


_kept = _Kept()


@dataclass(frozen=True, slots=True)
class _Way:
    """How a channel's server is reached."""

    host: str
    port: int
    user: str
    password: str
    security: str

    def line(self) -> SmtpLine:
        return SmtpLine(
            host=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.security == "starttls",
            use_ssl=self.security == "tls",
            timeout=TIMEOUT,
        )


def smtp_line(account: Account) -> SmtpLine:
    """A connection to the channel's SMTP server, not yet opened. Without a word about security it is STARTTLS."""
    security = account.text("smtp_security", "starttls")
    port = account.config.get("smtp_port")
    port = port if isinstance(port, int) and 0 < port < 65536 else {"tls": 465, "none": 25}.get(security, 587)
    way = _Way(account.text("smtp_host"), port, account.text("smtp_user"), account.secret("smtp_password"), security)
    return cast(SmtpLine, _keep(("smtp", way), way.line))


def _by_smtp(account: Account, mail: EmailMultiAlternatives) -> Sent:
    line = smtp_line(account)
    connection: Marking | None = None
    try:
        connection = line.ready()
        line.send_messages([mail])
    except errors.SMTP as error:
        line.close()
        raise errors.of_smtp(error, was_given=connection is not None and connection.was_given) from error
    except (ValueError, TypeError) as error:  # a header or address that no mail can bear
        line.close()
        raise DeliveryError("rejected", provider_text=type(error).__name__) from error
    return Sent(str(mail.extra_headers["Message-ID"])[:255])


def _by_service(account: Account, esp: Esp, mail: EmailMultiAlternatives, message_id: str) -> Sent:
    given = {argument: account.secret(name) for argument, name in esp.keys.items()}
    if not all(given.values()):
        raise DeliveryError("channel_down", provider_text=f"the API key of {esp.title} is not set")
    try:
        backend = _keep((esp.name, service.root(account, esp), *given.values()), lambda: _backend(account, esp, given))
        backend.send_messages([mail])
    except (*errors.SERVICE, *errors.SHAPES) as error:
        raise errors.of_service(error) from error
    status = getattr(mail, "anymail_status", None)
    taken = getattr(status, "message_id", None)
    return Sent(str(taken if isinstance(taken, str) and taken else message_id)[:255])


def _backend(account: Account, esp: Esp, given: dict[str, str]) -> Any:
    extra: dict[str, Any] = {"api_url": service.root(account, esp), "timeout": (3, TIMEOUT)}
    if esp.name == "mailgun":
        extra["sender_domain"] = account.text("sender_domain") or naming.domain_of(account)
    made = import_module(f"anymail.backends.{esp.name}").EmailBackend
    with esps.quiet(esp):
        backend = made(**given, **extra, fail_silently=False, ignore_unsupported_features=True)
    backend.open()
    if any(f"//{host}" in service.root(account, esp) for host in LOCAL):
        backend.session.trust_env = False  # no proxy stands between us and this machine
    return backend


def _keep(name: tuple[Any, ...], make: Any) -> Any:
    if name not in _kept.lines:
        while len(_kept.lines) >= KEPT_MAX:
            _kept.lines.pop(next(iter(_kept.lines))).close()
        _kept.lines[name] = make()
    return _kept.lines[name]
