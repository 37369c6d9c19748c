"""Invitations into a company: an opaque token for one address, stored only as a hash; 48 hours, and once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, select

from suite.accounts import present_members
from suite.companies import letters, membership
from suite.companies.errors import AlreadyColleague, TooManyInvitations
from suite.companies.membership import SERVICE
from suite.companies.models import INVITATION_LIVES, CompanyInvitation
from suite.kernel import audit, clock, db, limits, secrets
from suite.kernel.errors import NotFound
from suite.kernel.fields import canonical_email, mailbox
from suite.kernel.ids import new_id
from suite.kernel.paging import Page, page
from suite.messages import post
from suite.privacy import Person, declared, erase

PER_COMPANY = limits.Allowance("company_invitation/company", times=200, seconds=24 * 3600, refusal=TooManyInvitations)
PER_PERSON = limits.Allowance("company_invitation/person", times=50, seconds=24 * 3600, refusal=TooManyInvitations)
PER_MAILBOX = limits.Allowance("company_invitation/mailbox", times=3, seconds=24 * 3600, refusal=TooManyInvitations)
"""Invitations of all companies together that one mailbox gets."""
PER_NETWORK = limits.Allowance("company_invitation/network", times=60, seconds=900)
"""Tokens tried from one network."""


def invite(person_id: UUID, *, email: str, language: str) -> CompanyInvitation:
    """Invite an address into the own company; an older invitation of it stops working."""
    company, _ = membership.acting_administrator(person_id)
    key = canonical_email(email)
    if db.session.scalar(_inside(company.id, key)) is not None:
        raise AlreadyColleague
    for allowance, subject in ((PER_PERSON, person_id), (PER_COMPANY, company.id), (PER_MAILBOX, mailbox(key))):
        limits.take(allowance, str(subject))
    older = and_(CompanyInvitation.company_id == company.id, CompanyInvitation.email_key == key)
    _spend(older)
    token, person = secrets.new_token(), Person(id=new_id())
    db.session.add(person)
    db.session.flush()
    invitation = CompanyInvitation(
        id=person.id,
        company_id=company.id,
        address=email,
        email_key=key,
        language=language,
        token_hash=secrets.token_hash(token),
        invited_at=clock.now(),
    )
    db.session.add(invitation)
    db.session.flush()
    audit.write("company.invited", subject=person.id, company=str(company.id))
    facts = {"company": company.name, "service": declared().services[SERVICE].title, "token": token}
    post(letters.invitation, person_id=person.id, to=email, language=language, facts=facts, service=SERVICE)
    return invitation


def listing(person_id: UUID, *, cursor: str | None, limit: int) -> Page:
    """List the invitations of the own company that still work."""
    company, _ = membership.require_administrator(person_id)
    rows = select(CompanyInvitation).where(CompanyInvitation.company_id == company.id, _works())
    return page(rows, CompanyInvitation.id, cursor=cursor, limit=limit)


def withdraw(person_id: UUID, invitation_id: UUID) -> None:
    """Take an invitation back: its token opens nothing any more, and nothing stays of it."""
    company, _ = membership.acting_administrator(person_id)
    if not _spend(and_(CompanyInvitation.id == invitation_id, CompanyInvitation.company_id == company.id)):
        raise NotFound
    audit.write("company.invitation_withdrawn", subject=invitation_id, company=str(company.id))


def of_token(token: str, *, network: str) -> UUID | None:
    """Give the invitation of a token, without spending it; tries are counted."""
    limits.take(PER_NETWORK, network)
    asked = select(CompanyInvitation.id).where(CompanyInvitation.token_hash == secrets.token_hash(token), _works())
    return db.session.scalar(asked)


def company_of(invitation_id: UUID) -> UUID | None:
    """Give the company an invitation leads into."""
    return db.session.scalar(select(CompanyInvitation.company_id).where(CompanyInvitation.id == invitation_id))


def spend(company_id: UUID, email_key: str, invitation_id: UUID | None = None) -> bool:
    """Spend the invitation of a proven address into a company; say whether there was one. Of many at once one does."""
    mine = and_(CompanyInvitation.company_id == company_id, CompanyInvitation.email_key == email_key, _works())
    return _spend(mine if invitation_id is None else and_(mine, CompanyInvitation.id == invitation_id))


def _spend(which: ColumnElement[bool]) -> bool:
    gone = list(db.session.scalars(delete(CompanyInvitation).where(which).returning(CompanyInvitation.id)))
    if gone:
        erase(gone)
    return bool(gone)


def _works() -> ColumnElement[bool]:
    return CompanyInvitation.invited_at > clock.now() - timedelta(hours=INVITATION_LIVES.hours)


def _inside(company_id: UUID, email_key: str) -> Any:
    return (
        membership.colleagues(company_id)
        .where(present_members.c.email_key == email_key)
        .with_only_columns(present_members.c.person_id)
    )
