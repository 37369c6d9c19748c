"""Protection of mail and files that a business keeps in Office 365."""

from suite.declarations.events import LICENSE_EXPIRED
from suite.declarations.fields import COMPANY_NAME, EMAIL, PASSWORD, Part
from suite.declarations.periods import Period
from suite.declarations.purposes import consents, purposes
from suite.declarations.records import Keep
from suite.declarations.services import Feature, Service, required
from suite.services import features, terms
from suite.services.features import needs

office365 = Service(
    key="office-365",
    title="Office 365 Protection",
    policy="O365",
    says="protect the mailboxes and files a business keeps in Office 365",
    asks=required(EMAIL, COMPANY_NAME)  # O365-1, O365-2, O365-7
    + required(PASSWORD, purpose="sign_in"),  # O365-3
    offers=(
        features.PREFERENCES,  # O365-4, O365-18
        Feature("endpoint_account", "use of an account of the endpoint product instead", Part.OFFICE365),  # O365-8
        Feature(
            "connection",
            "connection to Exchange Online and OneDrive",  # O365-20, O365-21
            Part.OFFICE365,
            needs("cloud_grant"),
        ),
        Feature(
            "service_account",
            "a service account for the quarantine, set up by you or with credentials used once",  # O365-22
            Part.OFFICE365,
            needs("admin_credentials"),  # O365-23 to O365-26
        ),
        Feature(
            "scanning",
            "scanning of messages, meetings, tasks and files, none of which is saved",  # O365-27, O365-28
            Part.OFFICE365,
            needs("scanned_content"),
        ),
        features.SUPPORT_WITH_CARD,  # O365-5, O365-29 to O365-32
        features.SUPPORT_FILES,  # O365-33 to O365-35
        features.NEWS,  # O365-10
    ),
    purposes=terms.WITH_ACCOUNT  # O365-11 to O365-14 by service_notifications
    + purposes("interface", "protect_users", "technical_support", "news_by_email"),
    consents=consents("news_by_email"),  # O365-10
    keep=Period(months=1),  # Amb-14
    grace=terms.GRACE,
    clocks=(Keep(LICENSE_EXPIRED, Period(months=6)),),  # O365-37, O365-38
    backups=terms.BACKUP_AGE,
    measures=terms.MEASURES,
    links=(
        "about_data_provision_office365",  # O365-6
        "regulation_data_provisioning",  # O365-33
    ),
)
