"""What goes in and out of the accounts routes."""

from typing import Any

import marshmallow as ma

from suite.accounts.answers import LONGEST as LONGEST_ANSWER
from suite.accounts.passwords import LONGEST
from suite.accounts.questions import QUESTIONS
from suite.declarations.countries import COUNTRIES
from suite.declarations.fields import COMPANY, LICENSE, PROFILE
from suite.factors.schemas import ChallengeAnswerIn
from suite.kernel.fields import Choice, EmailAddress, Instant, Schema, Secret, Some, Text
from suite.kernel.words import LANGUAGES
from suite.kernel.words import marked as _
from suite.services import SERVICES

_ID = {"description": "Row number (UUID version 7)."}
_UNDO_UNTIL = {"description": "Until when that can be taken back; null where it cannot."}
_EXAMPLE_ID = "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d"

_ABOUT: dict[str, ma.fields.Field[Any]] = {
    field.name: Choice(*COUNTRIES, metadata={"description": "ISO 3166-1 alpha-2 code."})
    if field.name == "country"
    else Text(most=field.max_length, metadata={"description": field.kind.says})
    for field in PROFILE
}
_GUARDS: dict[str, ma.fields.Field[Any]] = {
    "phone": Text(least=8, most=32, metadata={"description": "Mobile number in international form; optional."}),
    "security_question": Choice(*QUESTIONS, metadata={"description": "Key of a question; with its answer."}),
    "security_answer": Text(
        most=LONGEST_ANSWER, load_only=True, metadata={"description": "At least 3 characters; stored only as a hash."}
    ),
}
_ABOVE: dict[str, ma.fields.Field[Any]] = {
    COMPANY.name: Text(most=COMPANY.max_length, metadata={"description": "Name of the company, as it calls itself."}),
    LICENSE.name: Text(
        most=LICENSE.max_length,
        lines=True,
        load_only=True,
        metadata={"description": "An activation code, the text of a key file, or the token of an invitation."},
    ),
}
ProfileIn = Schema.from_dict(_ABOUT | _GUARDS | _ABOVE, name="ProfileIn")
ProfileOut = Schema.from_dict(
    {field.name: ma.fields.String(metadata={"description": field.kind.says}) for field in PROFILE},
    name="ProfileOut",
)


class RegistrationIn(Schema):
    """A registration for one service; `GET /api/v1/services` says which profile fields it needs."""

    example = {
        "service": "motorsport",
        "email": "ann@example.org",
        "password": "four tall green bottles",
        "profile": {"user_name": "speedy", "first_name": "Ann", "last_name": "Lee"},
        "consents": [],
        "language": "en",
    }

    service = Choice(*SERVICES, required=True, metadata={"description": "Key of the service."})
    email = EmailAddress(required=True)
    password = Secret(most=LONGEST, required=True, metadata={"description": "At least 8 characters, never cut."})
    profile = ma.fields.Nested(ProfileIn, load_default=dict)
    consents = Some(
        Text(most=64),
        most=20,
        load_default=list,
        metadata={"description": "Purposes the person ticked; none is ticked beforehand."},
    )
    language = Choice(*LANGUAGES, metadata={"description": "Language of mails; else that of the request."})


class RegistrationOut(Schema):
    """A registration that waits for the code; the same for known and unknown addresses."""

    example = {
        "id": _EXAMPLE_ID,
        "expires_at": "2026-11-24T09:00:00.000Z",
        "code_expires_at": "2026-11-23T09:30:00.000Z",
        "resend_after": "2026-11-23T09:01:00.000Z",
    }

    id = ma.fields.UUID(required=True, metadata=_ID)
    expires_at = Instant(required=True, metadata={"description": "When the registration is deleted."})
    code_expires_at = Instant(required=True, metadata={"description": "When the mailed code stops working."})
    resend_after = Instant(required=True, metadata={"description": "When another code can be asked for."})


class CodeIn(Schema):
    """The code from the mail."""

    example = {"code": "204817"}

    code = ma.fields.String(
        required=True,
        validate=ma.validate.Regexp(r"^[0-9]{6}\Z", error=_("A code has six digits.")),
        metadata={"pattern": "^[0-9]{6}$"},
    )


class LinkIn(Schema):
    """The token from the mailed link, with the password chosen at registration."""

    example = {"token": "WmVsbGFyLW5vdC1hLXJlYWwtdG9rZW4tYXQtYWxs", "password": "four tall green bottles"}

    token = Secret(least=20, most=100, required=True)
    password = Secret(most=LONGEST, required=True)


class AccountOut(Schema):
    """An account."""

    example = {
        "id": _EXAMPLE_ID,
        "email": "ann@example.org",
        "language": "en",
        "created_at": "2026-11-23T09:02:11.482Z",
    }

    id = ma.fields.UUID(required=True, metadata=_ID)
    email = ma.fields.String(required=True)
    language = ma.fields.String(required=True)
    created_at = Instant(required=True)


class SignInIn(Schema):
    """Address and password; `client` decides whether a token or a cookie is given."""

    example = {"email": "ann@example.org", "password": "four tall green bottles", "client": "browser"}

    email = EmailAddress(required=True)
    password = Secret(most=LONGEST, required=True)
    client = Choice(
        "app",
        "browser",
        load_default="app",
        metadata={"description": "app: a bearer token; browser: a cookie."},
    )
    device_token = Secret(least=20, most=100, metadata={"description": "From an earlier sign-in of this app."})


class SignInAnswerIn(ChallengeAnswerIn):
    """The second factor of a sign-in."""

    device_token = Secret(least=20, most=100, metadata={"description": "From an earlier sign-in of this app."})


class ConfirmationOut(Schema):
    """How to confirm that it is you, and until when the last confirmation counts."""

    methods = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "password, or totp, sms, recovery_code."}
    )
    confirmed_until = Instant(required=True)


class SignInOut(Schema):
    """A new session: `token` for apps, `csrf_token` for browsers."""

    example = {
        "session_id": _EXAMPLE_ID,
        "account_id": "019ab0c2-7d60-7d0e-a7a1-2f0f0c4f5b11",
        "expires_at": "2026-11-23T21:02:30.000Z",
        "csrf_token": "not-a-real-csrf-token",
    }

    session_id = ma.fields.UUID(required=True, metadata=_ID)
    account_id = ma.fields.UUID(required=True, metadata=_ID)
    expires_at = Instant(required=True)
    token = ma.fields.String(metadata={"description": "Send as `Authorization: Bearer`; shown once."})
    device_token = ma.fields.String(metadata={"description": "For apps: keep it and send it with later sign-ins."})
    csrf_token = ma.fields.String(metadata={"description": "Send as X-CSRF-Token with every change."})


class PasswordIn(Schema):
    """The present password."""

    example = {"password": "four tall green bottles"}

    password = Secret(most=LONGEST, required=True)


class SessionOut(Schema):
    """Where a person is signed in, in the words of the browser or app itself."""

    id = ma.fields.UUID(required=True, metadata=_ID)
    client = ma.fields.String(required=True)
    user_agent = ma.fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)
    seen_at = Instant(required=True)
    expires_at = Instant(required=True)
    current = ma.fields.Boolean(required=True)


class SessionsOut(Schema):
    """The sessions of a person, newest first."""

    sessions = ma.fields.List(ma.fields.Nested(SessionOut), required=True)


class EndedOut(Schema):
    """How many sessions were ended."""

    ended = ma.fields.Integer(required=True)


class CsrfOut(Schema):
    """The token a page needs after it was loaded again."""

    csrf_token = ma.fields.String(required=True)


class MembershipIn(Schema):
    """Joining another service."""

    example = {"service": "business-hub", "profile": {"country": "DE"}, "consents": []}

    service = Choice(*SERVICES, required=True)
    profile = ma.fields.Nested(ProfileIn, load_default=dict)
    consents = Some(Text(most=64), most=20, load_default=list)


class MembershipOut(Schema):
    """A service the person joined, with what they told it."""

    service = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    joined_at = Instant(required=True)
    profile = ma.fields.Nested(ProfileOut, required=True)


class MembershipsOut(Schema):
    """The services of a person."""

    services = ma.fields.List(ma.fields.Nested(MembershipOut), required=True)


class LeftOut(Schema):
    """When the data of a service a person left are deleted, and until when that can be taken back."""

    service = ma.fields.String(required=True)
    erased_by = Instant(required=True)
    undo_until = Instant(required=True, allow_none=True, metadata=_UNDO_UNTIL)


class DeadlineOut(Schema):
    """When the data of a service are deleted."""

    service = ma.fields.String(required=True)
    erased_by = Instant(required=True)


class ClosureOut(Schema):
    """When the data of a closed account are deleted, at the latest, and until when that can be taken back."""

    closed_at = Instant(required=True)
    erased_by = Instant(required=True)
    undo_until = Instant(required=True, allow_none=True, metadata=_UNDO_UNTIL)
    services = ma.fields.List(ma.fields.Nested(DeadlineOut), required=True)
