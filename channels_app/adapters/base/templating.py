"""What does a provider know about a message that it has approved beforehand, and which adapters can list them?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from channels_app.adapters.base.contract import Account


@dataclass(frozen=True, slots=True)
class TemplateForm:
    """A template as the provider lists it; `status` and `category` in its words, `components` in its form."""

    name: str
    language: str
    status: str
    category: str = ""
    external_id: str = ""
    quality: str = ""
    components: tuple[Mapping[str, Any], ...] = ()


@runtime_checkable
class TemplateSource(Protocol):
    """An adapter whose provider keeps templates."""

    def templates(self, account: Account) -> Sequence[TemplateForm]:
        """All of the account's templates, page by page; `DeliveryError` if any page did not come."""
