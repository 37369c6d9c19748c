"""Systems of products that may tell us what is configured in them, and the secrets they sign with."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select

from suite.kernel import audit, clock, db, jobs, renewal
from suite.kernel.errors import NotFound
from suite.kernel.ids import new_id
from suite.kernel.paging import Page, page
from suite.licenses.errors import ConnectionEnded, ConnectionSecretJustRenewed, ProductWithoutRights
from suite.licenses.models import ProductConnection
from suite.licenses.products import catalogue


def create(*, product: str, note: str) -> tuple[ProductConnection, str]:
    """Connect a system of a product that configures rights; give it and its secret, which is shown this once."""
    known = catalogue().products.get(product)
    if known is None or not known.rights:
        raise ProductWithoutRights
    made = ProductConnection(id=new_id(), product=product, note=note, made_at=clock.now())
    secret = renewal.give(made)
    db.session.add(made)
    db.session.flush()
    audit.write("product_connection.made", connection=str(made.id), product=product)
    return made, secret


def listed(*, cursor: str | None, limit: int) -> Page:
    """Give the connections, the ended ones too, newest first."""
    return page(select(ProductConnection), ProductConnection.id, cursor=cursor, limit=limit)


def renew_secret(connection_id: UUID) -> tuple[ProductConnection, str]:
    """Give a connection a new secret; the one before counts for a day too, and until then there is no third."""
    from suite.licenses.jobs import forget_old_secret

    found = _one(connection_id)
    if found.ended_at is not None:
        raise ConnectionEnded
    secret, until = renewal.renew(found, too_soon=ConnectionSecretJustRenewed)
    jobs.defer(forget_old_secret, due_at=until, connection_id=connection_id)
    audit.write("product_connection.secret_renewed", connection=str(connection_id))
    return found, secret


def forget_old_secret(connection_id: UUID) -> None:
    """Erase the secret that counts no more, unless it was renewed meanwhile."""
    renewal.forget_old(ProductConnection, connection_id)


def end(connection_id: UUID) -> None:
    """End a connection: its secrets are erased, and what it configured stays until another one says otherwise."""
    found = _one(connection_id)
    if found.ended_at is not None:
        return
    found.ended_at = clock.now()
    found.secret = found.old_secret = found.old_secret_until = None
    db.session.flush()
    audit.write("product_connection.ended", connection=str(connection_id))


def secrets_of(product: str) -> Iterator[tuple[UUID, str]]:
    """Give every secret that counts for a product just now, with its connection."""
    live = select(ProductConnection).where(ProductConnection.product == product, ProductConnection.ended_at.is_(None))
    for one in db.session.scalars(live.order_by(ProductConnection.id.desc())):
        yield from ((one.id, secret) for secret in renewal.counting(one))


def _one(connection_id: UUID) -> ProductConnection:
    found = db.session.scalar(
        select(ProductConnection).where(ProductConnection.id == connection_id).with_for_update(key_share=True)
    )
    if found is None:
        raise NotFound
    return found
