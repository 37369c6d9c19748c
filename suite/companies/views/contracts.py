"""Contracts of the company the signed-in person works for."""

from typing import Any

from flask.views import MethodView

from suite.companies import contracts
from suite.companies.errors import CompanyBlocked
from suite.companies.schemas import contracts as s
from suite.kernel.access import Permission, allow, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor, NotFound
from suite.kernel.paging import PageQuery

blp = Blueprint(
    "company-contracts",
    __name__,
    url_prefix="/api/v1/company/contracts",
    description="Contracts about paid support that you were designated for.",
)


@blp.route("")
class Contracts(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, s.ContractsOut)
    @blp.refuses(NotFound, CompanyBlocked, InvalidCursor)
    @blp.called("listMyContracts")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the contracts you are designated for

        Only the people named at the purchase see a contract; the role in the company makes no difference.
        """
        found = contracts.mine(person_id(), **query)
        return {"contracts": found.rows, "next_cursor": found.next_cursor}
