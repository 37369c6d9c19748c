"""Products for businesses and the licences for them."""

from suite.declarations.consents import CONSENTS
from suite.declarations.fields import COUNTRY, PHONE, SECURITY_ANSWER, SECURITY_QUESTION, Part
from suite.declarations.periods import Period
from suite.declarations.purposes import consents, purposes
from suite.declarations.services import Feature, Reminders, Service, optional, required
from suite.services import features, terms
from suite.services.features import needs

business_hub = Service(
    key="business-hub",
    title="Business Hub",
    policy="BUS",
    says="use products for businesses and manage the licences for them",
    asks=terms.EMAIL_AND_PASSWORD  # BUS-1, BUS-2, BUS-9, BUS-10
    + required(COUNTRY, purpose="orders")  # BUS-5, BUS-25
    + optional(PHONE, purpose="security_codes")  # BUS-4, BUS-15, BUS-16
    + optional(SECURITY_QUESTION, SECURITY_ANSWER, purpose="regain_access"),  # BUS-3, BUS-17
    offers=(
        features.SECURITY_CODES,
        features.SECURITY_QUESTION,
        Feature(
            features.LICENSES.key,
            features.LICENSES.says,
            Part.LICENSES,
            needs("license_number", "access_right"),  # BUS-6, BUS-21, BUS-23, BUS-24
        ),
        Feature(
            "license_reminders",
            "a reminder of expiring licences by e-mail, which you can switch off",  # BUS-22
            Part.LICENSES,
            needs("email", "license_number"),
        ),
        Feature("purchases", "buying licences online", Part.STORE, needs("country")),  # BUS-25, BUS-26
        features.SUPPORT,  # BUS-8, BUS-30, BUS-31
        features.SUPPORT_FILES,  # BUS-32, BUS-33
        features.VISIT_STATISTICS,  # BUS-7, BUS-27, BUS-29
        features.NEWS,  # BUS-12
        Feature(
            "product_reviews",
            "being contacted about your product reviews",  # BUS-13
            Part.MAILINGS,
            needs("email"),
            CONSENTS["product_reviews_contact"],
        ),
    ),
    purposes=terms.WITH_ACCOUNT
    + purposes(
        "security_codes",
        "regain_access",
        "orders",
        "license_notices",
        "technical_support",
        "statistics",
        "news_by_email",
        "product_reviews_contact",
    ),
    consents=consents("news_by_email", "product_reviews_contact", "statistics"),  # BUS-12, BUS-13, BUS-29
    reminders=Reminders.SERVICE_MESSAGE,  # BUS-22, Amb-10
    keep=Period(months=1),  # BUS-34
    grace=terms.GRACE,
    backups=terms.BACKUP_AGE,  # BUS-35
    measures=terms.MEASURES,
    links=("cookies",),  # BUS-28
)
