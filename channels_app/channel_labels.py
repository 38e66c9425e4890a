"""What is a setting or secret of a channel called in its form? Real words for what adapters name in short."""

from __future__ import annotations

LABELS = {
    "account_sid": "Account SID",
    "address": "Our address",
    "answer_unproven": "The bot answers senders who are not proven",
    "api_key": "API key",
    "api_key_secret": "API key secret",
    "api_key_sid": "API key SID",
    "api_secret": "Second API key (Mailjet)",
    "app": "Webhook word",
    "app_id": "Meta app id",
    "authserv_id": "Name of our receiving server",
    "base_url": "API address",
    "bot_user_id": "Bot user id",
    "countries": "Allowed countries",
    "delimiter": "Begin mails with a reply line",
    "display_phone_number": "Phone number in links",
    "esp": "E-mail service",
    "file_kinds": "Kinds of files",
    "file_max_mb": "Largest file in MB",
    "files": "Visitors may send files",
    "from_name": "Sender name",
    "idle_minutes": "Minutes until a new visitor",
    "imap_folder": "IMAP folder",
    "imap_host": "IMAP server",
    "imap_password": "IMAP password",
    "imap_port": "IMAP port",
    "imap_security": "IMAP encryption",
    "imap_user": "IMAP user",
    "issuer": "Issuer of login tokens",
    "jwks_url": "Key list of your site",
    "kiosk": "Shared device (kiosk)",
    "link_text": "Text of links",
    "link_url": "Address of links",
    "list_unsubscribe": "Unsubscribe link",
    "number": "Number in links",
    "plus_address": "Our server delivers plus addresses",
    "portfolio_id": "Business portfolio id",
    "secret_token": "Webhook secret token",
    "sender_domain": "Sender domain",
    "shared_key": "Shared key",
    "signing_key": "Webhook signing key",
    "site_url": "Page with the chat",
    "smtp_host": "SMTP server",
    "smtp_password": "SMTP password",
    "smtp_port": "SMTP port",
    "smtp_security": "SMTP encryption",
    "smtp_user": "SMTP user",
    "subject": "Subject of new mails",
    "team": "Team name",
    "token": "Bot token",
    "username": "Name in links",
    "verifies_email": "Our site verifies e-mail addresses",
    "verifies_phone": "Our site verifies phone numbers",
    "version": "API version",
    "waba_id": "WhatsApp Business account id",
    "webhook_secret": "Webhook user:password",
}
# Settings and secrets that belong together, by how their names begin.
GROUPS = {"imap_": "Mailbox (IMAP)", "smtp_": "Mail server (SMTP)"}


def label(name: str, *, is_required: bool = False) -> str:
    """The label of a field; a name that nobody has put into words is read as words."""
    words = LABELS.get(name) or name.replace("_", " ").capitalize()
    return f"{words} (required)" if is_required else words
