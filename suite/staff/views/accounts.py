"""Looking at accounts, blocking them, ending their sessions."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.accounts import AccountIsClosed, AlreadyBlocked, NotBlocked, desk
from suite.kernel.access import Permission, allow, fresh
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor, NotFound, TooManyAttempts
from suite.staff import looks
from suite.staff.schemas import desk as s

blp = Blueprint(
    "staff-accounts",
    __name__,
    url_prefix="/api/v1/staff/accounts",
    description="Internal tools: accounts. Every look and act stands in the audit trail, and its owner can read it.",
)


@blp.route("/search")
class AccountSearch(MethodView):
    @allow(Permission.VIEW_ACCOUNTS)
    @blp.arguments(s.SearchIn)
    @blp.response(200, s.SearchOut)
    @blp.refuses(TooManyAttempts)
    @blp.called("searchAccounts")
    def post(self, data: dict[str, Any]) -> dict[str, Any]:
        """Find an account by its exact address or number

        None or one account: of an address that had several, the open one, else the one closed last. There is no list
        of accounts and no search by parts of an address. At most 200 searches an hour.
        """
        looks.count_search()
        found = desk.search(email=data.get("email"), account_id=data.get("id"))
        if found is None:
            return {"accounts": []}
        state = desk.state_of(found)
        return {"accounts": [{"id": found.id, "state": state.state, "since": state.since}]}


@blp.route("/<uuid:account_id>/view")
class AccountView(MethodView):
    @allow(Permission.VIEW_ACCOUNTS)
    @blp.response(200, s.AccountViewOut)
    @blp.refuses(NotFound)
    @blp.called("viewAccount")
    def post(self, account_id: UUID) -> dict[str, Any]:
        """Look at an account"""
        seen = desk.look(account_id)
        return {
            "id": seen.account.id,
            "email": seen.account.address,
            "language": seen.account.language,
            "created_at": seen.account.created_at,
            "state": seen.state.state,
            "since": seen.state.since,
            "reason": seen.state.reason,
            "frozen_until": seen.account.frozen_until,
            "services": seen.memberships,
            "second_factors": seen.factors,
            "sessions": seen.sessions,
            "last_sign_in": seen.last_sign_in,
        }


@blp.route("/<uuid:account_id>/block")
class AccountBlock(MethodView):
    @allow(Permission.BLOCK_ACCOUNTS)
    @fresh
    @blp.arguments(s.BlockIn)
    @blp.response(200, s.StateOut)
    @blp.refuses(NotFound, AlreadyBlocked, AccountIsClosed)
    @blp.called("blockAccount")
    def post(self, data: dict[str, str], account_id: UUID) -> dict[str, Any]:
        """Block an account

        Every session ends at once, and nobody can sign in until it is opened again. Its owner is told, with the reason.
        """
        return _state(desk.block(account_id, data["reason"]))


@blp.route("/<uuid:account_id>/unblock")
class AccountUnblock(MethodView):
    @allow(Permission.BLOCK_ACCOUNTS)
    @fresh
    @blp.arguments(s.UnblockIn)
    @blp.response(200, s.StateOut)
    @blp.refuses(NotFound, NotBlocked, AccountIsClosed)
    @blp.called("unblockAccount")
    def post(self, data: dict[str, str], account_id: UUID) -> dict[str, Any]:
        """Open a blocked account again

        Its owner is told and signs in as before.
        """
        return _state(desk.unblock(account_id, data["reason"]))


@blp.route("/<uuid:account_id>/sessions")
class AccountSessions(MethodView):
    @allow(Permission.END_SESSIONS)
    @blp.response(200, s.StaffEndedOut)
    @blp.refuses(NotFound)
    @blp.called("endSessionsOfAccount")
    def delete(self, account_id: UUID) -> dict[str, int]:
        """End every session of an account"""
        return {"ended": desk.end_sessions(account_id)}


@blp.route("/<uuid:account_id>/messages/list")
class AccountMessages(MethodView):
    @allow(Permission.VIEW_MESSAGES)
    @blp.arguments(s.PageIn)
    @blp.response(200, s.StaffMessagesOut)
    @blp.refuses(NotFound, InvalidCursor)
    @blp.called("listMessagesOfAccount")
    def post(self, data: dict[str, Any], account_id: UUID) -> dict[str, Any]:
        """Look at the messages of an account

        Which letters were written in the last thirty days and how far they got; no addresses and no contents.
        """
        found = looks.messages(account_id, cursor=data.get("cursor"), limit=data["limit"])
        return {"messages": found.rows, "next_cursor": found.next_cursor}


@blp.route("/<uuid:account_id>/audit")
class AccountTrail(MethodView):
    @allow(Permission.READ_AUDIT)
    @blp.arguments(s.PageIn)
    @blp.response(200, s.TrailOut)
    @blp.refuses(NotFound, InvalidCursor)
    @blp.called("readTrailOfAccount")
    def post(self, data: dict[str, Any], account_id: UUID) -> dict[str, Any]:
        """Look at what the audit trail says about one account"""
        found = looks.trail_of(account_id, cursor=data.get("cursor"), limit=data["limit"])
        return {"entries": found.rows, "next_cursor": found.next_cursor}


def _state(account: Any) -> dict[str, Any]:
    state = desk.state_of(account)
    return {"id": account.id, "state": state.state, "since": state.since, "reason": state.reason}
