"""Signing in and out, and who is signed in."""

from typing import Any
from uuid import UUID

from flask import Response, current_app, jsonify, request
from flask.views import MethodView

from suite.accounts import schemas as s
from suite.accounts import sessions, signin
from suite.accounts.errors import WrongCredentials, WrongPassword
from suite.accounts.models import Session
from suite.kernel.access import Permission, actor, allow, person_id, public
from suite.kernel.api import Blueprint
from suite.kernel.errors import Busy, NotFound, TooManyAttempts
from suite.kernel.http import client_network, cookie

blp = Blueprint(
    "sessions",
    __name__,
    url_prefix="/api/v1",
    description="Sign in, see where you are signed in, sign out.",
)
_SIGN_IN_OUT = s.SignInOut()


@blp.route("/sessions")
class Sessions(MethodView):
    @public
    @blp.arguments(s.SignInIn)
    @blp.response(201, s.SignInOut, headers={"Set-Cookie": {"$ref": "#/components/headers/SessionCookie"}})
    @blp.refuses(WrongCredentials, TooManyAttempts, Busy)
    def post(self, data: dict[str, str]) -> Response:
        """Sign in

        With `client: app` the answer holds `token`: send it as `Authorization: Bearer ...`; it lives 30 days, 14 days
        unused. With `client: browser` the token comes as an HttpOnly cookie, which scripts never see, and the
        answer holds `csrf_token`: send it as `X-CSRF-Token` with every POST, PUT, PATCH and DELETE; the session
        lives 12 hours, 30 minutes unused. Cookie and bearer token together are refused (`two_credentials`).

        Unknown addresses, unproven ones and wrong passwords are all `wrong_credentials`.
        """
        browser = data["client"] == "browser"
        session, token = signin.sign_in(
            data["email"],
            data["password"],
            client=data["client"],
            user_agent=request.headers.get("User-Agent"),
            network=client_network(),
            replaces=request.cookies.get(current_app.session_cookie) if browser else None,  # type: ignore[attr-defined]
        )
        return _opened(session, token)

    @allow(Permission.OWN_SESSIONS)
    @blp.response(200, s.SessionsOut)
    @blp.called("listSessions")
    def get(self) -> dict[str, Any]:
        """List where you are signed in"""
        current = actor().session_id
        return {"sessions": [_shown(session, current) for session in sessions.live(person_id())]}

    @allow(Permission.OWN_SESSIONS)
    @blp.response(200, s.EndedOut)
    def delete(self) -> dict[str, int]:
        """Sign out everywhere else"""
        return {"ended": sessions.end_all(person_id(), but=actor().session_id)}


@blp.route("/sessions/<uuid:session_id>")
class OneSession(MethodView):
    @allow(Permission.OWN_SESSIONS)
    @blp.response(204, headers={"Set-Cookie": {"$ref": "#/components/headers/SessionCookie"}})
    @blp.refuses(NotFound)
    def delete(self, session_id: UUID) -> Response:
        """End one session

        At once and on every server. Ending the present one takes the cookie of a browser away, too.
        """
        sessions.end(person_id(), session_id)
        return _gone(session_id)


@blp.route("/sessions/current")
class CurrentSession(MethodView):
    @allow(Permission.OWN_SESSIONS)
    @blp.response(204, headers={"Set-Cookie": {"$ref": "#/components/headers/SessionCookie"}})
    @blp.refuses(NotFound)
    def delete(self) -> Response:
        """Sign out

        The token or cookie stops working at once; a browser's cookie is taken away.
        """
        current = actor().session_id
        assert current is not None
        sessions.end(person_id(), current)
        return _gone(current)


@blp.route("/sessions/current/csrf-token")
class CsrfToken(MethodView):
    @allow(Permission.OWN_SESSIONS)
    @blp.response(200, s.CsrfOut)
    @blp.refuses(NotFound)
    @blp.called("getCsrfToken")
    def get(self) -> dict[str, str]:
        """Get the CSRF token again

        For a page that was loaded again; only sessions in a browser have one, an app gets `not_found`.
        """
        token = actor().csrf
        if token is None:
            raise NotFound
        return {"csrf_token": token}


@blp.route("/sessions/current/confirmation")
class PasswordConfirmation(MethodView):
    @allow(Permission.OWN_SESSIONS)
    @blp.arguments(s.PasswordIn)
    @blp.response(204)
    @blp.refuses(WrongPassword, TooManyAttempts, Busy)
    def post(self, data: dict[str, str]) -> None:
        """Confirm the password

        Opens sensitive acts, such as closing the account, for five minutes; without it they are refused with
        `sign_in_again`. A new session is open for them already.
        """
        current = actor().session_id
        assert current is not None
        signin.confirm_password(signin.signed_in_account(), current, data["password"])


@blp.route("/me")
class Me(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.response(200, s.AccountOut)
    @blp.called("whoAmI")
    def get(self) -> dict[str, Any]:
        """Say who is signed in"""
        row = actor().facts
        return {
            "id": row.account_id,
            "email": row.address,
            "language": row.language,
            "created_at": row.created_at,
        }


def _opened(session: Session, token: str) -> Response:
    body: dict[str, Any] = {
        "session_id": session.id,
        "account_id": session.account_id,
        "expires_at": session.expires_at,
    }
    browser = session.client == "browser"
    body |= {"csrf_token": signin.csrf_token(session)} if browser else {"token": token}
    response = jsonify(_SIGN_IN_OUT.dump(body))
    response.status_code = 201
    if browser:
        response.headers.add("Set-Cookie", _cookie(token, seconds=None))
    return response


def _shown(session: Session, current: UUID | None) -> dict[str, Any]:
    return {
        "id": session.id,
        "client": session.client,
        "user_agent": session.user_agent,
        "created_at": session.created_at,
        "seen_at": session.seen_at,
        "expires_at": session.expires_at,
        "current": session.id == current,
    }


def _gone(session_id: UUID) -> Response:
    """Answer 204, and take the cookie away from a browser that signed itself out."""
    response = Response(status=204)
    if actor().csrf is not None and session_id == actor().session_id:
        response.headers.add("Set-Cookie", _cookie("", seconds=0))
    return response


def _cookie(value: str, *, seconds: int | None) -> str:
    name: str = current_app.session_cookie  # type: ignore[attr-defined]
    return cookie(name, value, seconds=seconds, secure=name.startswith("__Host-"))
