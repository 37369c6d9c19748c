"""What happened to a person's data, as the audit trail tells it: acts, times, code words; no names."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import select

from suite.exports.deadlines import read
from suite.kernel import audit
from suite.kernel.models import AuditEntry

_BATCH = 500


def about(person_id: UUID) -> Iterator[dict[str, Any]]:
    """Give the acts about a person, oldest first; `by` says which kind of caller did it."""
    asked = (
        select(AuditEntry.id, AuditEntry.at, AuditEntry.action, AuditEntry.actor_kind, AuditEntry.facts)
        .where(audit.about(person_id))
        .order_by(AuditEntry.id)
        .limit(_BATCH)
    )
    while rows := read(asked):
        for row in rows:
            yield {"at": row["at"], "action": row["action"], "by": row["actor_kind"], "facts": row["facts"]}
        asked = asked.where(AuditEntry.id > rows[-1]["id"])
