"""What is asked of Meta's Graph? Messages, signs that we read and type, and the list of templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeliveryError, Outgoing, Sent, Signal, wire
from channels_app.adapters.base.templating import TemplateForm
from channels_app.adapters.whatsapp import files, graph, wording
from conversations.content import Media

PAGE, PAGES_MAX = 100, 100  # templates at once, and pages before we stop believing in an end


def send(account: Account, outgoing: Outgoing) -> Sent:
    """Uploads the file if there is one, posts one message; the id that the provider gave it, or `DeliveryError`."""
    body = wording.request(outgoing, _uploaded(account, outgoing))
    answer = graph.call(account, "POST", f"{account.account}/messages", json=body)
    data = wire.body(answer)
    external_id = base.text(next(iter(base.items(data.get("messages"))), base.NOTHING), "id")
    if not external_id:
        # Accepted in so many words, yet nothing to match receipts by: our reference will.
        raise DeliveryError("lost", provider_text="the answer names no message", http_status=answer.status_code)
    scope = account.text("portfolio_id")
    users = (base.text(contact, "user_id") for contact in base.items(data.get("contacts")))
    return Sent(external_id[:255], tuple(("wa_bsuid", scope, user, "provider", "") for user in users if user))


def signal(account: Account, signal: Signal) -> None:
    """Two blue ticks on the customer's message, and with `typing` the dots for 25 s; both need that message's id."""
    if not signal.external_id:
        return
    body: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": signal.external_id}
    if signal.kind == "typing":
        body["typing_indicator"] = {"type": "text"}
    graph.call(account, "POST", f"{account.account}/messages", json=body)


def templates(account: Account) -> Iterator[TemplateForm]:
    """Every template of the business account, following the provider's own cursor from page to page."""
    waba, after = account.text("waba_id"), ""
    for _ in range(PAGES_MAX if waba else 0):
        asked = {"limit": str(PAGE), **({"after": after} if after else {})}
        page = wire.body(graph.call(account, "GET", f"{waba}/message_templates", params=asked))
        yield from (_form(item) for item in base.items(page.get("data")) if base.text(item, "name"))
        paging = base.mapping(page.get("paging"))
        following = base.text(base.mapping(paging.get("cursors")), "after")
        # The last page has cursors, too; only `next` says that there is another one.
        if not base.text(paging, "next") or not following or following == after:
            return
        after = following


def _uploaded(account: Account, outgoing: Outgoing) -> wording.Uploaded | None:
    """The file of a Media in the provider's hands; None where only a link is there, or nothing is to be shown."""
    if not isinstance(outgoing.content, Media) or outgoing.load is None:
        return None
    try:
        file = outgoing.load()
    except OSError as error:
        if outgoing.content.url:
            return None
        raise DeliveryError("rejected", provider_text="the file is not in our storage any more") from error
    return wording.Uploaded(files.upload(account, file), files.shown_as(outgoing.content.kind, file), file.name)


def _form(item: Mapping[str, Any]) -> TemplateForm:
    return TemplateForm(
        name=base.text(item, "name")[:512],
        language=base.text(item, "language")[:20],
        status=base.text(item, "status").lower()[:30],
        category=base.text(item, "category").lower()[:30],
        external_id=base.text(item, "id")[:64],
        quality=base.text(base.mapping(item.get("quality_score")), "score").lower()[:20],
        components=tuple(base.items(item.get("components"))),
    )
