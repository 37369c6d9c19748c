"""What the webhooks module declares."""

from suite.declarations import Declaration, Recipient
from suite.declarations.module import CLAUSES
from suite.declarations.purposes import purposes
from suite.webhooks.models import webhook_written

SAFEGUARDS = {
    "processor_contract": "processor contract (Article 28 GDPR)",
    "standard_contractual_clauses": f"processor contract with {CLAUSES}",
}
"""Under which contract a connected system may get data, as a code word and in words."""
OURS = "processor_contract"

CONNECTED = Recipient(
    "connected_systems",
    "systems that run a service for us and are told when an account changes: its number, the service and the number "
    "of a licence, never an address or a name",
    category="data processing",
    receives=("user.unique_id", "user.account"),
    purposes=purposes("provide_service", "protect_accounts", "legal_obligation"),
    keeps=True,
    country="DE",
    safeguard=SAFEGUARDS[OURS],
)

declaration = Declaration(
    module="webhooks",
    recipients=(CONNECTED,),
    announces={webhook_written: "webhook_deliveries.created_at"},
)
