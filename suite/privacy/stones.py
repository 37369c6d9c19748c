"""A tombstone as it travels: in the journal, in the chain, into a restored database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Stone:
    """What is left of an erasure or a choice; `subject` is a keyed hash, `facts` are codes, counts and times."""

    id: UUID
    kind: str
    subject: str
    facts: dict[str, Any]
    at: datetime
