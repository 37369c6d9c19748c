"""Security questions: the list, and the one of the signed-in person."""

from typing import Any

from flask.views import MethodView

from suite.accounts import questions
from suite.accounts.errors import AnswerTooEasy, AnswerTooShort, ChangesFrozen, NoQuestion, QuestionNotOffered
from suite.accounts.models import SecurityQuestion
from suite.accounts.recognition import signed_in_account
from suite.accounts.schemas import recovery as s
from suite.kernel.access import Permission, allow, fresh, person_id, public
from suite.kernel.api import Blueprint
from suite.kernel.errors import Busy
from suite.kernel.http import language
from suite.kernel.words import in_language

blp = Blueprint(
    "questions",
    __name__,
    url_prefix="/api/v1",
    description="The security question, asked only of somebody who forgot the password and proved the mailbox.",
)


@blp.route("/security-questions")
class Questions(MethodView):
    @public
    @blp.response(200, s.QuestionsOut)
    @blp.called("listSecurityQuestions")
    def get(self) -> dict[str, Any]:
        """List the security questions to choose from

        In the language of the request. `GET /api/v1/services` says which services ask for one at registration.
        """
        return {"questions": [_sentence(key) for key in questions.available()]}


@blp.route("/me/security-question")
class OwnQuestion(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.response(200, s.OwnQuestionOut)
    @blp.called("getSecurityQuestion")
    def get(self) -> dict[str, Any]:
        """Show your security question"""
        return _shown(questions.own(person_id()), offered=questions.offered(person_id()))

    @allow(Permission.OWN_ACCOUNT)
    @fresh
    @blp.arguments(s.OwnQuestionIn)
    @blp.response(200, s.OwnQuestionOut)
    @blp.refuses(QuestionNotOffered, AnswerTooShort, AnswerTooEasy, ChangesFrozen, Busy)
    @blp.called("setSecurityQuestion")
    def put(self, data: dict[str, str]) -> dict[str, Any]:
        """Set your security question

        Where one of your services offers it. Replaces the one before; a mail tells you.
        """
        return _shown(questions.choose(signed_in_account(), data["question"], data["answer"]), offered=True)

    @allow(Permission.OWN_ACCOUNT)
    @fresh
    @blp.response(204)
    @blp.refuses(NoQuestion, ChangesFrozen)
    @blp.called("removeSecurityQuestion")
    def delete(self) -> None:
        """Remove your security question"""
        questions.remove(signed_in_account())


def _shown(question: SecurityQuestion | None, *, offered: bool) -> dict[str, Any]:
    return {
        "offered": offered,
        "question": _sentence(question.question) if question else None,
        "set_at": question.set_at if question else None,
    }


def _sentence(key: str) -> dict[str, str]:
    return {"key": key, "sentence": in_language(questions.QUESTIONS[key], language())}
