"""What the webhooks module declares."""

from suite.declarations import Declaration, Recipient
from suite.declarations.purposes import purposes
from suite.webhooks.models import webhook_written

declaration = Declaration(
    module="webhooks",
    recipients=(
        Recipient(
            "connected_systems",
            "systems that run a service for us and are told when an account changes: its number and the service, "
            "never an address or a name",
            category="data processing",
            receives=("user.unique_id", "user.account"),
            purposes=purposes("provide_service", "legal_obligation"),
            keeps=True,
            country="DE",
            safeguard="processor contract (Article 28 GDPR)",
        ),
    ),
    announces={webhook_written: "webhook_deliveries.created_at"},
)
