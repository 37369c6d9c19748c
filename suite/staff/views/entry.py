"""Signing in to the internal tools and out of them."""

from typing import Any

from flask import Response, jsonify, request
from flask.views import MethodView

from suite.accounts import Caller, WrongCredentials
from suite.factors import challenges
from suite.factors.errors import ChallengeGone, ChallengeUsedUp, TooManyWrongCodes, WrongFactorCode
from suite.factors.schemas import ChallengeAnswerIn, ChallengeOut
from suite.kernel import cookies
from suite.kernel.access import Permission, actor, allow, person_id, public
from suite.kernel.api import Blueprint
from suite.kernel.errors import Busy, NotFound, TooManyAttempts
from suite.kernel.http import client_network
from suite.kernel.sessions import csrf_token
from suite.staff import sessions, signin
from suite.staff.current import session_id
from suite.staff.schemas import entry as s

blp = Blueprint(
    "staff-sessions",
    __name__,
    url_prefix="/api/v1/staff/sessions",
    description="Internal tools: sign in, always with a second factor, and out.",
)
_COOKIES = {"Set-Cookie": {"$ref": "#/components/headers/SessionCookie"}}
_ANSWER_REFUSALS = (ChallengeGone, ChallengeUsedUp, TooManyWrongCodes, WrongFactorCode)
_ENTERED = s.StaffSessionOut()


@blp.route("")
class StaffSessions(MethodView):
    @public
    @blp.arguments(s.StaffSignInIn)
    @blp.response(202, ChallengeOut)
    @blp.refuses(WrongCredentials, TooManyAttempts, Busy)
    @blp.called("signInStaff")
    def post(self, data: dict[str, str]) -> challenges.Question:
        """Sign in to the internal tools

        Step 1: the password. The answer is always a question for a second factor; go on with
        `POST /api/v1/staff/sessions/challenge`. Token, cookie, CSRF token and device token are used as with accounts; a
        session ends after 15 minutes unused and after 8 hours.
        """
        return signin.sign_in(data["email"], data["password"], _caller(data["client"], data.get("device_token")))


@blp.route("/challenge")
class StaffSignInChallenge(MethodView):
    @public
    @blp.arguments(s.StaffAnswerIn)
    @blp.response(201, s.StaffSessionOut, headers=_COOKIES)
    @blp.refuses(*_ANSWER_REFUSALS)
    @blp.called("answerStaffChallenge")
    def post(self, data: dict[str, str]) -> Response:
        """Sign in to the internal tools: answer with the second factor

        Step 2. Five tries a challenge, ten wrong codes an hour and twenty a day.
        """
        caller = _caller("", data.get("device_token"))
        return _answered(signin.answer(data["challenge"], method=data["method"], code=data["code"], caller=caller))


@blp.route("/current")
class CurrentStaffSession(MethodView):
    @allow(Permission.OWN_STAFF_ACCESS)
    @blp.response(204, headers=_COOKIES)
    @blp.refuses(NotFound)
    @blp.called("signOutStaff")
    def delete(self) -> Response:
        """Sign out of the internal tools"""
        sessions.end(person_id(), session_id())
        response = Response(status=204)
        if actor().csrf is not None:
            cookies.take_away(response)
        return response


@blp.route("/current/csrf-token")
class StaffCsrfToken(MethodView):
    @allow(Permission.OWN_STAFF_ACCESS)
    @blp.response(200, s.StaffCsrfOut)
    @blp.refuses(NotFound)
    @blp.called("getStaffCsrfToken")
    def get(self) -> dict[str, str]:
        """Get the CSRF token of the internal tools again"""
        token = actor().csrf
        if token is None:
            raise NotFound
        return {"csrf_token": token}


@blp.route("/current/challenge")
class StaffStepUp(MethodView):
    @allow(Permission.OWN_STAFF_ACCESS)
    @blp.response(201, ChallengeOut)
    @blp.called("askStaffToConfirm")
    def post(self) -> challenges.Question:
        """Ask for a challenge before a sensitive act"""
        return signin.ask(person_id(), session_id())


@blp.route("/current/challenge/answer")
class StaffStepUpAnswer(MethodView):
    @allow(Permission.OWN_STAFF_ACCESS)
    @blp.arguments(ChallengeAnswerIn)
    @blp.response(204)
    @blp.refuses(*_ANSWER_REFUSALS)
    @blp.called("confirmStaffWithFactor")
    def post(self, data: dict[str, str]) -> None:
        """Confirm with a second factor

        Opens sensitive acts for five minutes, in this session alone. The password is never enough.
        """
        signin.confirm(person_id(), session_id(), **data)


def _caller(client: str, device_token: str | None) -> Caller:
    """Tell the story who signs in; a browser keeps its tokens in cookies."""
    session, device = cookies.brought()
    return Caller(
        client=client,
        user_agent=request.headers.get("User-Agent"),
        network=client_network(),
        device=device_token or device,
        replaces=session,
    )


def _answered(entered: signin.Entered) -> Response:
    """Answer with the session: a token for apps, a cookie for browsers."""
    session = entered.session
    body: dict[str, Any] = {
        "session_id": session.id,
        "member_id": session.member_id,
        "expires_at": session.expires_at,
    }
    if session.client == "app":
        body |= {"token": entered.token, "device_token": entered.device}
    else:
        body["csrf_token"] = csrf_token(session.id, session.client)
    response = jsonify(_ENTERED.dump(body))
    response.status_code = 201
    if session.client == "browser":
        cookies.hand_over(response, session=entered.token, device=entered.device)
    return response
