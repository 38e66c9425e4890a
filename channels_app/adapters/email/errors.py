"""What does a refusal by a mail server or an e-mail service mean for us?"""

from __future__ import annotations

import re
import smtplib

import requests
from anymail.exceptions import (
    AnymailError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailRequestsAPIError,
)
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import BadHeaderError

from channels_app.adapters.base import DeliveryError

ENHANCED = re.compile(r"\b([45])\.(\d{1,3})\.(\d{1,3})\b")
LOGIN = frozenset({530, 534, 535, 538})
NO_MAILBOX = frozenset({550, 551, 553})  # without an enhanced code, said of a recipient
POSTMARK_CHANNEL = frozenset({10, 400, 401, 403, 405, 412, 413, 511, 513})  # token, sender, credits, approval, stream
SMTP = (smtplib.SMTPException, OSError)
SERVICE = (AnymailError, requests.RequestException, ImproperlyConfigured, BadHeaderError)
SHAPES = (TypeError, AttributeError, LookupError)  # what anymail meets in an answer that has another shape


def of_smtp(error: Exception, *, was_given: bool) -> DeliveryError:
    """`was_given`: the mail itself had gone out, so that a broken connection tells nothing about it."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _smtp("provider_down" if error.smtp_code < 500 else "channel_down", error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return of_reply(code, said, is_about_recipient=True)
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0:
        return of_reply(error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return DeliveryError("channel_down", provider_text="the mail server does not offer this security or login")
    return DeliveryError("lost" if was_given else "provider_down", provider_text=type(error).__name__)


def of_reply(code: int, said: bytes | str, *, is_about_recipient: bool = False) -> DeliveryError:
    """An SMTP reply: 4xx comes again, 5.1.x is nobody, a refused login stops the channel, other 5xx are of the mail."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    found = ENHANCED.search(words)
    if code in LOGIN:
        return _smtp("channel_down", code, words)
    if code < 500:
        return _smtp("provider_down", code, words)
    if found:
        return _smtp("unreachable" if found.group(2) == "1" else "rejected", code, words)
    return _smtp("unreachable" if is_about_recipient and code in NO_MAILBOX else "rejected", code, words)


def of_service(error: Exception) -> DeliveryError:
    """What anymail raises for an answer, or for none."""
    said = str(error)[:300]
    if isinstance(error, AnymailRecipientsRefused | AnymailInvalidAddress):
        return DeliveryError("unreachable", provider_text=said)
    answer = getattr(error, "response", None)
    if isinstance(error, AnymailRequestsAPIError) and answer is not None:
        return _of_answer(answer, said)
    if isinstance(error, requests.RequestException):
        return DeliveryError(_of_connection(error), provider_text=type(error).__mro__[2].__name__)
    if isinstance(error, ImproperlyConfigured):
        return DeliveryError("channel_down", provider_text=said)
    if isinstance(error, SHAPES) and not isinstance(error, AnymailError):
        return DeliveryError("lost", provider_text="the answer has an unknown shape")
    return DeliveryError("rejected", provider_text=said)


def _of_answer(answer: requests.Response, said: str) -> DeliveryError:
    status = answer.status_code
    code = _postmark_code(answer)
    reason = "rejected"
    if 200 <= status < 300:
        reason = "lost"  # taken in so many words, and nobody can tell what became of it
    elif status in (401, 402, 403) or code in POSTMARK_CHANNEL:
        reason = "channel_down"
    elif status == 429:
        reason = "rate_limited"
    elif status >= 500:
        reason = "provider_down"
    wait = answer.headers.get("retry-after", "")
    after = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 7 else None
    named = f"{status}/{code}" if code else str(status)
    return DeliveryError(reason, retry_after=after, provider_code=named, provider_text=said, http_status=status)


def _postmark_code(answer: requests.Response) -> int:
    """The service's own number in a 422, where it has one."""
    try:
        data = answer.json() if answer.status_code == 422 else {}
    except ValueError:
        return 0
    code = data.get("ErrorCode") if isinstance(data, dict) else 0
    return code if isinstance(code, int) else 0


def _of_connection(error: requests.RequestException) -> str:
    """Was anything sent? Only a connection that was never made says no for certain."""
    if isinstance(error, requests.ConnectTimeout):
        return "provider_down"
    is_unmade = any(word in repr(error.__cause__ or error) for word in ("NewConnectionError", "NameResolutionError"))
    if isinstance(error, requests.ConnectionError) and is_unmade:
        return "provider_down"
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return "channel_down"
    return "lost"


def _smtp(reason: str, code: int, said: bytes | str) -> DeliveryError:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return DeliveryError(reason, provider_code=str(code), provider_text=words[:300])
