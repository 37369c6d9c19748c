"""Row numbers: UUIDv7, so that new rows stand together in an index and nobody can guess the next one."""

from datetime import datetime
from uuid import UUID

import uuid_utils
from sqlalchemy import TextClause, text


def new_id() -> UUID:
    """Make a row number."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def first_id(at: datetime) -> UUID:
    """Give the lowest row number that can be made at an instant."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def ids_in_sql(at: datetime, *, sqlite: bool) -> TextClause:
    """Give the SQL that makes a row number of an instant for every row of an INSERT … SELECT (decision 26).

    The first 48 bits are the instant, the other bits are drawn by the database, 74 of them for each row. The instant is
    a value, so that the statement is the same each time and compiled once.
    """
    time = f"{int(at.timestamp() * 1000):012x}"
    if sqlite:  # stored as 32 digits; the variant is one of four
        drawn = "random() & 0xfff, 8 + (random() & 3), random() & 0xfffffffffffffff"
        return text(f"printf(:number_begins, {drawn})").bindparams(number_begins=time + "7%03x%x%015x")
    made = text("CAST(:number_begins || substr(CAST(gen_random_uuid() AS text), 16) AS uuid)")
    return made.bindparams(number_begins=f"{time[:8]}-{time[8:]}-7")
