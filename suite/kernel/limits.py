"""Limits kept in the database for what guards secrets and costs; they hold over machines and restarts."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import case, delete, or_
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from suite.kernel import clock, db, system
from suite.kernel.errors import Later, TooManyAttempts
from suite.kernel.models import Limit


@dataclass(frozen=True)
class Allowance:
    """At most `times` within `seconds` for one `subject`; the window begins with the first use."""

    name: str
    times: int
    seconds: int
    refusal: type[Later] = TooManyAttempts


def take(allowance: Allowance, subject: str, *, cost: int = 1) -> None:
    """Count one use before it is judged; refuse when the allowance is used up.

    One statement: of many at once exactly `times` get through, on both databases.
    """
    now = clock.now()
    ends_at = now + timedelta(seconds=allowance.seconds)
    insert = sqlite_insert if system.current().database.sqlite else postgresql_insert
    fresh = Limit.ends_at <= now
    statement = (
        insert(Limit)
        .values(key=_key(allowance, subject), used=cost, ends_at=ends_at)
        .on_conflict_do_update(
            index_elements=[Limit.key],
            set_={
                "used": case((fresh, cost), else_=Limit.used + cost),
                "ends_at": case((fresh, ends_at), else_=Limit.ends_at),
            },
            where=or_(fresh, Limit.used + cost <= allowance.times),
        )
        .returning(Limit.used)
    )
    if db.session.execute(statement).first() is None:
        row = db.session.get(Limit, _key(allowance, subject))
        wait = (row.ends_at - now).total_seconds() if row else allowance.seconds
        raise allowance.refusal(retry_after=int(wait) + 1)


def give_back(allowance: Allowance, subject: str) -> None:
    """Forget the uses: the right password was given."""
    db.session.execute(delete(Limit).where(Limit.key == _key(allowance, subject)))


def _key(allowance: Allowance, subject: str) -> str:
    return system.current().keys.keyed_hash(f"{allowance.name}\0{subject}", "limit")
