"""A new password for somebody who forgot the old one."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.accounts import recovery, recovery_steps, recovery_wait
from suite.accounts.errors import (
    CodeExpired,
    NotThisStep,
    PasswordTooCommon,
    PasswordTooShort,
    QuestionClosed,
    RecoveryCodeUsedUp,
    RecoveryGone,
    TooManyCodes,
    WrongAnswer,
    WrongCode,
)
from suite.accounts.letters.recovery import LIVES
from suite.accounts.models import RECOVERY_LIVES, SecurityQuestion
from suite.accounts.questions import QUESTIONS
from suite.accounts.schemas import CodeIn
from suite.accounts.schemas import recovery as s
from suite.accounts.views.sessions import ANSWER_REFUSALS
from suite.kernel import clock
from suite.kernel.access import public
from suite.kernel.api import Blueprint
from suite.kernel.errors import Busy, TooManyAttempts
from suite.kernel.http import client_network, language
from suite.kernel.idempotency import idempotent
from suite.kernel.words import in_language

blp = Blueprint(
    "recovery",
    __name__,
    url_prefix="/api/v1/recoveries",
    description="Set a new password when the old one is forgotten.",
)


@blp.route("")
class Recoveries(MethodView):
    @public
    @idempotent
    @blp.arguments(s.RecoveryIn)
    @blp.response(202, s.RecoveryOut)
    @blp.refuses(TooManyAttempts)
    def post(self, data: dict[str, str]) -> dict[str, Any]:
        """Ask for a new password

        Step 1. A mail with a code of six digits and a link goes to the address of the account, if there is one and
        it is neither closed nor blocked; the answer is the same either way. Keep the `id` and go on with
        `POST /api/v1/recoveries/{recovery_id}/proof`. Nothing about the account changes before the last step. Asking
        again ends the older request; at most three mails an hour are sent to an account.
        """
        asked = recovery.ask(email=data["email"], network=client_network())
        return {
            "id": asked.id,
            "expires_at": RECOVERY_LIVES.after(asked.asked_at),
            "code_expires_at": asked.asked_at + LIVES,
        }


@blp.route("/<uuid:recovery_id>/proof")
class CodeProof(MethodView):
    @public
    @blp.arguments(CodeIn)
    @blp.response(200, s.StepOut)
    @blp.refuses(RecoveryGone, WrongCode, CodeExpired, RecoveryCodeUsedUp, TooManyCodes)
    @blp.called("proveRecovery")
    def post(self, data: dict[str, str], recovery_id: UUID) -> dict[str, Any]:
        """Prove the mailbox with the mailed code

        Step 2. Five tries a request, and twenty wrong codes a day over all requests for an address
        (`too_many_codes`; the mailed link goes on working). The answer holds a `ticket` and what is asked `next`:
        the security question where the person set one and a service offers it, then the second factor where there
        is one, then the new password.
        """
        return _shown(recovery_steps.first(recovery.prove_by_code(recovery_id, data["code"])))


@blp.route("/proof")
class LinkProof(MethodView):
    @public
    @blp.arguments(s.TokenIn)
    @blp.response(200, s.StepOut)
    @blp.refuses(RecoveryGone)
    @blp.called("proveRecoveryByLink")
    def post(self, data: dict[str, str]) -> dict[str, Any]:
        """Prove the mailbox with the mailed link

        The other way of step 2. The token stands behind the `#` of the link, so that it reaches no server log.
        Opening the page consumes nothing. Code and link are spent together.
        """
        return _shown(recovery_steps.first(recovery.prove_by_link(data["token"])))


@blp.route("/answer")
class QuestionAnswer(MethodView):
    @public
    @blp.arguments(s.AnswerIn)
    @blp.response(200, s.StepOut)
    @blp.refuses(RecoveryGone, NotThisStep, WrongAnswer, QuestionClosed, Busy)
    @blp.called("answerSecurityQuestion")
    def post(self, data: dict[str, str]) -> dict[str, Any]:
        """Answer the security question

        Capitals and blanks make no difference. Five wrong answers end the recovery and close the question for a day;
        whoever lost the answer goes on with `POST /api/v1/recoveries/wait`.
        """
        return _shown(recovery_steps.answer_question(data["ticket"], data["answer"]))


@blp.route("/second-factor")
class FactorAnswer(MethodView):
    @public
    @blp.arguments(s.FactorAnswerIn)
    @blp.response(200, s.StepOut)
    @blp.refuses(RecoveryGone, NotThisStep, *ANSWER_REFUSALS)
    @blp.called("answerRecoveryChallenge")
    def post(self, data: dict[str, str]) -> dict[str, Any]:
        """Answer with the second factor

        By the `challenge` of the step before; `POST /api/v1/challenges/code` sends a code to one of its phones. Five
        tries a challenge, ten wrong codes an hour and twenty a day over all recoveries of an account.
        """
        return _shown(recovery_steps.answer_factor(**data))


@blp.route("/password")
class NewPassword(MethodView):
    @public
    @blp.arguments(s.NewPasswordIn)
    @blp.response(204)
    @blp.refuses(RecoveryGone, NotThisStep, PasswordTooShort, PasswordTooCommon, Busy)
    @blp.called("resetPassword")
    def post(self, data: dict[str, str]) -> None:
        """Set the new password

        The last step. Spends the ticket, ends every session and signs nobody in; second factors stay. The owner
        is told by mail.
        """
        recovery_steps.set_password(data["ticket"], data["password"], network=client_network())


@blp.route("/wait")
class Wait(MethodView):
    @public
    @blp.arguments(s.TicketIn)
    @blp.response(202, s.WaitOut)
    @blp.refuses(RecoveryGone, NotThisStep)
    @blp.called("waitForRecovery")
    def post(self, data: dict[str, str]) -> dict[str, Any]:
        """Begin the wait of somebody who lost what is asked

        Only at the steps `question` and `second_factor`. The owner is told by mail and can stop it with one click, or
        by signing in. After three days, and for three days, a recovery that is asked for then needs the mail alone;
        it removes second factors and the security question. Asking again changes nothing.
        """
        _, account = recovery_steps.at(data["ticket"], recovery_steps.QUESTION, recovery_steps.SECOND_FACTOR)
        wait = recovery_wait.begin(account)
        return {"opens_at": wait.opens_at, "closes_at": recovery_wait.closes_at(wait)}


def _shown(step: recovery_steps.Step) -> dict[str, Any]:
    return {
        "ticket": step.ticket,
        "expires_at": step.expires_at,
        "next": step.next,
        "question": _question(step.question) if step.question else None,
        "challenge": step.challenge,
    }


def _question(question: SecurityQuestion) -> dict[str, Any]:
    closed = question.closed_until
    return {
        "key": question.question,
        "sentence": in_language(QUESTIONS[question.question], language()),
        "closed_until": closed if closed is not None and closed > clock.now() else None,
    }
