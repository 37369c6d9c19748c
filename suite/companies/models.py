"""Companies, who belongs to them, who is invited, which domains they own, which contracts they have."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Event, Keep, Period, Record, WithParent
from suite.declarations.kinds import (
    AccessRight,
    Counter,
    Credential,
    Domain,
    Email,
    EmailKey,
    Flag,
    Label,
    Language,
    Moment,
    Note,
    OrganisationName,
    OtherEmail,
    PersonId,
    Pseudonym,
    Purchase,
    RowId,
)
from suite.kernel.db import Base
from suite.kernel.ids import new_id

ADMINISTRATOR, EMPLOYEE = "administrator", "employee"
INVITATION_LIVES = Period(hours=48)

company_ended = Event("company_ended", "the last member left the company")
company_invited = Event("company_invited", "you were invited to a company")
contract_ended = Event("contract_ended", "the contract ended")


class Company(Base):
    """A company. It is about nobody: people belong to it through `company_members`."""

    __tablename__ = "companies"
    __privacy__ = Record("companies that use the products together", keep=Keep(company_ended, Period(months=1)))
    __table_args__ = (
        Index(
            "ix_companies_ended_at",
            "ended_at",
            postgresql_where=text("ended_at IS NOT NULL"),
            sqlite_where=text("ended_at IS NOT NULL"),
        ),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[OrganisationName]
    country: Mapped[Label]
    requests_shared: Mapped[Flag] = mapped_column(default=False)
    founded_at: Mapped[Moment]
    blocked_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    version: Mapped[Counter] = mapped_column(default=1)


class CompanyMember(Base):
    """Somebody who belongs to a company, or asks to (`joined_at` is empty then): one company a person."""

    __tablename__ = "company_members"
    __privacy__ = Record(
        "the company you belong to and your role in it",
        keep=WithParent("membership_id"),
        subject="person_id",
        purposes=("provide_service",),
    )
    __table_args__ = (
        UniqueConstraint("membership_id"),
        Index("ix_company_members_company_id", "company_id", "id"),
        Index("ix_company_members_person_id", "person_id"),
        CheckConstraint("role IN ('administrator', 'employee')", name="role"),
        CheckConstraint("role = 'employee' OR joined_at IS NOT NULL", name="inside"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    company_id: Mapped[RowId] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    membership_id: Mapped[RowId] = mapped_column(ForeignKey("memberships.id", ondelete="CASCADE"))
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    role: Mapped[AccessRight] = mapped_column(default=EMPLOYEE)
    asked_at: Mapped[Moment]
    joined_at: Mapped[Moment | None]
    version: Mapped[Counter] = mapped_column(default=1)


class CompanyInvitation(Base):
    """An invitation into a company, bound to one address; a person of its own, who goes with it."""

    __tablename__ = "company_invitations"
    __privacy__ = Record(
        "an invitation to a company that you have not accepted yet",
        keep=Keep(company_invited, INVITATION_LIVES),
        subject="id",
        purposes=("provide_service",),
        ends_person=True,
    )
    __table_args__ = (
        UniqueConstraint("company_id", "email_key"),
        UniqueConstraint("token_hash"),
        Index("ix_company_invitations_invited_at", "invited_at"),
    )

    id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    company_id: Mapped[RowId] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    address: Mapped[Email]
    email_key: Mapped[EmailKey]
    language: Mapped[Language]
    token_hash: Mapped[Credential]
    invited_at: Mapped[Moment]


class CompanyDomain(Base):
    """An e-mail domain of a company; verified by a code to one of the mailboxes that run a domain (RFC 2142)."""

    __tablename__ = "company_domains"
    __privacy__ = Record("e-mail domains of companies", keep=WithParent("company_id"))
    __table_args__ = (
        UniqueConstraint("company_id", "domain"),
        Index(
            "uq_company_domains_domain",
            "domain",
            unique=True,
            postgresql_where=text("verified_at IS NOT NULL"),
            sqlite_where=text("verified_at IS NOT NULL"),
        ),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    company_id: Mapped[RowId] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    domain: Mapped[Domain]
    code_hash: Mapped[Pseudonym | None]
    tries: Mapped[Counter] = mapped_column(default=0)
    asked_at: Mapped[Moment]
    verified_at: Mapped[Moment | None]


class MemberAddress(Base):
    """A further e-mail address somebody added in a company; used only once it is verified."""

    __tablename__ = "member_addresses"
    __privacy__ = Record(
        "additional e-mail addresses you added",
        keep=WithParent("member_id"),
        subject="person_id",
        purposes=("provide_service", "technical_support"),
    )
    __table_args__ = (UniqueConstraint("member_id", "address_key"), Index("ix_member_addresses_person_id", "person_id"))

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    member_id: Mapped[RowId] = mapped_column(ForeignKey("company_members.id", ondelete="CASCADE"))
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    address: Mapped[OtherEmail]
    address_key: Mapped[OtherEmail]
    code_hash: Mapped[Credential | None]
    tries: Mapped[Counter] = mapped_column(default=0)
    asked_at: Mapped[Moment]
    verified_at: Mapped[Moment | None]


class Contract(Base):
    """A contract about paid support, as recorded when it was bought."""

    __tablename__ = "contracts"
    __privacy__ = Record("contracts of companies about support services", keep=Keep(contract_ended, Period(months=12)))
    __table_args__ = (
        UniqueConstraint("number"),
        Index("ix_contracts_company_id", "company_id"),
        Index("ix_contracts_ends_at", "ends_at"),
        CheckConstraint("ends_at >= begins_at", name="period"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    company_id: Mapped[RowId] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    number: Mapped[Label]
    title: Mapped[Note]
    begins_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    recorded_at: Mapped[Moment]
    version: Mapped[Counter] = mapped_column(default=1)


class ContractPerson(Base):
    """Somebody designated at the purchase as authorised to use what a contract is about."""

    __tablename__ = "contract_people"
    __privacy__ = Record(
        "contracts you are authorised to use",
        keep=(WithParent("contract_id"), WithParent("member_id")),
        subject="person_id",
        purposes=("provide_service", "technical_support"),
    )
    __table_args__ = (
        UniqueConstraint("contract_id", "member_id"),
        Index("ix_contract_people_person_id", "person_id"),
        Index("ix_contract_people_member_id", "member_id"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    contract_id: Mapped[RowId] = mapped_column(ForeignKey("contracts.id", ondelete="CASCADE"))
    member_id: Mapped[RowId] = mapped_column(ForeignKey("company_members.id", ondelete="CASCADE"))
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    number: Mapped[Purchase]
