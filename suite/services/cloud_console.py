"""Workspaces in which a business manages its devices."""

from suite.declarations.events import WORKSPACE_ENDED
from suite.declarations.fields import PHONE, SECURITY_ANSWER, SECURITY_QUESTION, Part
from suite.declarations.periods import Period
from suite.declarations.purposes import consents, purposes
from suite.declarations.records import Keep
from suite.declarations.services import Feature, Reminders, Service, optional
from suite.services import features, terms
from suite.services.features import needs

cloud_console = Service(
    key="cloud-console",
    title="Cloud Console",
    policy="SCC",
    says="manage the protected devices of a business in workspaces",
    asks=terms.EMAIL_AND_PASSWORD  # SCC-1, SCC-2, SCC-11
    + optional(PHONE, purpose="security_codes")  # SCC-4, SCC-14, SCC-15
    + optional(SECURITY_QUESTION, SECURITY_ANSWER, purpose="regain_access"),  # SCC-3, SCC-16
    offers=(
        features.SECURITY_CODES,
        features.SECURITY_QUESTION,
        features.LICENSES,  # SCC-5, SCC-20
        features.LICENSE_REMINDERS,  # SCC-21, SCC-22
        Feature(
            "workspaces",
            "workspaces in which you manage connected devices",  # SCC-23
            Part.WORKSPACES,
            needs("license_number", "managed_device_data", "workspace_text"),  # SCC-6, SCC-7, SCC-8
        ),
        features.SUPPORT,  # SCC-10, SCC-32, SCC-33
        features.SUPPORT_FILES,  # SCC-34, SCC-35
        features.VISIT_STATISTICS,  # SCC-9, SCC-29, SCC-31
    ),
    purposes=terms.WITH_ACCOUNT
    + purposes(
        "security_codes",
        "regain_access",
        "devices",
        "technical_support",
        "license_reminders",
        "statistics",
    ),
    consents=consents("license_reminders", "statistics"),  # SCC-22, SCC-31
    reminders=Reminders.OPT_IN,  # SCC-22
    keep=Period(months=1),  # SCC-36
    grace=terms.GRACE,
    backups=terms.BACKUP_AGE,  # SCC-37
    measures=terms.MEASURES,
    clocks=(Keep(WORKSPACE_ENDED, Period()),),  # SCC-38, Amb-13
    links=(
        "cookies",  # SCC-30
        "console_documentation",  # SCC-25
        "about_data_provision_console",  # SCC-27, SCC-41
    ),
)
