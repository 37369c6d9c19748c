"""What goes in and out of the work list of privacy officers."""

import marshmallow as ma

from suite.kernel.fields import Choice, Instant, Schema, Text, WholeNumber, YesNo
from suite.kernel.paging import PageOut, PageQuery
from suite.rights import words
from suite.rights.deadlines import MOST_EXTENSION
from suite.rights.schemas.own import ID, INTERESTS, MOST_TEXT, RightsRequestOut

_SAYS = {"description": "The person reads it; it is the letter's text."}
_WORDS = {"lines": True, "most": MOST_TEXT, "required": True, "metadata": _SAYS}


class WorkQuery(PageQuery):
    """Which requests are wanted; without a state, all that are open."""

    state = Choice(*words.STATES, load_default=None)


class WorkRowOut(Schema):
    """A request in the work list: no names and no contents."""

    id = ma.fields.UUID(required=True, metadata=ID)
    kind = Choice(*words.KINDS, required=True)
    state = Choice(*words.STATES, required=True)
    received_at = Instant(required=True)
    due_at = Instant(required=True)
    extended_at = Instant(required=True, allow_none=True)
    overdue = ma.fields.Boolean(required=True)
    taken = ma.fields.Boolean(required=True, metadata={"description": "Whether an officer took it."})


class WorkOut(PageOut):
    """Requests, the first due first."""

    requests = ma.fields.List(ma.fields.Nested(WorkRowOut), required=True)


class CaseOut(RightsRequestOut):
    """A request as a privacy officer sees it."""

    example = (RightsRequestOut.example or {}) | {
        "account_id": "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d",
        "email": "ann@example.org",
    }

    account_id = ma.fields.UUID(
        required=True, allow_none=True, metadata={"description": "The account; null where somebody has none."}
    )
    email = ma.fields.String(required=True, allow_none=True, metadata={"description": "Where answers go."})


class QuestionIn(Schema):
    """What the person is asked; until the answer comes the deadline stands still."""

    example = {"identity": False, "text": "Which of your devices do you mean?"}

    identity = YesNo(load_default=False, metadata={"description": "Whether it is asked to be sure who it is."})
    text = Text(**_WORDS)  # type: ignore[arg-type]


class ExtensionIn(Schema):
    """Why more time is needed, and how much; once, before the first month is over."""

    example = {"reason": "complex", "months": 2}

    reason = Choice(*words.EXTENSIONS, required=True)
    months = WholeNumber(least=1, most=MOST_EXTENSION, required=True)


class RefusalIn(Schema):
    """Why a request is refused."""

    example = {"reason": "legal_duty", "text": "Tax law obliges us to keep invoices for ten years."}

    reason = Choice(*words.REFUSALS, required=True)
    text = Text(**_WORDS)  # type: ignore[arg-type]


class FulfilmentIn(Schema):
    """What was done."""

    example = {"text": "We corrected your name.", "partly": False}

    text = Text(**_WORDS)  # type: ignore[arg-type]
    partly = YesNo(load_default=False)
    purpose = Choice(
        *INTERESTS, load_default=None, metadata={"description": "What an objection in somebody's own words is about."}
    )


class FeeIn(Schema):
    """A fee for what is unfounded, repetitive or excessive."""

    example = {"reason": "repetitive", "cents": 500}

    reason = Choice(*words.CHARGEABLE, required=True)
    cents = WholeNumber(least=1, most=10_000_00, required=True)


class RecipientToTellOut(Schema):
    """A recipient that keeps data and hears of a change from a person only."""

    id = ma.fields.UUID(required=True, metadata=ID)
    recipient = ma.fields.String(required=True)
    event = ma.fields.String(required=True)
    reference = ma.fields.String(required=True, metadata={"description": "The number the recipient knows."})
    noted_at = Instant(required=True)


class RecipientsToTellOut(PageOut):
    """Whom we still have to tell, newest first."""

    recipients = ma.fields.List(ma.fields.Nested(RecipientToTellOut), required=True)
