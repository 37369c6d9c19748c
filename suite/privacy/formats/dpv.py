"""The Data Privacy Vocabulary (DPV 2.3) as JSON-LD: one process for each purpose of each service."""

from typing import Any

import orjson

from suite.privacy.content import content, version_of
from suite.privacy.formats.processing import Processing, processings

CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "dct": "http://purl.org/dc/terms/",
}
BASES = {
    "contract": "gdpr:A6-1-b",
    "consent": "gdpr:A6-1-a",
    "legitimate_interest": "gdpr:A6-1-f",
    "legal_obligation": "gdpr:A6-1-c",
}
# The nearest purpose of DPV for the first words of a fideslang use; the first that fits counts.
PURPOSES = {
    "essential.service.authentication": "IdentityAuthentication",
    "essential.service.notifications": "CommunicationForCustomerCare",
    "essential.service.operations.support": "CustomerCare",
    "essential.service.operations.improve": "ImproveExistingProductsAndServices",
    "essential.service.payment_processing": "PaymentManagement",
    "essential.service.security": "EnforceSecurity",
    "essential.service.upgrades": "CommunicationManagement",
    "essential.service": "ServiceProvision",
    "essential.fraud_detection": "FraudPreventionAndDetection",
    "essential.legal_obligation": "LegalCompliance",
    "third_party_sharing.legal_obligation": "LegalCompliance",
    "functional.storage": "RecordManagement",
    "functional.service.improve": "ImproveExistingProductsAndServices",
    "analytics.reporting.campaign_insights": "Advertising",
    "analytics": "ServiceUsageAnalytics",
    "marketing.advertising": "PersonalisedAdvertising",
    "marketing": "DirectMarketing",
    "personalize.system": "OptimiseUserInterface",
    "personalize": "Personalisation",
    "employment": "PersonnelManagement",
}
SUBJECTS = {"customer": "Customer", "employee": "Employee", "supplier_vendor": "User", "prospect": "Visitor"}


def document() -> str:
    """Give the declarations as JSON-LD."""
    shown = content()
    graph = [
        {
            "@id": "#controller",
            "@type": "dpv:DataController",
            "dpv:hasName": shown["vendor"]["controller"]["name"],
            "dpv:hasAddress": shown["vendor"]["controller"]["address"],
        },
        *(_process(one) for one in processings(shown)),
    ]
    found = {"@context": CONTEXT, "dct:identifier": version_of(shown), "@graph": graph}
    return orjson.dumps(found, option=orjson.OPT_INDENT_2).decode()


def _process(one: Processing) -> dict[str, Any]:
    return {
        "@id": f"#{one.service['key']}-{one.purpose['key']}",
        "@type": "dpv:Process",
        "dct:title": f"{one.service['title']}: {one.purpose['says']}",
        "dpv:hasDataController": {"@id": "#controller"},
        "dpv:hasPurpose": {"@id": f"dpv:{_purpose(one.purpose['use'])}"},
        "dpv:hasLegalBasis": {"@id": BASES[one.purpose["basis"]]},
        "dpv:hasDataSubject": {"@id": f"dpv:{SUBJECTS[one.service['subject']]}"},
        "dpv:hasPersonalData": [
            {"@type": "dpv:PersonalData", "dct:identifier": category, "dct:title": says}
            for category, says in one.data.items()
        ],
        "dpv:hasStorageCondition": [
            {"@type": "dpv:StorageCondition", "dct:description": deadline} for deadline in one.deadlines
        ],
        "dpv:hasRecipient": [
            {"@type": "dpv:Recipient", "dct:title": recipient["says"], "dpv:hasLocation": recipient["country"]}
            for recipient in one.recipients
        ],
    }


def _purpose(use: str) -> str:
    return next((word for beginning, word in PURPOSES.items() if use.startswith(beginning)), "ServiceProvision")
