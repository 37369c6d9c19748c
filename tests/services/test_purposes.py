"""Why data are processed, on which legal basis, and what people are asked."""

from pathlib import Path

import pytest

import suite.declarations
from suite.declarations import Basis
from suite.declarations.purposes import CONSENTS, PURPOSES, consents, purposes
from suite.services import SERVICES

USES = Path(suite.declarations.__file__).with_name("fideslang_uses.txt").read_text(encoding="ascii").split()


@pytest.mark.parametrize(
    ("key", "use", "basis"),
    [
        pytest.param(key, use, basis, marks=pytest.mark.policy(*proves.split()), id=key)
        for key, use, basis, proves in (
            ("provide_service", "essential.service", Basis.CONTRACT, "GEN-15 GEN-22"),
            ("protect_users", "essential.service.security", Basis.CONTRACT, "GEN-16"),
            ("interface", "personalize.system", Basis.CONTRACT, "GEN-17"),
            ("relevant_content", "personalize.content", Basis.CONSENT, "GEN-17 PAR-11"),
            ("advertising", "marketing.advertising.third_party", Basis.CONSENT, "GEN-17"),
            ("technical_support", "essential.service.operations.support", Basis.CONTRACT, "GEN-18"),
            ("surveys", "essential.service.operations.improve", Basis.CONSENT, "GEN-18 WEB-46 WEB-51"),
            ("answer_questions", "essential.service.operations.support", Basis.CONTRACT, "GEN-19"),
            ("protect_accounts", "essential.service.security", Basis.LEGITIMATE_INTEREST, "GEN-20 GEN-23"),
            ("prevent_fraud", "essential.fraud_detection", Basis.LEGITIMATE_INTEREST, "GEN-20 GEN-23"),
            ("traffic_statistics", "analytics.reporting.system", Basis.LEGITIMATE_INTEREST, "MYK-61 MYK-62"),
            ("honour_requests", "essential.legal_obligation", Basis.LEGITIMATE_INTEREST, "GEN-24"),
            ("legal_obligation", "essential.legal_obligation", Basis.LEGAL_OBLIGATION, "GEN-28"),
            ("disclosure_by_law", "third_party_sharing.legal_obligation", Basis.LEGAL_OBLIGATION, "GEN-28"),
            (
                "service_notifications",
                "essential.service.notifications.email",
                Basis.CONTRACT,
                "O365-14",
            ),
            ("devices", "essential.service", Basis.CONTRACT, "MYK-43"),
            ("regional_contact", "marketing.communications", Basis.CONSENT, "WEB-12 WEB-14"),
            ("newsletter", "marketing.communications.email", Basis.CONSENT, "WEB-32"),
            ("campaign_statistics", "analytics.reporting.campaign_insights", Basis.CONSENT, "COO-15 COO-17"),
            ("download_cookies", "functional.service.improve", Basis.CONSENT, "COO-13"),
        )
    ],
)
def test_the_purposes_of_the_policy_have_this_use_and_basis(key: str, use: str, basis: Basis) -> None:
    assert (PURPOSES[key].use, PURPOSES[key].basis) == (use, basis)


@pytest.mark.policy("GEN-29")
def test_every_purpose_has_a_basis_and_a_use_that_fideslang_knows() -> None:
    assert [purpose.key for purpose in PURPOSES.values() if not isinstance(purpose.basis, Basis)] == []
    assert [purpose.key for purpose in PURPOSES.values() if purpose.use not in USES] == []


@pytest.mark.policy("GEN-30")
def test_a_legitimate_interest_and_nothing_else_carries_a_balancing_statement() -> None:
    for purpose in PURPOSES.values():
        if purpose.basis is Basis.LEGITIMATE_INTEREST:
            assert len(purpose.balance) > 200, purpose.key
            assert "interest" in purpose.balance.rpartition(". ")[2], purpose.key
        else:
            assert purpose.balance == "", purpose.key


@pytest.mark.policy("GEN-23", "GEN-24")
def test_legitimate_interests_are_security_operation_fraud_and_kept_promises_only() -> None:
    assert {each.key for each in PURPOSES.values() if each.basis is Basis.LEGITIMATE_INTEREST} == {
        "protect_accounts",
        "prevent_fraud",
        "traffic_statistics",
        "honour_requests",
    }


@pytest.mark.policy("GEN-27")
def test_each_purpose_on_consent_has_its_own_question() -> None:
    asked = {purpose.key for purpose in PURPOSES.values() if purpose.basis is Basis.CONSENT}

    assert set(CONSENTS) == asked
    assert len({consent.text_hash for consent in CONSENTS.values()}) == len(asked)
    assert all(CONSENTS[key].purpose is PURPOSES[key] for key in asked)


@pytest.mark.parametrize("key", CONSENTS)
def test_a_consent_is_a_whole_sentence_and_says_what_stops(key: str) -> None:
    consent = CONSENTS[key]

    assert consent.version == 1
    for sentence in (consent.text, consent.stops):
        assert sentence[0].isupper()
        assert sentence.endswith(".")


def test_who_withdraws_from_regional_contact_is_told_that_premium_content_closes() -> None:
    assert "deleted" in CONSENTS["regional_contact"].stops
    assert "premium content is closed" in CONSENTS["regional_contact"].stops


@pytest.mark.policy("GEN-21")
def test_every_purpose_belongs_to_a_service_and_no_two_services_have_all() -> None:
    used = [frozenset(purpose.key for purpose in each.purposes) for each in SERVICES.values()]

    assert frozenset().union(*used) | {"internal_tools"} == set(PURPOSES)  # that one is for the people who work for us
    assert len(set(used)) == len(SERVICES)


def test_purposes_and_consents_are_given_by_key_and_a_wrong_key_is_a_key_error() -> None:
    assert purposes("orders", "sign_in") == (PURPOSES["orders"], PURPOSES["sign_in"])
    assert consents("offers") == (CONSENTS["offers"],)
    with pytest.raises(KeyError):
        purposes("nonsense")
