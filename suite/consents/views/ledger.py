"""The ledger of the signed-in person: every choice ever made, and its receipt."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.consents import receipts
from suite.consents.schemas import ConsentHistoryOut, ConsentReceiptOut
from suite.kernel.access import Permission, allow, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor, NotFound
from suite.kernel.paging import PageQuery
from suite.privacy import history

blp = Blueprint(
    "consents",
    __name__,
    url_prefix="/api/v1/me/consents",
    description="Every choice you made about your data, with a receipt for each.",
)


@blp.route("/history")
class History(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, ConsentHistoryOut)
    @blp.refuses(InvalidCursor)
    @blp.called("listConsentHistory")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List every choice you made

        Newest first. An entry is never changed: a withdrawal is another one.
        """
        found = history(person_id(), **query)
        return {"entries": found.rows, "next_cursor": found.next_cursor}


@blp.route("/receipts/<uuid:entry_id>")
class Receipt(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.response(200, ConsentReceiptOut)
    @blp.refuses(NotFound)
    @blp.called("getConsentReceipt")
    def get(self, entry_id: UUID) -> dict[str, Any]:
        """Get the receipt of one choice

        With the fields of ISO/IEC TS 27560, read from the declarations as they are now; text version, text hash and
        notice version say what was shown then.
        """
        return receipts.receipt(person_id(), entry_id)
