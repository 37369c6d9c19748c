"""Limits kept in the database for what guards secrets and costs; they hold over machines and restarts."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import cast

from sqlalchemy import Insert, Table, bindparam, case, delete, or_, update

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
    key, now = _key(allowance, subject), clock.now()
    given = {
        "of": key,
        "cost": cost,
        "now": now,
        "until": now + timedelta(seconds=allowance.seconds),
        "least": allowance.times - cost,
    }
    if db.session.execute(_take(system.current().database), given).first() is None:
        row = db.session.get(Limit, key)
        wait = (row.ends_at - now).total_seconds() if row else allowance.seconds
        raise allowance.refusal(retry_after=int(wait) + 1)


def room(allowance: Allowance, subject: str) -> bool:
    """Count one use if the allowance has room for it, and say whether it had."""
    try:
        take(allowance, subject)
    except Later:
        return False
    return True


def used_up(allowance: Allowance, subject: str) -> bool:
    """Say whether an allowance has no room, without counting anything."""
    row = db.session.get(Limit, _key(allowance, subject), populate_existing=True)
    return row is not None and row.used >= allowance.times and row.ends_at > clock.now()


def give_back(allowance: Allowance, subject: str) -> None:
    """Forget the uses: the right password was given."""
    db.session.execute(_GIVE_BACK, {"of": _key(allowance, subject)})


def refund(allowance: Allowance, subject: str) -> None:
    """Take back one use: it was no wrong one after all; the others stay counted."""
    key = _key(allowance, subject)
    db.session.execute(update(_TABLE).where(_TABLE.c.key == key, _TABLE.c.used > 0).values(used=_TABLE.c.used - 1))


_TABLE = cast("Table", Limit.__table__)
_GIVE_BACK = delete(_TABLE).where(_TABLE.c.key == bindparam("of"))


@cache
def _take(database: db.Database) -> Insert:
    """Make the statement of `take` once: making it takes longer than sending it."""
    cost = bindparam("cost", type_=_TABLE.c.used.type)
    until = bindparam("until", type_=_TABLE.c.ends_at.type)
    over = _TABLE.c.ends_at <= bindparam("now", type_=_TABLE.c.ends_at.type)
    return (
        database.insert(_TABLE)
        .values(key=bindparam("of", type_=_TABLE.c.key.type), used=cost, ends_at=until)
        .on_conflict_do_update(
            index_elements=[_TABLE.c.key],
            set_={
                "used": case((over, cost), else_=_TABLE.c.used + cost),
                "ends_at": case((over, until), else_=_TABLE.c.ends_at),
            },
            where=or_(over, _TABLE.c.used <= bindparam("least", type_=_TABLE.c.used.type)),
        )
        .returning(_TABLE.c.used)
    )


def _key(allowance: Allowance, subject: str) -> str:
    return system.current().keys.keyed_hash(f"{allowance.name}\0{subject}", "limit")
