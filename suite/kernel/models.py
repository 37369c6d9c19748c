"""Tables of the kernel: jobs, limits, idempotency keys, the audit trail."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Event, Keep, Period, Record, Unlimited
from suite.declarations.kinds import (
    Counter,
    Digest,
    Facts,
    Label,
    Moment,
    PersonId,
    Pseudonym,
    RowId,
    SealedAnswer,
)
from suite.kernel.db import Base
from suite.kernel.ids import new_id

entry_written = Event("audit_entry_written", "the entry was written")
window_over = Event("limit_window_over", "the counting window is over")
answer_stored = Event("idempotency_key_used", "the key was first used")
tick_fired = Event("periodic_job_started", "the periodic job was started")


class Job(Base):
    """Work to do after a commit; deleted on success, kept as a dead letter when given up."""

    __tablename__ = "jobs"
    __privacy__ = Record(
        "background work by row numbers only",
        keep=Unlimited("a job is deleted when it is done; dead ones wait for the operator"),
    )
    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        Index(
            "ix_jobs_due",
            "lane",
            "due_at",
            postgresql_where=text("dead_at IS NULL"),
            sqlite_where=text("dead_at IS NULL"),
        ),
        Index(
            "ix_jobs_dead",
            "dead_at",
            postgresql_where=text("dead_at IS NOT NULL"),
            sqlite_where=text("dead_at IS NOT NULL"),
        ),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[Label]
    lane: Mapped[Counter]
    args: Mapped[Facts]
    due_at: Mapped[Moment]
    attempts: Mapped[Counter] = mapped_column(default=0)
    owner: Mapped[Label | None]
    dead_at: Mapped[Moment | None]
    problem: Mapped[Label | None]
    dedupe_key: Mapped[Label | None]
    created_at: Mapped[Moment]


class JobTick(Base):
    """One firing of a periodic job; the primary key lets only one machine fire it."""

    __tablename__ = "job_ticks"
    __privacy__ = Record("when periodic jobs ran", keep=Keep(tick_fired, Period(days=2)))

    name: Mapped[Label] = mapped_column(primary_key=True)
    tick: Mapped[Moment] = mapped_column(primary_key=True)


class Limit(Base):
    """A counter that guards a secret or a cost; the key is a keyed hash."""

    __tablename__ = "limits"
    __privacy__ = Record("counters against guessing and flooding", keep=Keep(window_over, Period(hours=1)))
    __table_args__ = (Index("ix_limits_ends_at", "ends_at"),)

    key: Mapped[Pseudonym] = mapped_column(primary_key=True)
    used: Mapped[Counter]
    ends_at: Mapped[Moment]


class IdempotencyKey(Base):
    """A request that was answered once and is answered the same again."""

    __tablename__ = "idempotency_keys"
    __privacy__ = Record(
        "answers to requests that carried an Idempotency-Key, encrypted",
        keep=Keep(answer_stored, Period(hours=24)),
        subject="person_id",
        purposes=("provide_service",),
    )
    __table_args__ = (
        Index("ix_idempotency_keys_created_at", "created_at"),
        Index("ix_idempotency_keys_person_id", "person_id"),
    )

    key: Mapped[Pseudonym] = mapped_column(primary_key=True)
    person_id: Mapped[PersonId | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    fingerprint: Mapped[Pseudonym]
    status: Mapped[Counter | None]
    answer: Mapped[SealedAnswer | None]
    busy_until: Mapped[Moment]
    created_at: Mapped[Moment]


class AuditEntry(Base):
    """Who did what to whom, with no personal data; sealed into a hash chain afterwards."""

    __tablename__ = "audit_entries"
    __privacy__ = Record("what was done by whom, under keyed hashes", keep=Keep(entry_written, Period(months=12)))
    __table_args__ = (
        UniqueConstraint("sequence"),
        Index("ix_audit_entries_at", "at"),
        Index("ix_audit_entries_subject", "subject", "at"),
        Index(
            "ix_audit_entries_unsealed",
            "id",
            postgresql_where=text("sequence IS NULL"),
            sqlite_where=text("sequence IS NULL"),
        ),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[Moment]
    action: Mapped[Label]
    actor_kind: Mapped[Label]
    actor: Mapped[Pseudonym | None]
    subject: Mapped[Pseudonym | None]
    request: Mapped[Label | None]
    facts: Mapped[Facts]
    sequence: Mapped[Counter | None]
    seal: Mapped[Digest | None]
