"""What the messages module declares."""

from suite.declarations import Declaration, Recipient
from suite.declarations.purposes import CONSENTS, PURPOSES, purposes
from suite.messages.models import InboxMessage, message_written

_inbox_received = InboxMessage.__privacy__.rules[0].after  # type: ignore[union-attr]

# Whatever a letter may be for; one with another purpose cannot leave.
MAILED = (
    "sign_in",
    "regain_access",
    "protect_accounts",
    "service_notifications",
    "internal_tools",
    "upgrades",
    "license_notices",
    "technical_support",
    "answer_questions",
    "orders",
    "legal_obligation",
    *(key for key in CONSENTS if PURPOSES[key].use.startswith(("marketing.", "essential.", "functional."))),
)

declaration = Declaration(
    module="messages",
    recipients=(
        Recipient(
            "mail_provider",
            "the mail server that hands our messages to yours",
            category="e-mail distribution",
            receives=(
                "user.contact.email",
                "user.name.first",
                "user.name.last",
                "user.content.private",
                "user.authorization.credentials",
                "user.account",
                "user.account.license",
                "user.account.settings",
                "user.device",
                "user.behavior",
                "user.behavior.purchase_history",
            ),
            purposes=purposes(*MAILED),
            country="DE",
            safeguard="processor contract (Article 28 GDPR)",
        ),
        Recipient(
            "sms_provider",
            "the provider that delivers security codes to your phone",
            category="data processing",
            receives=("user.contact.phone_number", "user.authorization.credentials"),
            purposes=purposes("security_codes"),
            country="US",
            safeguard="processor contract with Standard Contractual Clauses",
        ),
    ),
    announces={message_written: "messages.created_at", _inbox_received: "inbox_messages.received_at"},
)
