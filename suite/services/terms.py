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

# What the program itself does (LOC-7); the operator's own measures stand in the operator's documents.
MEASURES = (
    "passwords and security answers are stored only as slow hashes, made with a key that no database holds",
    "phone numbers, secrets of second factors and waiting messages are encrypted in the database",
    "sessions and codes are random, stored only as hashes, and end everywhere at once when you say so",
    "guesses are counted and slowed down",
    "the people who work for us see and change only what their role needs, and each such act is recorded",
    "logs hold no personal data",
    "everything travels over encrypted connections",
)
