"""Contracts for tests: recorded by staff, listed, and what was told about their ends."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from suite import reminders
from suite.kernel import clock, db
from suite.staff import Role
from tests.companies.making import Founded, member_of
from tests.people import Outbox, People, SignedIn

MINE, STAFF = "/api/v1/company/contracts", "/api/v1/staff/companies"
EMMA = "emma@acme.example"


def sales(people: People) -> SignedIn:
    return people.staff(Role.LICENSE_MANAGER)


def body(*people: Any, days: int = 365, number: str = "S-2026-1041") -> dict[str, Any]:
    now = clock.now()
    return {
        "number": number,
        "title": "Premium support",
        "begins_at": (now - timedelta(days=1)).isoformat(),
        "ends_at": (now + timedelta(days=days)).isoformat(),
        "people": [str(member_of(one).id) if isinstance(one, SignedIn) else str(one) for one in people],
    }


def record(staff: SignedIn, at: Founded, *people: Any, **given: Any) -> Any:
    answer = staff.post(f"{STAFF}/{at.company_id}/contracts", json=body(*people, **given))
    assert answer.status_code == 201, answer.json
    return answer.json


def numbers(of: SignedIn) -> list[str]:
    answer = of.get(MINE)
    assert answer.status_code == 200, answer.json
    return [one["number"] for one in answer.json["contracts"]]


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def told(outbox: Outbox) -> list[str]:
    """Run what plans and sends; give who was told that a contract ends."""
    reminders.run()
    return sorted(one.recipient for one in outbox.sent if one.letter == "contract_ending")


def count(table: type) -> int:
    with db.transaction(reading=True) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0
