"""Signing in and out, and who is signed in."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify, request
from flask.views import MethodView

from suite.accounts import schemas as s
from suite.accounts import sessions, signin, stepup
from suite.accounts.errors import (
    AccountBlocked,
    NoSecondFactor,
    SecondFactorNeeded,
    WrongCredentials,
    WrongPassword,
)
from suite.accounts.models import Session
from suite.accounts.recognition import signed_in_account
from suite.factors import challenges
from suite.factors.errors import ChallengeGone, ChallengeUsedUp, TooManyWrongCodes, WrongFactorCode
from suite.factors.schemas import ChallengeAnswerIn, ChallengeOut
from suite.kernel import cookies
from suite.kernel.access import FRESH_FOR, Permission, actor, allow, person_id, public
from suite.kernel.api import Blueprint
from suite.kernel.errors import Busy, NotFound, TooManyAttempts
from suite.kernel.http import client_network
from suite.kernel.sessions import csrf_token

blp = Blueprint(
    "sessions",
    __name__,
    url_prefix="/api/v1",
    description="Sign in, see where you are signed in, sign out.",
)
ANSWER_REFUSALS = (ChallengeGone, ChallengeUsedUp, TooManyWrongCodes, WrongFactorCode)
_COOKIES = {"Set-Cookie": {"$ref": "#/components/headers/SessionCookie"}}
_SIGN_IN_OUT, _CHALLENGE = s.SignInOut(), ChallengeOut()


@blp.route("/sessions")
class Sessions(MethodView):
    @public
    @blp.arguments(s.SignInIn)
    @blp.response(201, s.SignInOut, headers=_COOKIES)
    @blp.alternative(202, ChallengeOut)
    @blp.refuses(WrongCredentials, AccountBlocked, TooManyAttempts, Busy)
    def post(self, data: dict[str, str]) -> Response:
        """Sign in

        With `client: app` the answer holds `token`: send it as `Authorization: Bearer ...`; it lives 30 days, 14 days
        unused. With `client: browser` the token comes as an HttpOnly cookie, which scripts never see, and the
        answer holds `csrf_token`: send it as `X-CSRF-Token` with every POST, PUT, PATCH and DELETE; the session
        lives 12 hours, 30 minutes unused. Cookie and bearer token together are refused (`two_credentials`).

        Where the account has a second factor the answer is 202 with a `challenge`: ask for a code in one of the
        `methods` (`POST /api/v1/challenges/code` sends one to a phone) and go on with
        `POST /api/v1/sessions/challenge`.

        An app keeps `device_token` and sends it with later sign-ins: guesses of strangers then never lock its
        owner out. Browsers get it as a cookie. It replaces neither password nor second factor.

        Unknown addresses, unproven ones and wrong passwords are all `wrong_credentials`.
        """
        client = data["client"]
        return _answered(signin.sign_in(data["email"], data["password"], _caller(client, data.get("device_token"))))

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


@blp.route("/sessions/challenge")
class SignInChallenge(MethodView):
    @public
    @blp.arguments(s.SignInAnswerIn)
    @blp.response(201, s.SignInOut, headers=_COOKIES)
    @blp.refuses(*ANSWER_REFUSALS, AccountBlocked)
    @blp.called("answerSignInChallenge")
    def post(self, data: dict[str, str]) -> Response:
        """Sign in: answer with the second factor

        Step 2 where `POST /api/v1/sessions` answered 202. Five tries a challenge; ten wrong codes an hour and twenty a
        day for the account over all its factors, then `too_many_wrong_codes`.
        """
        caller = _caller("", data.get("device_token"))
        return _answered(signin.answer(data["challenge"], method=data["method"], code=data["code"], caller=caller))


@blp.route("/sessions/<uuid:session_id>")
class OneSession(MethodView):
    @allow(Permission.OWN_SESSIONS)
    @blp.response(204, headers=_COOKIES)
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
    @blp.response(204, headers=_COOKIES)
    @blp.refuses(NotFound)
    def delete(self) -> Response:
        """Sign out

        The token or cookie stops working at once; a browser's cookie is taken away.
        """
        current = _current()
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
class Confirmation(MethodView):
    @allow(Permission.OWN_SESSIONS)
    @blp.response(200, s.ConfirmationOut)
    @blp.called("howToConfirm")
    def get(self) -> dict[str, Any]:
        """Say how to confirm that it is you

        `password` alone where the account has no second factor; else the codes it takes, the strongest first.
        """
        confirmed = actor().fresh_at
        assert confirmed is not None
        return {"methods": stepup.methods(person_id()), "confirmed_until": confirmed + FRESH_FOR}

    @allow(Permission.OWN_SESSIONS)
    @blp.arguments(s.PasswordIn)
    @blp.response(204)
    @blp.refuses(WrongPassword, SecondFactorNeeded, TooManyAttempts, Busy)
    @blp.called("confirmPassword")
    def post(self, data: dict[str, str]) -> None:
        """Confirm the password

        Opens sensitive acts, such as closing the account, for five minutes; without it they are refused with
        `sign_in_again`. A new session is open for them already. An account with a second factor confirms with a code
        of it: `POST /api/v1/sessions/current/challenge`.
        """
        stepup.confirm_password(signed_in_account(), _current(), data["password"])


@blp.route("/sessions/current/challenge")
class StepUp(MethodView):
    @allow(Permission.OWN_SESSIONS)
    @blp.response(201, ChallengeOut)
    @blp.refuses(NoSecondFactor)
    @blp.called("askToConfirm")
    def post(self) -> challenges.Question:
        """Ask for a challenge to confirm with a second factor"""
        return stepup.ask(person_id(), _current())


@blp.route("/sessions/current/challenge/answer")
class StepUpAnswer(MethodView):
    @allow(Permission.OWN_SESSIONS)
    @blp.arguments(ChallengeAnswerIn)
    @blp.response(204)
    @blp.refuses(*ANSWER_REFUSALS)
    @blp.called("confirmWithFactor")
    def post(self, data: dict[str, str]) -> None:
        """Confirm with a second factor

        Opens sensitive acts for five minutes, in this session alone.
        """
        stepup.answer(signed_in_account().id, _current(), **data)


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


def _current() -> UUID:
    """Give the session of the caller."""
    current = actor().session_id
    assert current is not None
    return current


def _caller(client: str, device_token: str | None) -> signin.Caller:
    """Tell the story who signs in; a browser keeps its tokens in cookies."""
    session, device = cookies.brought()
    return signin.Caller(
        client=client,
        user_agent=request.headers.get("User-Agent"),
        network=client_network(),
        device=device_token or device,
        replaces=session,
    )


def _answered(result: signin.Entered | challenges.Question) -> Response:
    """Answer with the session, or with the question for a second factor."""
    if isinstance(result, challenges.Question):
        return _json(_CHALLENGE.dump(result), 202)
    session = result.session
    body: dict[str, Any] = {
        "session_id": session.id,
        "account_id": session.account_id,
        "expires_at": session.expires_at,
    }
    if session.client == "app":
        return _json(_SIGN_IN_OUT.dump(body | {"token": result.token, "device_token": result.device}), 201)
    response = _json(_SIGN_IN_OUT.dump(body | {"csrf_token": csrf_token(session.id, session.client)}), 201)
    cookies.hand_over(response, session=result.token, device=result.device)
    return response


def _json(body: Any, status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
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
        cookies.take_away(response)
    return response
