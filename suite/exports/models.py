"""Copies of a person's data, on their way and ready to be fetched."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Event, Keep, Period, Record, WithParent
from suite.declarations.kinds import (
    Counter,
    Credential,
    Digest,
    FileKey,
    Label,
    Language,
    Moment,
    PersonId,
    RowId,
    ThirdParty,
)
from suite.kernel.db import Base
from suite.kernel.ids import new_id

export_made = Event("export_made", "the copy was made")

STAYS = Period(hours=24)
MAKING, MADE, FAILED = "making", "ready", "failed"
STATES = (MAKING, MADE, FAILED)


class Export(Base):
    """A copy of everything held about a person; one is made at a time.

    `file` is written down before the first byte is stored, so that no file is ever without a row. `made_at` is the
    time of asking until the copy is ready.
    """

    __tablename__ = "exports"
    __privacy__ = Record(
        "copies of your data that you asked for",
        keep=(Keep(export_made, STAYS), WithParent("person_id")),
        subject="person_id",
        purposes=("legal_obligation",),
    )
    __table_args__ = (
        UniqueConstraint("link_hash"),
        Index("ix_exports_person_id", "person_id", "id"),
        Index("ix_exports_made_at", "made_at"),
        Index(
            "uq_exports_making",
            "person_id",
            unique=True,
            postgresql_where=text("state = 'making'"),
            sqlite_where=text("state = 'making'"),
        ),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    request_id: Mapped[RowId | None]
    recipient: Mapped[ThirdParty | None]
    language: Mapped[Language]
    state: Mapped[Label] = mapped_column(default=MAKING)
    done: Mapped[Counter] = mapped_column(default=0)
    of: Mapped[Counter] = mapped_column(default=0)
    file: Mapped[FileKey | None]
    size: Mapped[Counter | None]
    sha256: Mapped[Digest | None]
    link_hash: Mapped[Credential | None]
    asked_at: Mapped[Moment]
    made_at: Mapped[Moment]
