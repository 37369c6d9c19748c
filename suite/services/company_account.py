"""Support for companies: colleagues share licences, contracts and requests."""

from suite.declarations.fields import COMPANY, COUNTRY, EMAIL, FIRST_NAME, LAST_NAME, LICENSE, PASSWORD, Part
from suite.declarations.periods import Period
from suite.declarations.purposes import purposes
from suite.declarations.services import Feature, Service, required
from suite.services import features, terms
from suite.services.features import needs

company_account = Service(
    key="company-account",
    title="Company Account",
    policy="COM",
    says="get support for your company's products together with your colleagues",
    asks=required(EMAIL)  # COM-1
    + required(PASSWORD, purpose="sign_in")  # COM-2
    + required(FIRST_NAME, LAST_NAME, COMPANY)  # COM-3, COM-4, COM-5
    + required(COUNTRY, LICENSE, purpose="technical_support"),  # COM-6, COM-7, COM-12, COM-46
    offers=(
        Feature(
            "company",
            "an account of your company with an Administrator",  # COM-11, COM-15, COM-18, COM-23 to COM-28
            Part.COMPANIES,
            needs("company_name", "access_right"),
        ),
        Feature(
            "other_addresses",  # COM-9
            "additional e-mail addresses, which get notices about contracts too once you have confirmed them",
            Part.COMPANIES,
            needs("other_email"),
        ),
        features.LICENSES,  # COM-29, COM-30, COM-33
        Feature(
            "contracts",  # COM-36 to COM-38
            "contracts about support services, with notices before they end to those who may use them",
            Part.COMPANIES,
            needs("purchases"),
        ),
        Feature(
            features.SUPPORT.key,
            features.SUPPORT.says,
            Part.SUPPORT,
            needs("license_number", "country", "language", "support_text"),  # COM-8, COM-40, COM-46
        ),
        features.SUPPORT_FILES,  # COM-41 to COM-43
    ),
    purposes=terms.WITH_ACCOUNT + purposes("technical_support"),  # COM-13
    consents=(),
    keep=Period(months=1),  # COM-53, Amb-17
    grace=terms.GRACE,
    backups=terms.BACKUP_AGE,
    measures=terms.MEASURES,
    subject="employee",
    links=("regulation_data_provisioning",),  # COM-8, COM-44
)
