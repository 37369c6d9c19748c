"""Secrets that connected systems sign with: sealed in their row, and renewed while the one before still counts."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import update

from suite.kernel import clock, db, sealed, system
from suite.kernel.errors import Later
from suite.kernel.secrets import new_signing_secret

OLD_COUNTS: Final = timedelta(hours=24)


def give(row: Any) -> str:
    """Give a row its first secret; it is returned this once."""
    secret = new_signing_secret()
    row.secret = _seal(row, "secret", secret)
    return secret


def renew(row: Any, *, too_soon: type[Later]) -> tuple[str, datetime]:
    """Give a locked row a new secret; until the moment returned the one before counts too, and there is no third."""
    now = clock.now()
    if _old_counts(row):
        raise too_soon(retry_after=int((row.old_secret_until - now).total_seconds()) + 1)
    row.old_secret = _seal(row, "old_secret", _open(row, "secret"))
    row.old_secret_until = now + OLD_COUNTS
    secret = give(row)
    db.session.flush()
    return secret, row.old_secret_until


def forget_old(table: Any, row_id: UUID) -> None:
    """Erase the secret that counts no more, unless it was renewed meanwhile."""
    db.session.execute(
        update(table)
        .where(table.id == row_id, table.old_secret_until <= clock.now())
        .values(old_secret=None, old_secret_until=None)
    )


def counting(row: Any) -> Iterator[str]:
    """Give the secrets of a row that count now, newest first."""
    yield _open(row, "secret")
    if _old_counts(row):
        yield _open(row, "old_secret")


def _old_counts(row: Any) -> bool:
    return row.old_secret_until is not None and row.old_secret_until > clock.now()


def _seal(row: Any, column: str, secret: str) -> bytes:
    return system.current().keys.seal(secret, sealed.context(row.__tablename__, row.id, column))


def _open(row: Any, column: str) -> str:
    return system.current().keys.open(getattr(row, column), sealed.context(row.__tablename__, row.id, column))
