"""What goes in and out of the routes for recovery and security questions."""

import marshmallow as ma

from suite.accounts.answers import LONGEST as LONGEST_ANSWER
from suite.accounts.passwords import LONGEST
from suite.accounts.questions import QUESTIONS
from suite.factors.schemas import EXAMPLE_ID, EXAMPLE_TOKEN, ID, ChallengeAnswerIn, ChallengeOut
from suite.kernel.fields import Choice, EmailAddress, Instant, Schema, Secret, Text

_SENTENCE = {"description": "The question in the language of the request."}


class RecoveryIn(Schema):
    """The address of somebody who forgot the password."""

    example = {"email": "ann@example.org"}

    email = EmailAddress(required=True)


class RecoveryOut(Schema):
    """A request for a new password; the same for known and unknown addresses."""

    example = {
        "id": EXAMPLE_ID,
        "expires_at": "2026-11-25T09:00:00.000Z",
        "code_expires_at": "2026-11-24T09:30:00.000Z",
    }

    id = ma.fields.UUID(required=True, metadata=ID)
    expires_at = Instant(required=True, metadata={"description": "When the request is deleted."})
    code_expires_at = Instant(
        required=True, metadata={"description": "When code and link stop working, if a mail was sent."}
    )


class TokenIn(Schema):
    """The token from the mailed link."""

    example = {"token": EXAMPLE_TOKEN}

    token = Secret(least=20, most=100, required=True)


class TicketIn(Schema):
    """The ticket of a proven recovery."""

    example = {"ticket": EXAMPLE_TOKEN}

    ticket = Secret(least=20, most=100, required=True)


class AnswerIn(TicketIn):
    """The answer to the security question."""

    example = {"ticket": EXAMPLE_TOKEN, "answer": "Mr Featherstonehaugh"}

    answer = Text(most=LONGEST_ANSWER, required=True)


class FactorAnswerIn(ChallengeAnswerIn):
    """The code of a second factor."""

    example = {"ticket": EXAMPLE_TOKEN, "challenge": EXAMPLE_TOKEN, "method": "totp", "code": "204817"}

    ticket = Secret(least=20, most=100, required=True)


class NewPasswordIn(TicketIn):
    """The new password."""

    example = {"ticket": EXAMPLE_TOKEN, "password": "five small red bottles"}

    password = Secret(most=LONGEST, required=True, metadata={"description": "At least 8 characters, never cut."})


class QuestionOut(Schema):
    """A security question."""

    key = ma.fields.String(required=True)
    sentence = ma.fields.String(required=True, metadata=_SENTENCE)


class AskedQuestionOut(QuestionOut):
    """The security question a recovery asks."""

    closed_until = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "After five wrong answers: until when none is judged. Else null."},
    )


class StepOut(Schema):
    """What is asked next. The ticket opens nothing but the steps of this recovery."""

    example = {
        "ticket": EXAMPLE_TOKEN,
        "expires_at": "2026-11-24T09:30:00.000Z",
        "next": "question",
        "question": {
            "key": "first_own_book",
            "sentence": "What is the title of the first book you bought with your own money?",
            "closed_until": None,
        },
        "challenge": None,
    }

    ticket = ma.fields.String(required=True)
    expires_at = Instant(required=True, metadata={"description": "When the ticket ends."})
    next = ma.fields.String(required=True, metadata={"description": "question, second_factor or password."})
    question = ma.fields.Nested(AskedQuestionOut, required=True, allow_none=True)
    challenge = ma.fields.Nested(ChallengeOut, required=True, allow_none=True)


class WaitOut(Schema):
    """When a new password can be asked for without what was lost, and until when."""

    opens_at = Instant(required=True)
    closes_at = Instant(required=True)


class QuestionsOut(Schema):
    """The questions to choose from; none where security questions are switched off."""

    questions = ma.fields.List(ma.fields.Nested(QuestionOut), required=True)


class OwnQuestionOut(Schema):
    """The security question of the signed-in person; never its answer."""

    example = {
        "offered": True,
        "question": {"key": "first_own_book", "sentence": "What is the title of the first book you bought?"},
        "set_at": "2026-11-24T09:00:00.000Z",
    }

    offered = ma.fields.Boolean(
        required=True, metadata={"description": "Whether one of your services offers a security question."}
    )
    question = ma.fields.Nested(QuestionOut, required=True, allow_none=True)
    set_at = Instant(required=True, allow_none=True)


class OwnQuestionIn(Schema):
    """A question from the list, with the answer."""

    example = {"question": "first_own_book", "answer": "The adventures of nobody in particular"}

    question = Choice(*QUESTIONS, required=True)
    answer = Text(most=LONGEST_ANSWER, required=True, metadata={"description": "At least 3 characters."})
