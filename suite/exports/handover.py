"""Handing a copy to a third party: by a link the person makes and passes on, good for one download."""

from uuid import UUID

from sqlalchemy import update

from suite.accounts import in_use
from suite.exports import asking
from suite.exports.errors import LinkUsed
from suite.exports.models import MADE, Export
from suite.kernel import audit, db, secrets
from suite.privacy import Handover, note_disclosure

TO_WHOM_YOU_CHOSE = Handover("chosen_by_you", "legal_obligation", ("user",))


def link(person_id: UUID, export_id: UUID) -> tuple[Export, str]:
    """Make the link to a copy; an earlier one stops working. The token is shown this once."""
    export, token = asking.ready(person_id, export_id), secrets.new_token()
    export.link_hash = secrets.token_hash(token)
    db.session.flush()
    audit.write("export.link_made", subject=person_id)
    return export, token


def redeem(token: str) -> Export:
    """Give the copy a link leads to; of many at once exactly one gets it.

    Whoever broke into an account and made a link has nothing of it once the account is blocked or closed.
    """
    export: Export | None = db.session.scalar(
        update(Export)
        .where(Export.link_hash == secrets.token_hash(token), Export.state == MADE)
        .values(link_hash=None)
        .returning(Export)
    )
    if export is None or asking.over(export) or not in_use(export.person_id):
        raise LinkUsed
    note_disclosure(TO_WHOM_YOU_CHOSE, person_id=export.person_id)
    audit.write("export.handed_over", subject=export.person_id)
    return export
