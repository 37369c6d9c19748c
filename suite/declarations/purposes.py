"""The purposes of the policy; those that need consent stand with their questions in `consents.py`.

Each purpose says why in words that complete "We use your data to ..."; its use is a fideslang data use.
"""

from collections.abc import Mapping
from typing import Final

from suite.declarations.consents import CONSENTS, consents
from suite.declarations.module import Basis, Purpose

__all__ = ["CONSENTS", "PURPOSES", "consents", "purposes"]

_CONTRACT = (
    Purpose(  # GEN-15, GEN-22
        "provide_service",
        "perform the contract with you and provide the service",
        "essential.service",
        Basis.CONTRACT,
    ),
    Purpose(
        "sign_in",
        "sign you in with your own credentials",
        "essential.service.authentication",
        Basis.CONTRACT,
        while_restricted=True,
    ),
    Purpose(  # MYK-22, BUS-16, SCC-15
        "security_codes",
        "send authorisation security codes to your mobile phone",
        "essential.service.authentication",
        Basis.CONTRACT,
        while_restricted=True,
    ),
    Purpose(  # BUS-17, SCC-16
        "regain_access",
        "let you back in when you forgot your password",
        "essential.service.authentication",
        Basis.CONTRACT,
        while_restricted=True,
    ),
    Purpose(  # O365-11 to O365-14
        "service_notifications",
        "tell you by e-mail what you need to know to use the service",
        "essential.service.notifications.email",
        Basis.CONTRACT,
    ),
    Purpose(  # BUS-22, Amb-10
        "license_notices",
        "tell you by e-mail that a licence of yours is about to expire, until you switch it off",
        "essential.service.notifications.email",
        Basis.CONTRACT,
        off_switch=True,
    ),
    Purpose(  # PAR-10, Amb-18
        "upgrades",
        "tell you about virus alerts and upgrades of products you own",
        "essential.service.upgrades",
        Basis.CONTRACT,
    ),
    Purpose(  # GEN-17
        "interface",
        "adapt the interface to the preferences you set",
        "personalize.system",
        Basis.CONTRACT,
    ),
    Purpose(  # PAR-15
        "find_information",
        "help you find software, services and product information quickly",
        "personalize.system",
        Basis.CONTRACT,
    ),
    Purpose(  # MYK-43
        "devices",
        "let you manage and protect the devices you connect",
        "essential.service",
        Basis.CONTRACT,
    ),
    Purpose(  # GEN-16, O365-27
        "protect_users",
        "protect you from known threats to information security",
        "essential.service.security",
        Basis.CONTRACT,
    ),
    Purpose(  # GSI-18
        "report_analysis",
        "analyse the report you upload for compatibility and fix bugs",
        "essential.service",
        Basis.CONTRACT,
    ),
    Purpose(  # MYK-31, MYK-36, BUS-25, PAR-14
        "orders",
        "carry out the orders you place with the web store",
        "essential.service.payment_processing",
        Basis.CONTRACT,
    ),
    Purpose(  # GEN-18
        "technical_support",
        "give technical support for products and services",
        "essential.service.operations.support",
        Basis.CONTRACT,
    ),
    Purpose(
        "internal_tools",
        "let the people who work for us use internal tools, each with the rights their work needs",
        "employment",
        Basis.CONTRACT,
    ),
    Purpose(  # GEN-19
        "answer_questions",
        "respond to your questions and otherwise interact with you",
        "essential.service.operations.support",
        Basis.CONTRACT,
    ),
)

_LEGITIMATE_INTEREST = (
    Purpose(  # GEN-20, GEN-23
        "protect_accounts",
        "secure accounts, sites and systems against intrusion",
        "essential.service.security",
        Basis.LEGITIMATE_INTEREST,
        "An account that is broken into harms its owner first. Guesses cannot be told from sign-ins without "
        "noting failed attempts, time and address for a short while. These notes are kept apart from the "
        "account's content, are read only for security, build no profile and refuse nobody for good; "
        "whoever signs in expects them. The interest therefore outweighs the small intrusion.",
        while_restricted=True,
    ),
    Purpose(  # GEN-20, GEN-23, WEB-9
        "prevent_fraud",
        "protect you and us against fraud, identity theft and misuse",
        "essential.fraud_detection",
        Basis.LEGITIMATE_INTEREST,
        "Forms that anybody can send invite orders and subscriptions in other people's names, and those "
        "people suffer most. Address and date of a form are the least that shows such misuse. They serve "
        "nothing else, are erased with the form, and no decision about a person is left to the software. "
        "The interest therefore outweighs the small intrusion.",
    ),
    Purpose(  # MYK-61, MYK-62
        "traffic_statistics",
        "produce traffic statistics of the sites and improve their security and availability",
        "analytics.reporting.system",
        Basis.LEGITIMATE_INTEREST,
        "Sites that run for many people cannot be kept secure and available without knowing how much they "
        "are used. Counting needs no identity: addresses are shortened before they are stored, nothing "
        "leads from a figure to a person, and raw entries go as soon as they are counted. People lose "
        "nothing by being counted this way, so the interest outweighs the intrusion.",
    ),
    Purpose(  # GEN-24, GEN-25
        "honour_requests",
        "keep honouring your request not to be processed",
        "essential.legal_obligation",
        Basis.LEGITIMATE_INTEREST,
        "Who asked not to be contacted must stay uncontacted when the same address arrives again by another "
        "form or list. That needs a trace of the request. Only a keyed hash of the address, the purpose "
        "and the date stay; the address cannot be read from them, and they serve this one comparison. The "
        "person asked for the result, so the interest is theirs as much as ours.",
    ),
)

_LEGAL_OBLIGATION = (
    Purpose(  # GEN-28
        "legal_obligation",
        "meet duties by law, such as answering your requests about your data",
        "essential.legal_obligation",
        Basis.LEGAL_OBLIGATION,
    ),
    Purpose(
        "consent_records",
        "prove which consents you gave and withdrew",
        "functional.storage.privacy_preferences",
        Basis.LEGAL_OBLIGATION,
    ),
    Purpose(  # PRI-2, Amb-25
        "disclosure_by_law",
        "hand over data where a named law obliges us to",
        "third_party_sharing.legal_obligation",
        Basis.LEGAL_OBLIGATION,
    ),
)

PURPOSES: Final[Mapping[str, Purpose]] = {
    purpose.key: purpose
    for purpose in (
        *_CONTRACT,
        *_LEGITIMATE_INTEREST,
        *_LEGAL_OBLIGATION,
        *(consent.purpose for consent in CONSENTS.values()),
    )
}


def purposes(*keys: str) -> tuple[Purpose, ...]:
    """Give purposes by their keys."""
    return tuple(PURPOSES[key] for key in keys)
