"""Handing a copy to a third party: by a link the person makes and passes on, good for one download."""

from uuid import UUID

from sqlalchemy import update

from suite.exports import asking
from suite.exports.errors import LinkUsed
from suite.exports.models import MADE, Export
from suite.kernel import audit, db, secrets


def link(person_id: UUID, export_id: UUID) -> tuple[Export, str]:
    """Make the link to a copy; an earlier one stops working. The token is shown this once."""
    export, token = asking.ready(person_id, export_id), secrets.new_token()
    export.link_hash = secrets.token_hash(token)
    db.session.flush()
    audit.write("export.link_made", subject=person_id)
    return export, token


def redeem(token: str) -> Export:
    """Give the copy a link leads to; of many at once exactly one gets it."""
    export: Export | None = db.session.scalar(
        update(Export)
        .where(Export.link_hash == secrets.token_hash(token), Export.state == MADE)
        .values(link_hash=None)
        .returning(Export)
    )
    if export is None or asking.over(export):
        raise LinkUsed
    audit.write("export.handed_over", subject=export.person_id)
    return export
