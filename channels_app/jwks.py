"""With which keys does a site sign today? Its own published list (JWKS), kept as rows beside those made by hand.

The address stands in the widget's settings, https only, without redirects, never a private address. Whatever `kid`s a
storm of tokens names, a list is asked for once a minute at most, over all processes: the row says when, by the
database's clock. A list that does not answer is believed for a day; then its keys are dead (fail closed). (J9)
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from django.db import connection, transaction

from channels_app import public_keys, tokens
from channels_app.key_models import KeySet
from channels_app.models import Channel, WidgetKey
from channels_app.public_keys import PublicKey, Unfit
from common import clock, dialing, safe_http

EVERY = timedelta(seconds=60)
FRESH = timedelta(minutes=10)  # then the sweep reads it anew, while the known keys go on
BELIEVED = timedelta(hours=24)
KEYS_MOST = 20
URL_MOST = 500
BYTES_MOST = 64 * 1024
SECONDS = 5.0
Source = WidgetKey.Source

CLAIM = """
INSERT INTO channels_app_keyset AS k (channel_id, url, asked_at, trouble) VALUES (%s, %s, now(), '')
ON CONFLICT (channel_id) DO UPDATE SET asked_at = now(), url = excluded.url
WHERE k.asked_at <= now() - %s * interval '1 second' OR k.url <> excluded.url
RETURNING 1
"""


def find(*, channel: Channel, kid: str) -> WidgetKey | None:
    """The widget's key of this `kid`: by hand, or of the site's list, which is read if nobody knows the `kid` yet.

    A key that is not in force is none of ours to judge: `tokens` refuses it.
    """
    row = _stored(channel, kid)
    if row is not None and (row.source == Source.HAND or tokens.is_live(row, clock.now())):
        return row
    if url_of(channel) and refresh(channel=channel):
        row = _stored(channel, kid)
    return row


def url_of(channel: Channel) -> str:
    """Where the widget's site publishes its keys, '' if it does not."""
    url = channel.config.get("jwks_url")
    return url.strip() if isinstance(url, str) else ""


def trouble(url: str) -> str:
    """Why an address cannot be a key list's, '' if it can; the network is not asked."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 -- a port that is none is found out here
    except ValueError:
        return "This is no address."
    host, scheme = parts.hostname or "", parts.scheme
    is_inside = scheme == "http" and dialing.is_inside(host, parts.port or dialing.DEFAULT_PORTS["http"])
    is_plain = host and (scheme == "https" or is_inside) and not parts.username and not parts.fragment
    return "" if is_plain and len(url) <= URL_MOST else "Give an address that begins with https://."


def refresh(*, channel: Channel) -> bool:
    """Reads the list now, unless somebody has within the last minute; False if nothing was read.

    Not to be called under a lock: it waits for the site, for five seconds at most.
    """
    url = url_of(channel)
    before = KeySet.objects.filter(channel=channel).values_list("url", flat=True).first()
    if not _claimed(channel, url):
        return False
    if before is not None and before != url:
        _end(channel)
    try:
        keys = _read(url)
    except (safe_http.FetchError, Unfit) as error:
        KeySet.objects.filter(channel=channel).update(trouble=str(error)[:200])
        return False
    _keep(channel, keys)
    return True


def refresh_due() -> int:
    """Reads the lists that are older than ten minutes, ends the keys of those that were taken out of the settings.

    Returns how many were read.
    """
    read = 0
    widgets = {row.pk: row for row in Channel.objects.filter(kind="web", is_enabled=True) if url_of(row)}
    for gone in KeySet.objects.exclude(channel__in=widgets).select_related("channel"):
        _end(gone.channel)
        gone.delete()
    known = dict(KeySet.objects.filter(fetched_at__gt=clock.now() - FRESH).values_list("channel_id", "url"))
    for pk, channel in widgets.items():
        if known.get(pk) != url_of(channel):
            read += refresh(channel=channel)
    return read


def _stored(channel: Channel, kid: str) -> WidgetKey | None:
    return WidgetKey.objects.filter(channel=channel, kid=kid).first()


def _claimed(channel: Channel, url: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [channel.pk, url, EVERY.total_seconds()])
        return cursor.fetchone() is not None


def _read(url: str) -> list[PublicKey]:
    if said := trouble(url):
        raise Unfit(said)
    host = urlsplit(url).hostname or ""
    found = safe_http.get(url, hosts=[host], max_bytes=BYTES_MOST, seconds=SECONDS, redirects=0)
    try:
        text = found.content.decode()
    except UnicodeDecodeError as error:
        raise Unfit("this is not JSON") from error
    return public_keys.of_set(text, most=KEYS_MOST)


@transaction.atomic
def _keep(channel: Channel, keys: list[PublicKey]) -> None:
    """The rows become what the list says; what it says no more is dead now. A key made by hand keeps its `kid`, and
    one that a person has revoked stays revoked.
    """
    now = clock.now()
    by_hand = set(WidgetKey.objects.filter(channel=channel, source=Source.HAND).values_list("kid", flat=True))
    rows = [key for key in keys if key.kid not in by_hand]
    for key in rows:
        fields = {"algorithm": key.algorithm, "secret": key.pem, "not_after": now + BELIEVED}
        WidgetKey.objects.update_or_create(channel=channel, kid=key.kid, source=Source.JWKS, defaults=fields)
    _end(channel, but=[key.kid for key in rows])
    KeySet.objects.filter(channel=channel).update(fetched_at=now, trouble="")


def _end(channel: Channel, but: list[str] | None = None) -> None:
    """The list's keys that are not in it any more; whoever signed in with one is an anonymous visitor again."""
    now = clock.now()
    gone = WidgetKey.objects.filter(channel=channel, source=Source.JWKS, not_after__gt=now).exclude(kid__in=but or [])
    gone.update(not_after=now)
