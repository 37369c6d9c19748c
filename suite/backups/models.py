"""What a database remembers about its backups."""

from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Record, Unlimited
from suite.declarations.kinds import Facts, Label
from suite.kernel.db import Base

KEYS, RESTORING = "keys", "restoring"
"""Which key store belongs to this database; from which backup it is being restored."""


class BackupMark(Base):
    """Something about the backups of this database, under its name."""

    __tablename__ = "backup_marks"
    __privacy__ = Record(
        "which key store belongs to this database, and whether a restore of it is finished",
        keep=Unlimited("it is about the database and about nobody"),
    )

    name: Mapped[Label] = mapped_column(primary_key=True)
    facts: Mapped[Facts]
