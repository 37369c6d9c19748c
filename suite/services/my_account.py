"""Accounts of people at home: devices, licences, purchases and support in one place."""

from suite.declarations.fields import PHONE, Part
from suite.declarations.periods import Period
from suite.declarations.purposes import consents, purposes
from suite.declarations.services import Feature, Reminders, Service, optional
from suite.services import features, terms
from suite.services.features import needs

my_account = Service(
    key="my-account",
    title="My Account",
    policy="MYK",
    says="manage the devices you protect, your licences, purchases and support requests",
    siblings=("account", "small-office-console", "anti-theft"),  # MYK-1
    asks=terms.EMAIL_AND_PASSWORD  # MYK-2, MYK-3, MYK-17, MYK-18
    + optional(PHONE, purpose="security_codes"),  # MYK-4, MYK-21, MYK-22
    offers=(
        features.SECURITY_CODES,
        features.PREFERENCES,  # MYK-26
        features.LICENSES,  # MYK-6, MYK-45
        features.LICENSE_REMINDERS,  # MYK-47, MYK-49
        Feature(
            "auto_renewal", "automatic renewal of licences, if you choose it", Part.LICENSES, needs("license_number")
        ),  # MYK-48
        Feature(
            "devices",
            "connecting, checking, fixing and securing your devices",  # MYK-38 to MYK-41
            Part.DEVICES,
            needs("device", "managed_device_data"),  # MYK-5, MYK-42
        ),
        Feature("purchases", "your purchase history", Part.STORE, needs("purchases")),  # MYK-28
        Feature(
            "linked_card",
            "a bank card linked at the web store for easy purchases",  # MYK-29
            Part.STORE,
            needs("card_expiry", "card_last_four", "store_link"),  # MYK-8, MYK-9, MYK-32, MYK-34
        ),
        features.SUPPORT_WITH_CARD,  # MYK-7, MYK-50 to MYK-55
        features.SUPPORT_FILES,  # MYK-56 to MYK-58
        Feature(
            "statistics",
            "traffic statistics that are not correlated with any personal information",  # MYK-61, MYK-63
            Part.STATISTICS,
            needs(
                "ip_address",
                "client_environment",  # MYK-10, MYK-60
                "application_use",  # MYK-11
                "visited_pages",  # MYK-12
                "site_searches",  # MYK-13
                "access_time",  # MYK-14
            ),
        ),
        features.NEWS,  # MYK-20
    ),
    purposes=terms.WITH_ACCOUNT
    + purposes(
        "security_codes",
        "interface",
        "devices",  # MYK-43
        "protect_users",
        "orders",  # MYK-31, MYK-36
        "technical_support",
        "traffic_statistics",
        "license_reminders",
        "news_by_email",
    ),
    consents=consents("license_reminders", "news_by_email"),
    reminders=Reminders.OPT_IN,  # MYK-49
    # MYK-66 gives a month for all data, backups included (Amb-8): live data go at once, so that the last
    # backup taken before is gone within that month too.
    keep=Period(),
    backups=terms.BACKUP_AGE,
    measures=terms.MEASURES,
    links=(
        "conditions_data_processing",  # MYK-15
        "conditions_data_processing_small_office",  # MYK-16
        "regulation_data_provisioning",  # MYK-59
    ),
)
