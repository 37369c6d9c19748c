"""Row numbers: UUIDv7, so that new rows stand together in an index and nobody can guess the next one."""

from datetime import datetime
from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """Make a row number."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def first_id(at: datetime) -> UUID:
    """Give the lowest row number that can be made at an instant."""
    return UUID(int=int(at.timestamp() * 1000) << 80)
