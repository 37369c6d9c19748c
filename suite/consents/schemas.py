"""What goes in and out of the routes for the ledger, receipts and cookie choices."""

from typing import Any

import marshmallow as ma

from suite.consents.questions import QUESTIONS
from suite.kernel.fields import Instant, Schema, YesNo
from suite.kernel.paging import PageOut


def _texts(*names: str) -> dict[str, ma.fields.Field[Any]]:
    return {name: ma.fields.String(required=True) for name in names}


def _many(name: str, fields: dict[str, ma.fields.Field[Any]]) -> ma.fields.Field[Any]:
    return ma.fields.List(ma.fields.Nested(Schema.from_dict(fields, name=name)), required=True)


class ConsentEntryOut(Schema):
    """One entry of the ledger; none is ever changed."""

    id = ma.fields.String(required=True, metadata={"description": "Names the receipt of this entry."})
    service = ma.fields.String(required=True)
    purpose = ma.fields.String(required=True)
    state = ma.fields.String(required=True, metadata={"description": "given, withdrawn or refused."})
    text_version = ma.fields.String(required=True)
    text_sha256 = ma.fields.String(
        required=True, attribute="text_hash", metadata={"description": "SHA-256 of the text shown, in its language."}
    )
    language = ma.fields.String(required=True, metadata={"description": "Language the text was shown in."})
    method = ma.fields.String(
        required=True,
        metadata={"description": "How it was said, such as settings, registration, one_click, cookie_choices or gpc."},
    )
    notice_version = ma.fields.String(required=True, metadata={"description": "Version of the notice then in force."})
    at = Instant(required=True)


class ConsentHistoryOut(PageOut):
    """Choices of a person, newest first."""

    entries = ma.fields.List(ma.fields.Nested(ConsentEntryOut), required=True)


_INFORMATION = _texts("pii_type", "says") | {"sensitive": ma.fields.Boolean(required=True)}
_RECIPIENT = _texts("party_id", "says", "country", "safeguard")
_PURPOSE = (
    _texts(
        "purpose",
        "purpose_id",
        "purpose_type",
        "lawful_basis",
        "service",
        "retention_period",
        "retention_says",
        "jurisdiction",
        "withdrawal_method",
        "withdrawal_stops",
    )
    | {name: ma.fields.List(ma.fields.String(), required=True) for name in ("pii_controllers", "storage_locations")}
    | {"pii_information": _many("ReceiptInformation", _INFORMATION), "recipients": _many("ReceiptParty", _RECIPIENT)}
)
_PARTY = _texts("party_id", "party_name", "party_address", "party_type") | {
    "party_contact": ma.fields.List(ma.fields.String(), required=True)
}
_EVENT = _texts("event_type", "event_state", "validity_duration", "method", "entity_id") | {
    "event_time": Instant(required=True)
}


class ConsentReceiptOut(Schema):
    """A consent receipt with the fields of ISO/IEC TS 27560:2023."""

    schema_version = ma.fields.String(required=True)
    receipt_id = ma.fields.String(required=True)
    record_id = ma.fields.String(required=True)
    pii_principal_id = ma.fields.String(required=True)
    privacy_notice = ma.fields.String(required=True)
    privacy_notice_version = ma.fields.String(required=True)
    language = ma.fields.String(required=True)
    consent_text = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The text that was shown; null when it has changed since, then the hash tells."},
    )
    consent_text_version = ma.fields.String(required=True)
    consent_text_sha256 = ma.fields.String(required=True)
    purposes = _many("ReceiptPurpose", _PURPOSE)
    party_identification = _many("ReceiptIdentification", _PARTY)
    events = _many("ReceiptEvent", _EVENT)


class AnswersIn(Schema):
    """Answers to questions about cookies; those not named stay as they are."""

    example = {"choices": {"statistics": True, "advertising": False}}

    all = YesNo(metadata={"description": "Say yes or no to everything at once; `choices` then says exceptions."})
    choices = ma.fields.Nested(
        Schema.from_dict({purpose: YesNo() for purpose in QUESTIONS}, name="CookieAnswers"), load_default=dict
    )


_COOKIE = _texts("name", "says", "lasts", "lasts_says")
_QUESTION: dict[str, ma.fields.Field[Any]] = {
    "purpose": ma.fields.String(required=True, allow_none=True),
    "text": ma.fields.String(required=True, allow_none=True),
    "stops": ma.fields.String(required=True, allow_none=True),
    "allowed": ma.fields.Boolean(required=True),
    "refused_by_signal": ma.fields.Boolean(required=True),
    "cookies": _many("CookieOfCategory", _COOKIE),
}
_CATEGORY = _texts("category", "says") | {"needed": ma.fields.Boolean(required=True)} | _QUESTION


class CookieChoicesOut(Schema):
    """The eight cookie categories and what else a browser is asked, with what is allowed at this moment."""

    example = {"answered": False, "signal": False, "categories": [], "further": []}

    answered = ma.fields.Boolean(required=True, metadata={"description": "Whether a banner need not ask any more."})
    signal = ma.fields.Boolean(required=True, metadata={"description": "Whether the browser sends `Sec-GPC: 1`."})
    categories = _many("CookieCategoryOut", _CATEGORY)
    further = _many("CookieQuestionOut", _QUESTION)
