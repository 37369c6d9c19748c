"""Issuing licences: by one call, whoever sells. It is the only one that ever gives their codes."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, insert, update

from suite.kernel import audit, clock, db
from suite.kernel.ids import new_id
from suite.licenses import codes, terms
from suite.licenses.errors import NoSuchProduct, NotSoldSo
from suite.licenses.models import License, LicenseBatch
from suite.licenses.products import Policy, catalogue

CHUNK: Final = 1000
"""Licences of one INSERT: more are hardly faster, and memory stays flat."""


@dataclass(frozen=True)
class Issued:
    """A new licence, and its code as people read it: nobody can ask for that again."""

    batch_id: UUID
    license_id: UUID
    code: str = field(repr=False)


def issue(
    product: str,
    policy: str,
    count: int,
    *,
    source: str,
    note: str = "",
    seats: int | None = None,
    begins_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> Iterator[Issued]:
    """Issue licences of one product together, in the present transaction.

    A licence is given only after it stands in the database. Whoever issues more than fits one transaction calls
    `db.settle()` after every so many and hands their codes on only then: whatever breaks, each code that left works.
    `source` is the code word of what sells; without `begins_at` and `expires_at` the policy says how long they run.
    """
    sold = policy_sold(product, policy)
    begins_at, expires_at = _term(sold, begins_at, expires_at)
    batch = LicenseBatch(source=source, note=note, product=product, policy=policy, count=0, issued_at=clock.now())
    db.session.add(batch)
    db.session.flush()
    audit.write("licenses.issued", batch=str(batch.id), product=product, policy=policy, count=count, source=source)
    row = {
        "batch_id": batch.id,
        "product": product,
        "policy": policy,
        "seats": seats or sold.seats,
        "begins_at": begins_at,
        "expires_at": expires_at,
        "version": 1,
    }
    return itertools.chain.from_iterable(_inserted(row, min(CHUNK, count - done)) for done in range(0, count, CHUNK))


def policy_sold(product: str, policy: str) -> Policy:
    """Give the policy under which a product is sold."""
    known = catalogue()
    if product not in known.products:
        raise NoSuchProduct
    if policy not in known.products[product].policies:
        raise NotSoldSo
    return known.policies[policy]


def _term(sold: Policy, begins_at: datetime | None, expires_at: datetime | None) -> tuple[datetime | None, ...]:
    if begins_at is None and (expires_at is not None or sold.starts == "issue"):
        begins_at = clock.now()
    if begins_at is None:
        return None, None
    terms.must_be_near(begins_at)
    if expires_at is None and sold.lasts is not None:
        expires_at = sold.lasts.after(begins_at)
    if expires_at is not None:
        terms.must_be_near(expires_at, after=begins_at)
    return begins_at, expires_at


def _inserted(row: dict[str, Any], count: int) -> list[Issued]:
    made = [(new_id(), codes.new_code()) for _ in range(count)]
    db.session.execute(
        _INSERT,
        [row | {"id": key, "code_hash": codes.hash_of(code), "code_tail": code[-codes.TAIL :]} for key, code in made],
    )
    db.session.execute(_COUNT, {"of": row["batch_id"], "more": count})
    return [Issued(row["batch_id"], key, codes.written(code)) for key, code in made]


_INSERT = insert(cast("Table", License.__table__))
_BATCHES = cast("Table", LicenseBatch.__table__)
_COUNT = (
    update(_BATCHES)
    .where(_BATCHES.c.id == bindparam("of"))
    .values(count=_BATCHES.c.count + bindparam("more", type_=_BATCHES.c.count.type))
)
