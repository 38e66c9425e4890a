"""In which words does an adapter say that a send failed?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# The only vocabulary between adapters and delivery: reason -> is it permanent?
REASONS: Mapping[str, bool] = MappingProxyType(
    {
        "rate_limited": False,
        "provider_down": False,
        "lost": False,
        "deferred": False,
        "outside_window": True,
        "unreachable": True,
        "opted_out": True,
        "rejected": True,
        "channel_down": False,
    }
)


class DeliveryError(Exception):
    """A send that failed; `provider_text` is what the provider said, for the Attempt (redacted there)."""

    def __init__(
        self,
        reason: str,
        *,
        retry_after: float | None = None,
        provider_code: str = "",
        provider_text: str = "",
        http_status: int | None = None,
    ) -> None:
        super().__init__(f"{reason} {provider_code}".strip())
        self.reason = reason
        self.is_permanent = REASONS[reason]
        self.retry_after = retry_after
        self.provider_code = provider_code
        self.provider_text = provider_text
        self.http_status = http_status

    @property
    def said(self) -> str:
        """What went wrong in one phrase: the provider's words, else our reason, and its code if it gave one."""
        words = self.provider_text or self.reason
        return f"{words} ({self.provider_code})" if self.provider_code else words
