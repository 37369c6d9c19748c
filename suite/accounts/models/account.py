"""Accounts, memberships in services, registrations waiting for proof."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import ByService, Event, Keep, Period, Record, WithParent, WithService
from suite.declarations.kinds import (
    AccessTime,
    Choices,
    City,
    CompanyName,
    Counter,
    Country,
    Credential,
    Email,
    EmailKey,
    FirstName,
    FullName,
    Label,
    Language,
    LastName,
    Moment,
    PasswordHash,
    PersonId,
    PostalCode,
    Preferences,
    RowId,
    SealedFields,
    SealedPhone,
    SecurityAnswer,
    SecurityQuestion,
    Street,
    UserName,
)
from suite.declarations.kinds import (
    Membership as MembershipKind,
)
from suite.kernel import clock
from suite.kernel.db import Base
from suite.kernel.ids import new_id

account_closed = Event("account_closed", "the account was closed")
account_used = Event("account_used", "you last used your account")
membership_ended = Event("membership_ended", "you left the service")
registration_started = Event("registration_started", "the registration was started")

REGISTRATION_LIVES = Period(hours=24)


class Profile:
    """What services ask about a person; every column is optional, the service says what it needs."""

    user_name: Mapped[UserName | None]
    first_name: Mapped[FirstName | None]
    last_name: Mapped[LastName | None]
    full_name: Mapped[FullName | None]
    company_name: Mapped[CompanyName | None]
    country: Mapped[Country | None]
    street: Mapped[Street | None]
    city: Mapped[City | None]
    postal_code: Mapped[PostalCode | None]


class Account(Base):
    """A person who proved an address; the row is the person's only sign-in."""

    __tablename__ = "accounts"
    __privacy__ = Record(
        "your account",
        keep=(
            ByService(account_closed, through="memberships.service", left="ended_at"),
            WithService(account_used, through="memberships.service", left="ended_at"),
        ),
        subject="id",
        purposes=("provide_service", "sign_in"),
        ends_person=True,
    )
    __table_args__ = (
        Index(
            "uq_accounts_email_key",
            "email_key",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_accounts_closed_at",
            "closed_at",
            postgresql_where=text("closed_at IS NOT NULL"),
            sqlite_where=text("closed_at IS NOT NULL"),
        ),
        Index("ix_accounts_seen_at", "seen_at"),
    )

    id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[Email]
    email_key: Mapped[EmailKey]
    password_hash: Mapped[PasswordHash]
    language: Mapped[Language]
    preferences: Mapped[Preferences] = mapped_column(default=dict)
    created_at: Mapped[Moment]
    seen_at: Mapped[AccessTime] = mapped_column(default=clock.now)
    closed_at: Mapped[Moment | None]
    blocked_at: Mapped[Moment | None]
    block_reason: Mapped[Label | None]
    frozen_until: Mapped[Moment | None]
    version: Mapped[Counter] = mapped_column(default=1)


class Membership(Profile, Base):
    """A service a person joined, with what that service asked; it follows the service's numbers."""

    __tablename__ = "memberships"
    __privacy__ = Record(
        "the services you joined and what you told them",
        keep=(ByService(membership_ended), WithService(account_used), WithParent("account_id")),
        subject="account_id",
        purposes=("provide_service",),
    )
    __table_args__ = (
        Index(
            "uq_memberships_account_id_service",
            "account_id",
            "service",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_memberships_ended",
            "service",
            "ended_at",
            postgresql_where=text("ended_at IS NOT NULL"),
            sqlite_where=text("ended_at IS NOT NULL"),
        ),
        Index("ix_memberships_account_id", "account_id"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[PersonId] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    service: Mapped[MembershipKind]
    joined_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    idle_told_at: Mapped[Moment | None]
    version: Mapped[Counter] = mapped_column(default=1)


class Registration(Profile, Base):
    """A registration whose address is not proven yet; it becomes an account or goes within a day."""

    __tablename__ = "registrations"
    __privacy__ = Record(
        "a registration you have not confirmed yet",
        keep=Keep(registration_started, REGISTRATION_LIVES),
        subject="id",
        purposes=("provide_service",),
        ends_person=True,
    )
    __table_args__ = (
        UniqueConstraint("link_hash"),
        Index("ix_registrations_started_at", "started_at"),
    )

    id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    service: Mapped[MembershipKind]
    address: Mapped[Email]
    email_key: Mapped[EmailKey]
    password_hash: Mapped[PasswordHash]
    language: Mapped[Language]
    choices: Mapped[Choices]
    phone: Mapped[SealedPhone | None]
    security_question: Mapped[SecurityQuestion | None]
    security_answer: Mapped[SecurityAnswer | None]
    kept: Mapped[SealedFields | None]
    code_hash: Mapped[Credential | None]
    link_hash: Mapped[Credential | None]
    tries: Mapped[Counter] = mapped_column(default=0)
    sends: Mapped[Counter] = mapped_column(default=1)
    started_at: Mapped[Moment]
    asked_at: Mapped[Moment]


PROFILE_FIELDS = tuple(Profile.__annotations__)


def profile_of(row: Membership | Registration) -> dict[str, str]:
    """Give the profile fields of a row that hold something."""
    return {name: value for name in PROFILE_FIELDS if (value := getattr(row, name)) is not None}
