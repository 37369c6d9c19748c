"""Licences, who holds them, where they are in use, and the keys that sign licence files."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Event, Keep, Period, Record, Unlimited, WithParent
from suite.declarations.kinds import (
    AccessRights,
    CodeHash,
    Counter,
    DeviceName,
    Digest,
    Flag,
    Label,
    LicenseNumber,
    Moment,
    Note,
    PersonId,
    Pseudonym,
    PublicKey,
    RowId,
    SealedKey,
)
from suite.declarations.kinds import Membership as MembershipKind
from suite.kernel.db import Base
from suite.kernel.ids import new_id

holding_ended = Event("holding_ended", "the licence was removed")
activation_ended = Event("activation_ended", "the device was released")
product_said = Event("product_said", "the product told us")


def _only(condition: str) -> dict[str, Any]:
    """Give the options of an index over some of the rows."""
    return {f"{database}_where": text(condition) for database in ("postgresql", "sqlite")}


class LicenseBatch(Base):
    """Licences issued together, by one call."""

    __tablename__ = "license_batches"
    __privacy__ = Record("which licences were issued together", keep=Unlimited("licences are counted by their batch"))

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    note: Mapped[Note]
    source: Mapped[Label]
    product: Mapped[Label]
    policy: Mapped[Label]
    count: Mapped[Counter]
    issued_at: Mapped[Moment]


class License(Base):
    """A licence as the vendor issued it. It is about nobody: who holds it stands in `license_holdings`.

    Its code is stored only as a keyed hash, with its last characters for display. `begins_at` and `expires_at` are
    empty before its term begins; `expires_at` stays empty for a licence without an end. Every list of licences walks
    one of the indexes, product by product: `suite.licenses.listing` says which. From `rights_said_at` on only those
    may manage and use it whom its product lets.
    """

    __tablename__ = "licenses"
    __privacy__ = Record(
        "licences as they were issued", keep=Unlimited("a licence is about nobody until somebody adds it")
    )
    __table_args__ = (
        UniqueConstraint("code_hash"),
        Index("ix_licenses_batch_id", "batch_id", "id"),
        Index("ix_licenses_product_id", "product", "id"),
        Index("ix_licenses_voided", "product", "id", **_only("voided_at IS NOT NULL")),
        Index("ix_licenses_unused", "product", "id", **_only("begins_at IS NULL AND voided_at IS NULL")),
        Index("ix_licenses_expires_at", "product", "expires_at", "id", **_only("expires_at IS NOT NULL")),
        Index(
            "ix_licenses_endless",
            "product",
            "id",
            **_only("begins_at IS NOT NULL AND expires_at IS NULL AND voided_at IS NULL"),
        ),
        CheckConstraint("seats >= 1", name="seats"),
        CheckConstraint("expires_at IS NULL OR begins_at IS NOT NULL", name="begun"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[RowId] = mapped_column(ForeignKey("license_batches.id"))
    product: Mapped[Label]
    policy: Mapped[Label]
    code_hash: Mapped[CodeHash]
    code_tail: Mapped[Label]
    seats: Mapped[Counter]
    begins_at: Mapped[Moment | None]
    expires_at: Mapped[Moment | None]
    voided_at: Mapped[Moment | None]
    void_reason: Mapped[Label | None]
    rights_said_at: Mapped[Moment | None]
    version: Mapped[Counter] = mapped_column(default=1)


class LicenseHolding(Base):
    """Who has a licence: a member of a service, or a company; a licence has one holder at most.

    `expires_at` repeats that of the licence, so that reminders and deadlines of people are found without joining ten
    million rows; `suite.licenses.terms` is the only writer of both. `renews` says that the person wants it
    renewed at its end by whoever sells it. A holding that ended says since when it gives no licence any more, and stays
    longer than the six months after which a service ends with its last licence (O365-37). Company holdings hold
    nothing about a person.
    """

    __tablename__ = "license_holdings"
    __privacy__ = Record(
        "licences you added",
        keep=(WithParent("membership_id"), Keep(holding_ended, Period(months=7))),
        subject="person_id",
        purposes=("provide_service", "license_notices", "license_reminders"),
    )
    __table_args__ = (
        Index(
            "uq_license_holdings_license_id",
            "license_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        Index("ix_license_holdings_person_id", "person_id", "id"),
        Index("ix_license_holdings_membership_id", "membership_id"),
        Index("ix_license_holdings_company_id", "company_id", "id"),
        Index("ix_license_holdings_expires_at", "service", "expires_at"),
        Index("ix_license_holdings_license", "license_id"),
        Index(
            "ix_license_holdings_ended_at",
            "ended_at",
            postgresql_where=text("ended_at IS NOT NULL"),
            sqlite_where=text("ended_at IS NOT NULL"),
        ),
        CheckConstraint(
            "(person_id IS NULL) = (membership_id IS NULL) AND (person_id IS NULL) <> (company_id IS NULL)",
            name="one_holder",
        ),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    license_id: Mapped[RowId] = mapped_column(ForeignKey("licenses.id", ondelete="CASCADE"))
    person_id: Mapped[PersonId | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    membership_id: Mapped[RowId | None] = mapped_column(ForeignKey("memberships.id", ondelete="CASCADE"))
    company_id: Mapped[RowId | None] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    service: Mapped[MembershipKind]
    number: Mapped[LicenseNumber]
    source: Mapped[Label]
    added_at: Mapped[Moment]
    expires_at: Mapped[Moment | None]
    renews: Mapped[Flag] = mapped_column(default=False)
    ended_at: Mapped[Moment | None]


class Activation(Base):
    """A licence in use on a device; a device is known by a keyed hash of what the product calls it.

    A licence in use takes one of its seats: no two live activations of a licence share a seat or a device.
    """

    __tablename__ = "license_activations"
    __privacy__ = Record(
        "devices your licences are or were used on",
        keep=(WithParent("holding_id"), WithParent("license_id"), Keep(activation_ended, Period(months=6))),
        subject="person_id",
        purposes=("provide_service",),
    )
    __table_args__ = (
        Index(
            "uq_license_activations_device",
            "license_id",
            "device_hash",
            unique=True,
            postgresql_where=text("released_at IS NULL"),
            sqlite_where=text("released_at IS NULL"),
        ),
        Index(
            "uq_license_activations_seat",
            "license_id",
            "seat",
            unique=True,
            postgresql_where=text("released_at IS NULL"),
            sqlite_where=text("released_at IS NULL"),
        ),
        Index("ix_license_activations_license_id", "license_id", "id"),
        Index("ix_license_activations_person_id", "person_id"),
        Index("ix_license_activations_holding_id", "holding_id"),
        Index(
            "ix_license_activations_released_at",
            "released_at",
            postgresql_where=text("released_at IS NOT NULL"),
            sqlite_where=text("released_at IS NOT NULL"),
        ),
        CheckConstraint("seat >= 1", name="seat"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    license_id: Mapped[RowId] = mapped_column(ForeignKey("licenses.id", ondelete="CASCADE"))
    holding_id: Mapped[RowId | None] = mapped_column(ForeignKey("license_holdings.id", ondelete="CASCADE"))
    person_id: Mapped[PersonId | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    device_hash: Mapped[Pseudonym]
    device_name: Mapped[DeviceName | None]
    seat: Mapped[Counter]
    activated_at: Mapped[Moment]
    released_at: Mapped[Moment | None]
    released_by: Mapped[Label | None]


class LicenseRight(Base):
    """What somebody may do with a licence, as configured in the product itself (BUS-23, BUS-24)."""

    __tablename__ = "license_rights"
    __privacy__ = Record(
        "what you may do with licences, as configured in the products",
        keep=(WithParent("membership_id"), WithParent("license_id")),
        subject="person_id",
        purposes=("provide_service",),
    )
    __table_args__ = (
        UniqueConstraint("license_id", "person_id", "instance"),
        Index("ix_license_rights_person_id", "person_id"),
        Index("ix_license_rights_membership_id", "membership_id"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    license_id: Mapped[RowId] = mapped_column(ForeignKey("licenses.id", ondelete="CASCADE"))
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    membership_id: Mapped[RowId] = mapped_column(ForeignKey("memberships.id", ondelete="CASCADE"))
    instance: Mapped[Label] = mapped_column(default="")
    rights: Mapped[AccessRights]
    said_at: Mapped[Moment]


class ProductConnection(Base):
    """A system of a product that may tell us what is configured in it; while it has a secret, it signs with that."""

    __tablename__ = "product_connections"
    __privacy__ = Record("products that tell us their access rights", keep=Unlimited("a connection is about nobody"))
    __table_args__ = (Index("ix_product_connections_product", "product", "id"),)

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    product: Mapped[Label]
    note: Mapped[Note]
    secret: Mapped[SealedKey | None]
    old_secret: Mapped[SealedKey | None]
    old_secret_until: Mapped[Moment | None]
    made_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]


class ProductEvent(Base):
    """That a product told us something, so that it is taken once and nothing older than it is believed later."""

    __tablename__ = "product_events"
    __privacy__ = Record(
        "what products told us, without a word about whom",
        keep=(Keep(product_said, Period(days=7)), WithParent("license_id"), WithParent("connection_id")),
    )
    __table_args__ = (
        UniqueConstraint("connection_id", "digest"),
        Index("ix_product_events_license_id", "license_id", "instance"),
        Index("ix_product_events_heard_at", "heard_at"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    connection_id: Mapped[RowId] = mapped_column(ForeignKey("product_connections.id", ondelete="CASCADE"))
    digest: Mapped[Digest]
    kind: Mapped[Label]
    license_id: Mapped[RowId | None] = mapped_column(ForeignKey("licenses.id", ondelete="CASCADE"))
    instance: Mapped[Label]
    said_at: Mapped[Moment]
    heard_at: Mapped[Moment]


class LicenseKey(Base):
    """A key pair that signs licence files: the one of the highest `serial` signs, all that are not retired verify.

    `retired_at` lies ahead when a newer key took over: until then what this one signed still counts. Its private half
    is destroyed at that moment.
    """

    __tablename__ = "license_keys"
    __privacy__ = Record("keys that sign licence files", keep=Unlimited("a signature must stay verifiable"))
    __table_args__ = (UniqueConstraint("serial"),)

    id: Mapped[Label] = mapped_column(primary_key=True)
    serial: Mapped[Counter]
    public_key: Mapped[PublicKey]
    private_key: Mapped[SealedKey | None]
    made_at: Mapped[Moment]
    retired_at: Mapped[Moment | None]
