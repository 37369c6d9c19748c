"""The portal of companies that sell the products."""

from suite.declarations.consents import CONSENTS
from suite.declarations.fields import (
    CITY,
    COUNTRY,
    FULL_NAME,
    LICENSE,
    MESSAGE,
    ORDER_PHONE,
    POSTAL_CODE,
    RECOMMENDATION,
    STREET,
    Part,
)
from suite.declarations.periods import Period
from suite.declarations.purposes import consents, purposes
from suite.declarations.services import Feature, Form, Service, optional, required
from suite.services import features, terms
from suite.services.features import needs

partner_portal = Service(
    key="partner-portal",
    title="Partner Portal",
    policy="PAR",
    says="order products and get information and support as a partner",
    asks=terms.EMAIL_AND_PASSWORD  # PAR-1, PAR-2
    + required(FULL_NAME)  # PAR-3
    + optional(STREET, CITY, POSTAL_CODE, COUNTRY, purpose="orders")  # PAR-4
    + optional(ORDER_PHONE, purpose="orders"),  # PAR-5
    offers=(
        Feature("purchases", "orders and downloads of products", Part.STORE, needs("purchases")),  # PAR-14
        features.SUPPORT,  # PAR-6
        Feature(
            "mailings",
            "virus alerts and upgrades of your products",  # PAR-10, Amb-18
            Part.MAILINGS,
            needs("email"),
        ),
        *(
            Feature(consent.key, consent.purpose.says, Part.MAILINGS, needs("email"), consent)
            for consent in consents("newsletter", "offers", "research")  # PAR-10, PAR-12
        ),
        Feature(
            "relevant_content",
            "content that is relevant to you",  # PAR-11
            Part.PREFERENCES,
            needs("preferences"),
            CONSENTS["relevant_content"],
        ),
    ),
    forms=(  # PAR-7
        Form(
            "order",
            "place an order",
            Part.STORE,
            required(FULL_NAME, STREET, CITY, POSTAL_CODE, COUNTRY, purpose="orders"),
        ),
        Form("product_registration", "register a product", Part.LICENSES, required(LICENSE)),
        Form(
            "service_request",
            "request a service",
            Part.SUPPORT,
            required(MESSAGE, purpose="technical_support"),
        ),
        Form(
            "survey",
            "answer a survey",
            Part.SUPPORT,
            optional(RECOMMENDATION, purpose="better_products"),  # PAR-13
            consent=CONSENTS["better_products"],
        ),
        Form("contest", "enter a contest", Part.MAILINGS, required(MESSAGE)),
        Form(
            "correspondence",
            "write to us",
            Part.SUPPORT,
            required(MESSAGE, purpose="answer_questions"),
        ),
    ),
    purposes=terms.WITH_ACCOUNT
    + purposes(  # PAR-10 to PAR-16
        "upgrades",
        "newsletter",
        "research",
        "relevant_content",
        "offers",
        "better_products",
        "orders",
        "find_information",
        "technical_support",
        "answer_questions",
    ),
    consents=consents("newsletter", "offers", "research", "relevant_content", "better_products"),  # Amb-18
    keep=Period(),  # PAR-22, PAR-23
    backups=terms.BACKUP_AGE,
    measures=terms.MEASURES,
    subject="supplier_vendor",
    inactivity=Period(months=24),  # PAR-21, Amb-19
    restorable=False,  # PAR-22, Amb-8
)
