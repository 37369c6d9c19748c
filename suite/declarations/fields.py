"""What a service may ask a person for, and which part of the product keeps it."""

from dataclasses import dataclass
from enum import StrEnum

from suite.declarations.kinds import Kind, kind_named


class Part(StrEnum):
    """Parts of the product that keep a field or offer a feature; a module says which it provides."""

    ACCOUNTS = "accounts"
    SECOND_FACTORS = "second_factors"
    TEXT_MESSAGES = "text_messages"
    SECURITY_QUESTIONS = "security_questions"
    PREFERENCES = "preferences"
    COMPANIES = "companies"
    LICENSES = "licenses"
    DEVICES = "devices"
    STORE = "store"
    SUPPORT = "support"
    WORKSPACES = "workspaces"
    REPORTS = "reports"
    MAILINGS = "mailings"
    OFFICE365 = "office365"
    COMMENTS = "comments"
    STATISTICS = "statistics"


@dataclass(frozen=True)
class Field:
    """One datum a service asks for."""

    name: str
    kind: Kind
    part: Part = Part.ACCOUNTS
    max_length: int = 100


EMAIL = Field("email", kind_named("email"), max_length=254)
PASSWORD = Field("password", kind_named("password"), max_length=128)
USER_NAME = Field("user_name", kind_named("user_name"), max_length=64)
FIRST_NAME = Field("first_name", kind_named("first_name"))
LAST_NAME = Field("last_name", kind_named("last_name"))
FULL_NAME = Field("full_name", kind_named("full_name"), max_length=200)
COMPANY_NAME = Field("company_name", kind_named("company_name"), max_length=200)
COUNTRY = Field("country", kind_named("country"), max_length=2)
STREET = Field("street", kind_named("street"), max_length=200)
CITY = Field("city", kind_named("city"))
POSTAL_CODE = Field("postal_code", kind_named("postal_code"), max_length=20)

PHONE = Field("phone", kind_named("phone"), Part.TEXT_MESSAGES, max_length=16)
SECURITY_QUESTION = Field("security_question", kind_named("security_question"), Part.SECURITY_QUESTIONS, max_length=40)
SECURITY_ANSWER = Field("security_answer", kind_named("security_answer"), Part.SECURITY_QUESTIONS)
COMPANY = Field("company", kind_named("company_name"), Part.COMPANIES, max_length=200)
LICENSE = Field("license", kind_named("license_number"), Part.LICENSES, max_length=8000)
ORDER_PHONE = Field("contact_phone", kind_named("contact_phone"), Part.STORE, max_length=16)
CONTACT_PHONE = Field("contact_phone", kind_named("contact_phone"), Part.MAILINGS, max_length=16)
MESSAGE = Field("message", kind_named("message_text"), Part.SUPPORT, max_length=5000)
RATING = Field("rating", kind_named("rating"), Part.SUPPORT, max_length=2)
RECOMMENDATION = Field("recommendation", kind_named("recommendation"), Part.SUPPORT, max_length=5000)

SECURITY = (PHONE, SECURITY_QUESTION, SECURITY_ANSWER)
PROFILE = (
    USER_NAME,
    FIRST_NAME,
    LAST_NAME,
    FULL_NAME,
    COMPANY_NAME,
    COUNTRY,
    STREET,
    CITY,
    POSTAL_CODE,
)
