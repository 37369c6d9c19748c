"""Terms that several services share: what every account needs, and how old a backup may get."""

from suite.declarations.fields import EMAIL, PASSWORD
from suite.declarations.periods import Period
from suite.declarations.purposes import purposes
from suite.declarations.services import required

EMAIL_AND_PASSWORD = required(EMAIL) + required(PASSWORD, purpose="sign_in")

WITHOUT_ACCOUNT = purposes(
    "provide_service",
    "prevent_fraud",
    "honour_requests",
    "consent_records",
    "legal_obligation",
    "disclosure_by_law",
)
WITH_ACCOUNT = purposes("sign_in", "service_notifications", "protect_accounts") + WITHOUT_ACCOUNT

# Within the month that live data may stay; services that delete at once or within a day have none.
GRACE = Period(days=14)

# One rule for all services (Amb-8), because a backup holds them together. February has 28 days; the day
# less is for the sweep before the backup and for removing the backup, so that both fit into any month.
BACKUP_AGE = Period(days=27)
