"""Sites and forms that need no account."""

from suite.declarations.consents import CONSENTS
from suite.declarations.events import TRIAL_ENDED
from suite.declarations.fields import (
    COMPANY_NAME,
    CONTACT_PHONE,
    COUNTRY,
    EMAIL,
    FIRST_NAME,
    LAST_NAME,
    MESSAGE,
    RATING,
    RECOMMENDATION,
    Part,
)
from suite.declarations.periods import Period
from suite.declarations.purposes import consents, purposes
from suite.declarations.records import Keep
from suite.declarations.services import Form, Service, optional, required
from suite.services import terms
from suite.services.features import needs

_AGAINST_MISUSE = needs("ip_address", "form_date")  # WEB-6, WEB-7, WEB-9


def _survey(key: str, says: str) -> Form:
    return Form(
        key,
        says,
        Part.SUPPORT,
        required(EMAIL, RATING, purpose="surveys")  # WEB-47, WEB-49
        + optional(RECOMMENDATION, purpose="surveys"),  # WEB-50
        _AGAINST_MISUSE,
        CONSENTS["surveys"],
    )


web_forms = Service(
    key="web-forms",
    title="Websites and Forms",
    policy="WEB",
    says="read content, try products, subscribe and ask us something",
    has_accounts=False,
    asks=(),
    offers=(),
    forms=(
        Form(
            "premium_content",
            "reach white papers, videos, events and marketing material",
            Part.MAILINGS,
            required(FIRST_NAME, LAST_NAME, EMAIL, CONTACT_PHONE, purpose="regional_contact")  # WEB-11
            + optional(COMPANY_NAME, COUNTRY, purpose="regional_contact"),  # WEB-13, WEB-53
            _AGAINST_MISUSE,
            CONSENTS["regional_contact"],  # WEB-12 to WEB-15
        ),
        Form(
            "free_trial",
            "test a product",
            Part.MAILINGS,
            required(FIRST_NAME, LAST_NAME, CONTACT_PHONE, EMAIL, purpose="free_trial"),  # WEB-20
            _AGAINST_MISUSE,
            CONSENTS["free_trial"],  # WEB-24, WEB-27
        ),
        Form(
            "newsletter",
            "subscribe to the newsletter",
            Part.MAILINGS,
            required(EMAIL, purpose="newsletter") + optional(FIRST_NAME, LAST_NAME, purpose="newsletter"),  # WEB-30
            _AGAINST_MISUSE,
            CONSENTS["newsletter"],  # WEB-31, WEB-33
        ),
        Form(
            "contact",
            "ask us something",
            Part.SUPPORT,
            required(EMAIL, MESSAGE, purpose="answer_questions")  # WEB-38, WEB-39
            + optional(
                FIRST_NAME, LAST_NAME, COMPANY_NAME, CONTACT_PHONE, COUNTRY, purpose="answer_questions"
            ),  # WEB-40, WEB-53
            _AGAINST_MISUSE,
        ),
        _survey("incident_survey", "tell us how a support request went"),  # WEB-43
        _survey("annual_survey", "tell us once a year how support works for you"),  # WEB-44
    ),
    purposes=terms.WITHOUT_ACCOUNT
    + purposes(
        "answer_questions",
        "traffic_statistics",
        "regional_contact",
        "free_trial",
        "newsletter",
        "surveys",
        "advertising",
        "campaign_statistics",
        "download_cookies",
        "site_performance",
        "social_modules",
        "statistics",
    ),
    consents=consents(
        "regional_contact",
        "free_trial",
        "newsletter",
        "surveys",
        "advertising",  # COO-6
        "campaign_statistics",  # COO-14, COO-16
        "download_cookies",  # COO-12
        "site_performance",  # COO-4
        "social_modules",  # COO-8
        "statistics",  # COO-7
    ),
    keep=Period(),  # WEB-18, WEB-29, WEB-37, WEB-55
    clocks=(Keep(TRIAL_ENDED, Period(days=14)),),  # WEB-25, WEB-26
    backups=terms.BACKUP_AGE,
    inactivity=Period(months=24),  # WEB-54, Amb-19
    restorable=False,  # WEB-55, Amb-8
    links=("terms_websites",),  # WEB-10
)
