"""Disclosures by law: one proposes, another approves, it is carried out once, and the person is told."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from suite.kernel import clock, db
from suite.kernel.models import AuditEntry
from suite.privacy import recipient_named
from suite.privacy.ledger import LegalDisclosure
from suite.privacy.reading import rows_shown
from suite.staff import Role
from tests.failures.crowd import at_once
from tests.people import Outbox, People, SignedIn

ROUTE, LEDGER = "/api/v1/staff/disclosures", "/api/v1/me/disclosures"
DEMAND: dict[str, Any] = {
    "law": "§ 100j StPO",
    "authority": "Staatsanwaltschaft Ingolstadt",
    "reference": "12 Js 3456/26",
    "country": "DE",
    "categories": ["user.contact.email", "user.behavior"],
}


@pytest.fixture
def ann(people: People) -> SignedIn:
    """Give a person whose data are demanded."""
    member = people.member()
    member.person_id = member.get("/api/v1/me").json["id"]
    return member


@pytest.fixture
def officer(people: People) -> SignedIn:
    return people.staff(Role.PRIVACY_OFFICER, email="ada@example.org")


@pytest.fixture
def counsel(people: People) -> SignedIn:
    return people.staff(Role.LEGAL_COUNSEL, email="lea@example.org")


def propose(officer: SignedIn, ann: SignedIn, **others: Any) -> str:
    answer = officer.post(ROUTE, json=DEMAND | {"account_id": ann.person_id} | others)
    assert answer.status_code == 201, answer.json
    assert answer.json["state"] == "proposed"
    return f"{ROUTE}/{answer.json['id']}"


def code(answer: Any) -> str:
    return str(answer.json.get("code"))


def by_law(ann: SignedIn) -> list[dict[str, Any]]:
    return [one for one in ann.get(LEDGER).json["disclosures"] if one["recipient"] == "authorities"]


@pytest.mark.policy("PRI-2", "REC-1")
def test_two_people_hand_over_what_a_law_demands_and_the_person_is_told(
    outbox: Outbox, ann: SignedIn, officer: SignedIn, counsel: SignedIn
) -> None:
    demand = propose(officer, ann)
    assert counsel.post(f"{demand}/view").json["account_id"] == ann.person_id
    assert counsel.post(f"{demand}/approval").json["state"] == "approved"
    assert by_law(ann) == []

    carried_out = officer.post(f"{demand}/execution")

    assert (carried_out.status_code, carried_out.json["state"]) == (200, "carried_out")
    (entry,) = by_law(ann)
    assert (entry["purpose"], entry["categories"]) == ("disclosure_by_law", ["user.behavior", "user.contact.email"])
    letter = outbox.last("disclosed_by_law").text
    for said in ("§ 100j StPO", "Staatsanwaltschaft Ingolstadt", "12 Js 3456/26", "e-mail address"):
        assert said in letter
    assert [one["action"] for one in ann.get("/api/v1/me/accesses").json["accesses"]][:2] == [
        "disclosure.told",
        "disclosure.carried_out",
    ]


@pytest.mark.policy("PRI-2", "REC-1")
@pytest.mark.parametrize("lacking", ["law", "authority", "reference"])
def test_without_a_named_requirement_nothing_can_even_be_proposed(
    ann: SignedIn, officer: SignedIn, lacking: str
) -> None:
    body = DEMAND | {"account_id": ann.person_id}

    for wrong in ({name: one for name, one in body.items() if name != lacking}, body | {lacking: ""}):
        answer = officer.post(ROUTE, json=wrong)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/{lacking}")


@pytest.mark.policy("PRI-3", "LOC-2")
@pytest.mark.parametrize(
    ("others", "pointer"),
    [
        ({"country": "BR"}, "/country"),
        ({"country": "CN"}, "/country"),
        ({"categories": ["user.authorization.password"]}, "/categories/0"),
        ({"silent_until": "2027-06-01T00:00:00Z"}, "/silent_law"),
        ({"silent_law": "§ 95a StPO"}, "/silent_law"),
    ],
)
def test_what_is_not_declared_for_authorities_is_refused(
    ann: SignedIn, officer: SignedIn, others: dict[str, Any], pointer: str
) -> None:
    answer = officer.post(ROUTE, json=DEMAND | {"account_id": ann.person_id} | others)

    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_a_demand_about_nobody_is_refused(officer: SignedIn, ann: SignedIn) -> None:
    answer = officer.post(ROUTE, json=DEMAND | {"account_id": "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d"})

    assert answer.status_code == 404
    assert officer.post(f"{ROUTE}/019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d/execution").status_code == 404


@pytest.mark.policy("PRI-2", "REC-1")
def test_nobody_approves_what_he_proposed_himself(people: People, ann: SignedIn) -> None:
    both = people.staff(Role.PRIVACY_OFFICER, Role.LEGAL_COUNSEL, email="ada@example.org")
    demand = propose(both, ann)

    assert code(both.post(f"{demand}/approval")) == "two_people_needed"

    assert code(both.post(f"{demand}/execution")) == "disclosure_not_approved"
    assert by_law(ann) == []


@pytest.mark.policy("PRI-2", "REC-1")
def test_the_database_itself_refuses_one_person_no_requirement_and_no_approval(
    ann: SignedIn, officer: SignedIn
) -> None:
    propose(officer, ann)
    now = clock.now()

    for wrong in (
        {"approved_at": now, "decided_by": LegalDisclosure.proposed_by},
        {"approved_at": now},
        {"carried_out_at": now},
        {"law": ""},
        {"silent_until": now, "silent_law": ""},
    ):
        with pytest.raises(IntegrityError), db.transaction() as session:
            session.execute(update(LegalDisclosure).values(**wrong))


@pytest.mark.policy("PRI-2")
def test_of_many_decisions_at_once_one_holds(
    people: People, ann: SignedIn, officer: SignedIn, counsel: SignedIn
) -> None:
    demand = propose(officer, ann)
    lia = people.staff(Role.LEGAL_COUNSEL, email="lia@example.org")

    def decide(which: int) -> str:
        who = SignedIn(people.stranger, (counsel, lia)[which % 2].token, "")
        return code(who.post(f"{demand}/{'approval' if which < 6 else 'refusal'}"))

    assert Counter(at_once(8, decide)) == {"None": 1, "disclosure_decided": 7}


@pytest.mark.policy("PRI-2")
def test_of_many_executions_at_once_one_holds_and_one_letter_leaves(
    people: People, outbox: Outbox, ann: SignedIn, officer: SignedIn, counsel: SignedIn
) -> None:
    demand = propose(officer, ann)
    counsel.post(f"{demand}/approval")

    def carry_out(_which: int) -> str:
        return code(SignedIn(people.stranger, officer.token, "").post(f"{demand}/execution"))

    assert Counter(at_once(6, carry_out)) == {"None": 1, "disclosure_not_approved": 5}
    assert [one.letter for one in outbox.sent].count("disclosed_by_law") == 1
    assert [one["times"] for one in by_law(ann)] == [1]


def test_a_refused_demand_stays_refused(ann: SignedIn, officer: SignedIn, counsel: SignedIn) -> None:
    demand = propose(officer, ann)

    assert counsel.post(f"{demand}/refusal").json["state"] == "refused"

    assert code(counsel.post(f"{demand}/approval")) == "disclosure_decided"
    assert code(officer.post(f"{demand}/execution")) == "disclosure_not_approved"


def shown_in_a_copy(ann: SignedIn) -> bool:
    """Say whether a copy of the person's data holds the demand."""
    condition = rows_shown(LegalDisclosure.__table__, UUID(ann.person_id))  # type: ignore[arg-type]
    assert condition is not None
    with db.transaction(reading=True) as session:
        return session.scalar(select(LegalDisclosure.id).where(condition)) is not None


@pytest.mark.policy("PRI-2")
def test_while_a_law_forbids_telling_nothing_shows_and_afterwards_everything(
    outbox: Outbox, ann: SignedIn, officer: SignedIn, counsel: SignedIn
) -> None:
    until = clock.now() + timedelta(hours=2)
    demand = propose(officer, ann, silent_until=until.isoformat(), silent_law="§ 95a StPO")
    counsel.post(f"{demand}/view")
    counsel.post(f"{demand}/approval")
    assert officer.post(f"{demand}/execution").json["told_at"] is None

    assert "disclosed_by_law" not in [one.letter for one in outbox.sent]
    assert by_law(ann) == []
    assert ann.get("/api/v1/me/accesses").json["accesses"] == []
    assert not shown_in_a_copy(ann)

    with clock.at(until + timedelta(seconds=1)):
        outbox.deliver()
        assert [one.letter for one in outbox.sent].count("disclosed_by_law") == 1
        (entry,) = by_law(ann)
        assert shown_in_a_copy(ann)
    assert entry["first_at"] < until.isoformat()


def test_the_lists_name_nobody_and_each_role_has_its_own(ann: SignedIn, officer: SignedIn, counsel: SignedIn) -> None:
    propose(officer, ann)

    for who, path in ((officer, "proposed"), (counsel, "decisions")):
        (shown,) = who.get(f"{ROUTE}/{path}").json["disclosures"]
        assert shown["law"] == DEMAND["law"]
        assert ann.person_id not in str(shown)


def test_the_trail_holds_the_receipt_without_law_and_reference(
    ann: SignedIn, officer: SignedIn, counsel: SignedIn
) -> None:
    demand = propose(officer, ann)
    counsel.post(f"{demand}/approval")
    officer.post(f"{demand}/execution")

    with db.transaction(reading=True) as session:
        facts = session.scalars(select(AuditEntry.facts).where(AuditEntry.action == "disclosure.carried_out")).one()
    assert facts == {
        "disclosure": demand.rpartition("/")[2],
        "country": "DE",
        "categories": ["user.behavior", "user.contact.email"],
    }


def test_authorities_get_no_secrets(app: object) -> None:
    authorities = recipient_named("authorities")

    assert authorities is not None
    assert not [one for one in authorities.receives if "password" in one]
