"""How somebody comes into a company: by founding it, by asking, or because an invitation or a domain lets them in.

Which company is meant says the licence or the invitation, never a name: names of companies are looked up nowhere.
"""

from uuid import UUID

from sqlalchemy import delete, select

from suite.accounts import Newcomer, present_members
from suite.companies import domains, invitations, membership, mending, telling
from suite.companies.errors import AlreadyInCompany, AskedTooOften, CompanyAccountNeeded, InvitationUnusable
from suite.companies.membership import SERVICE
from suite.companies.models import ADMINISTRATOR, Company, CompanyMember
from suite.kernel import audit, clock, db, limits
from suite.kernel.fields import canonical_email
from suite.privacy import may_be_changed

ASKS = limits.Allowance("company/asks", times=3, seconds=7 * 24 * 3600, refusal=AskedTooOften)
"""Asks of one person to join one company, so that nobody asks until somebody says yes."""


def found(newcomer: Newcomer, name: str) -> Company:
    """Found a company; whoever does is its Administrator (COM-18)."""
    now = clock.now()
    company = Company(name=name, country=newcomer.profile["country"], founded_at=now)
    db.session.add(company)
    db.session.flush()
    member = _member(newcomer, company.id)
    member.role, member.joined_at = ADMINISTRATOR, now
    _add(member)
    audit.write("company.founded", subject=newcomer.person_id, company=str(company.id))
    return company


def receive(newcomer: Newcomer, company: Company) -> None:
    """Take in somebody who gave a licence of a company, which is locked.

    An invitation for the proven address lets them in at once, and a verified domain does if the address was proven just
    now: who had it long ago may have left the company since. Everybody else asks, and nothing of the company is shown
    to them before an Administrator says yes.
    """
    limits.take(ASKS, f"{newcomer.person_id}/{company.id}")
    key = canonical_email(newcomer.email)
    known = company.blocked_at is None and (
        invitations.spend(company.id, key) or (newcomer.proven_now and domains.let_in(company.id, key))
    )
    _take_in(newcomer, company, known=known)


def receive_invited(newcomer: Newcomer, invitation_id: UUID) -> None:
    """Take in somebody who gave an invitation for the address that is proven now."""
    company_id = invitations.company_of(invitation_id)
    company = membership.lock(company_id) if company_id is not None else None
    if company is None or not invitations.spend(company.id, canonical_email(newcomer.email), invitation_id):
        raise InvitationUnusable
    mending.mend(company)
    if company.blocked_at is not None or company.ended_at is not None:
        raise InvitationUnusable
    _take_in(newcomer, company, known=True)


def goes_on(company: Company) -> bool:
    """Say whether a locked company has somebody who can act for it."""
    mending.mend(company)
    return company.ended_at is None


def newcomer_of(person_id: UUID) -> Newcomer:
    """Give a member of the service who is inside no company; what they only asked for elsewhere is taken back."""
    may_be_changed(person_id)
    there = present_members.c
    row = db.session.execute(
        select(present_members).where(there.person_id == person_id, there.service == SERVICE)
    ).first()
    if row is None:
        raise CompanyAccountNeeded
    if membership.company_of(person_id) is not None:
        raise AlreadyInCompany
    waiting = delete(CompanyMember).where(
        CompanyMember.membership_id == row.membership_id, CompanyMember.joined_at.is_(None)
    )
    db.session.execute(waiting)
    told = {name: getattr(row, name) or "" for name in ("first_name", "last_name", "country")}
    return Newcomer(person_id, row.membership_id, SERVICE, row.address, row.language, told)


def accept_invitation(person_id: UUID, token: str, *, network: str) -> None:
    """Let somebody with an account accept the invitation that was sent to its address."""
    invitation_id = invitations.of_token(token, network=network)
    if invitation_id is None:
        raise InvitationUnusable
    receive_invited(newcomer_of(person_id), invitation_id)


def _take_in(newcomer: Newcomer, company: Company, *, known: bool) -> None:
    member = _member(newcomer, company.id)
    member.joined_at = member.asked_at if known else None
    _add(member)
    audit.write("company.joined" if known else "company.asked", subject=newcomer.person_id, company=str(company.id))
    telling.of_newcomer(member, newcomer)


def _member(newcomer: Newcomer, company_id: UUID) -> CompanyMember:
    return CompanyMember(
        company_id=company_id,
        membership_id=newcomer.membership_id,
        person_id=newcomer.person_id,
        asked_at=clock.now(),
    )


def _add(member: CompanyMember) -> None:
    db.session.add(member)
    with db.translated({"uq_company_members_membership_id": AlreadyInCompany}):
        db.session.flush()
