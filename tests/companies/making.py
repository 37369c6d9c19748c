"""Builders for tests of companies: people who found one, and people who work in it."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from werkzeug.test import TestResponse

from suite.companies.models import CompanyMember
from suite.kernel import db
from tests.people import People, SignedIn, new_license_code, profile_of

BOSS = "boss@acme.example"
COMPANY = "Acme Ltd"
SERVICE = "company-account"


class Founded(NamedTuple):
    """A company: its Administrator, its number, and the licence that stands for it."""

    boss: SignedIn
    company_id: UUID
    license: str


def founded(people: People, email: str = BOSS, *, company: str = COMPANY) -> Founded:
    """Register somebody who founds a company with a new licence."""
    code = new_license_code()
    boss = people.member(email, SERVICE, profile=profile_of(SERVICE) | {"license": code, "company": company})
    member = member_of(boss)
    assert member.role == "administrator"
    return Founded(boss, member.company_id, code)


def asking(people: People, at: Founded, email: str = "emma@acme.example", **profile: str) -> SignedIn:
    """Register somebody who gives the licence of a company, and so asks to join it."""
    return people.member(email, SERVICE, profile=profile_of(SERVICE) | {"license": at.license} | profile)


def employee(people: People, at: Founded, email: str = "emma@acme.example", **profile: str) -> SignedIn:
    """Register somebody who asks to join a company, and let them in."""
    asks = asking(people, at, email, **profile)
    accepted = at.boss.post(f"/api/v1/company/requests/{member_of(asks).id}/acceptance")
    assert accepted.status_code == 200, accepted.json
    return asks


def role_of(somebody: SignedIn) -> str:
    """Give the role of somebody in a company, as they see it themselves."""
    return str(somebody.get("/api/v1/company/membership").json["role"])


def give_role(by: SignedIn, to: SignedIn, role: str) -> TestResponse:
    """Change the role of somebody as it is seen just now."""
    path = f"/api/v1/company/members/{member_of(to).id}"
    tag = by.get(path).headers.get("ETag", "")
    return by.patch(path, json={"role": role}, headers={"If-Match": tag})


def member_of(somebody: SignedIn) -> CompanyMember:
    """Give the row of somebody in a company."""
    me = somebody.get("/api/v1/me").json["id"]
    with db.transaction(reading=True) as session:
        found = session.scalar(select(CompanyMember).where(CompanyMember.person_id == UUID(me)))
        assert found is not None
        return found
