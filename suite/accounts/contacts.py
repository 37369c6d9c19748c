"""Whom to write to about an account, for modules that have no business with accounts themselves."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select

from suite.accounts.models import Account, Membership
from suite.kernel import db
from suite.kernel.fields import canonical_email
from suite.privacy import changeable


@dataclass(frozen=True)
class Contact:
    """Where letters to a person go, and in which language."""

    address: str
    language: str


def contact_of(account_id: UUID) -> Contact | None:
    """Give where answers to the owner of an account go, until it is erased; None where there is no such account."""
    found = db.session.execute(select(Account.address, Account.language).where(Account.id == account_id)).first()
    return Contact(found.address, found.language) if found else None


@dataclass(frozen=True)
class Standing:
    """How somebody stands to a service: the account may be closed or blocked, the service left."""

    contact: Contact
    belongs: bool
    blocked: bool


def standings(people: Iterable[UUID], service: str) -> dict[UUID, Standing]:
    """Give how many people at once stand to a service; whoever has no account is left out."""
    live = and_(Membership.account_id == Account.id, Membership.service == service, Membership.ended_at.is_(None))
    found = db.session.execute(
        select(Account.id, Account.address, Account.language, Account.closed_at, Account.blocked_at, Membership.id)
        .outerjoin(Membership, live)
        .where(Account.id.in_(set(people)))
    )
    return {
        person: Standing(Contact(address, language), closed is None and membership is not None, blocked is not None)
        for person, address, language, closed, blocked, membership in found
    }


def open_account(account_id: UUID) -> Account | None:
    """Load an account that is not closed for a change, and keep it from being closed meanwhile."""
    account = db.session.get(Account, account_id, with_for_update={"key_share": True}, populate_existing=True)
    return account if account is not None and account.closed_at is None else None


def find_open(account_id: UUID) -> Account | None:
    """Load an account that is not closed, without locking it: what stands above it has to be locked first."""
    account = db.session.get(Account, account_id, populate_existing=True)
    return account if account is not None and account.closed_at is None else None


def is_member(account_id: UUID, service: str) -> bool:
    """Say whether somebody belongs to a service."""
    mine = (Membership.account_id == account_id, Membership.service == service, Membership.ended_at.is_(None))
    return db.session.scalar(select(Membership.id).where(*mine)) is not None


@dataclass(frozen=True)
class Member:
    """Somebody who belongs to a service; while `frozen`, their data may only be stored."""

    person_id: UUID
    membership_id: UUID
    frozen: bool


def members_of(service: str, people: Collection[UUID]) -> list[Member]:
    """Give those of these people who belong to a service, and keep them from being erased until the commit.

    Accounts are locked before their memberships, as an erasure does.
    """
    open_ones = select(Account.id).where(Account.id.in_(people), Account.closed_at.is_(None)).order_by(Account.id)
    found = db.session.scalars(open_ones.with_for_update(read=True, key_share=True)).all()
    theirs = (
        select(Membership.account_id, Membership.id, changeable(Membership.account_id))
        .where(Membership.service == service, Membership.account_id.in_(found), Membership.ended_at.is_(None))
        .order_by(Membership.account_id)
        .with_for_update(read=True, key_share=True)
    )
    return [Member(person, membership, not free) for person, membership, free in db.session.execute(theirs)]


def country_of(account_id: UUID) -> str | None:
    """Give the country a person told a service they are a member of, the newest where there are several."""
    told = (Membership.account_id == account_id, Membership.ended_at.is_(None), Membership.country.is_not(None))
    return db.session.scalar(select(Membership.country).where(*told).order_by(Membership.id.desc()).limit(1))


def in_use(account_id: UUID) -> bool:
    """Say whether an account is neither closed nor blocked."""
    asked = (Account.id == account_id, Account.closed_at.is_(None), Account.blocked_at.is_(None))
    return db.session.scalar(select(Account.id).where(*asked)) is not None


def owner_of(email: str) -> UUID | None:
    """Give the open account of an address; ask this only for somebody who proved that the mailbox is theirs."""
    return db.session.scalar(
        select(Account.id).where(Account.email_key == canonical_email(email), Account.closed_at.is_(None))
    )
