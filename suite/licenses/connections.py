"""Systems of products that may tell us what is configured in them, and the secrets they sign with."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from suite.kernel import audit, clock, db, jobs, sealed, system
from suite.kernel.errors import NotFound
from suite.kernel.ids import new_id
from suite.kernel.paging import Page, page
from suite.kernel.secrets import new_signing_secret
from suite.licenses.errors import ConnectionEnded, ConnectionSecretJustRenewed, ProductWithoutRights
from suite.licenses.models import ProductConnection
from suite.licenses.products import catalogue

OLD_SECRET_SIGNS = timedelta(hours=24)


def create(*, product: str, note: str) -> tuple[ProductConnection, str]:
    """Connect a system of a product that configures rights; give it and its secret, which is shown this once."""
    known = catalogue().products.get(product)
    if known is None or not known.rights:
        raise ProductWithoutRights
    secret = new_signing_secret()
    made = ProductConnection(id=new_id(), product=product, note=note, made_at=clock.now())
    made.secret = _seal(made.id, "secret", secret)
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

    found, now = _one(connection_id), clock.now()
    if found.ended_at is not None:
        raise ConnectionEnded
    if found.old_secret_until is not None and found.old_secret_until > now:
        raise ConnectionSecretJustRenewed(retry_after=int((found.old_secret_until - now).total_seconds()) + 1)
    secret = new_signing_secret()
    found.old_secret = _seal(connection_id, "old_secret", _open(found, "secret"))
    found.old_secret_until = now + OLD_SECRET_SIGNS
    found.secret = _seal(connection_id, "secret", secret)
    db.session.flush()
    jobs.defer(forget_old_secret, due_at=found.old_secret_until, connection_id=connection_id)
    audit.write("product_connection.secret_renewed", connection=str(connection_id))
    return found, secret


def forget_old_secret(connection_id: UUID) -> None:
    """Erase the secret that counts no more, unless it was renewed meanwhile."""
    db.session.execute(
        update(ProductConnection)
        .where(ProductConnection.id == connection_id, ProductConnection.old_secret_until <= clock.now())
        .values(old_secret=None, old_secret_until=None)
    )


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
        yield one.id, _open(one, "secret")
        if one.old_secret is not None and one.old_secret_until is not None and one.old_secret_until > clock.now():
            yield one.id, _open(one, "old_secret")


def _one(connection_id: UUID) -> ProductConnection:
    found = db.session.scalar(
        select(ProductConnection).where(ProductConnection.id == connection_id).with_for_update(key_share=True)
    )
    if found is None:
        raise NotFound
    return found


def _seal(connection_id: UUID, column: str, secret: str) -> bytes:
    return system.current().keys.seal(secret, sealed.context("product_connections", connection_id, column))


def _open(found: ProductConnection, column: str) -> str:
    cell = sealed.context("product_connections", found.id, column)
    return system.current().keys.open(getattr(found, column), cell)
