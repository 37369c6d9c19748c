"""What goes in and out where staff members come in."""

import marshmallow as ma

from suite.accounts import LONGEST
from suite.factors.schemas import EXAMPLE_ID, EXAMPLE_TOKEN, ID, ChallengeAnswerIn
from suite.kernel.fields import Choice, EmailAddress, Instant, Schema, Secret
from suite.kernel.words import marked as _

_DEVICE = {"description": "From an earlier sign-in of this app."}
_TOKEN = {"description": "What stands behind the # of the mailed link."}


class AcceptanceIn(Schema):
    """The token of an invitation, and the password its owner chose."""

    example = {"token": EXAMPLE_TOKEN, "password": "four tall green bottles"}

    token = Secret(least=20, most=100, required=True, metadata=_TOKEN)
    password = Secret(most=LONGEST, required=True, metadata={"description": "At least 8 characters, never cut."})


class InvitationCodeIn(Schema):
    """The token of an invitation, and the first code of the authenticator app."""

    example = {"token": EXAMPLE_TOKEN, "code": "204817"}

    token = Secret(least=20, most=100, required=True, metadata=_TOKEN)
    code = ma.fields.String(
        required=True,
        validate=ma.validate.Regexp(r"^[0-9]{6}\Z", error=_("A code has six digits.")),
        metadata={"pattern": "^[0-9]{6}$"},
    )


class StaffSignInIn(Schema):
    """Address and password; `client` decides whether a token or a cookie is given in the second step."""

    example = {"email": "ada@example.org", "password": "four tall green bottles", "client": "browser"}

    email = EmailAddress(required=True)
    password = Secret(most=LONGEST, required=True)
    client = Choice(
        "app", "browser", load_default="app", metadata={"description": "app: a bearer token; browser: a cookie."}
    )
    device_token = Secret(least=20, most=100, metadata=_DEVICE)


class StaffAnswerIn(ChallengeAnswerIn):
    """The second factor of a sign-in to the internal tools."""

    device_token = Secret(least=20, most=100, metadata=_DEVICE)


class StaffSessionOut(Schema):
    """A new session in the internal tools: `token` for apps, `csrf_token` for browsers."""

    example = {
        "session_id": EXAMPLE_ID,
        "member_id": EXAMPLE_ID,
        "expires_at": "2026-11-24T17:00:00.000Z",
        "csrf_token": "not-a-real-csrf-token",
    }

    session_id = ma.fields.UUID(required=True, metadata=ID)
    member_id = ma.fields.UUID(required=True, metadata=ID)
    expires_at = Instant(required=True)
    token = ma.fields.String(metadata={"description": "Send as `Authorization: Bearer`; shown once."})
    device_token = ma.fields.String(metadata={"description": "For apps: keep it and send it with later sign-ins."})
    csrf_token = ma.fields.String(metadata={"description": "Send as X-CSRF-Token with every change."})


class StaffCsrfOut(Schema):
    """The token a page of the internal tools needs after it was loaded again."""

    csrf_token = ma.fields.String(required=True)


class StaffMeOut(Schema):
    """A staff member as he sees himself."""

    id = ma.fields.UUID(required=True, metadata=ID)
    email = ma.fields.String(required=True)
    roles = ma.fields.List(ma.fields.String(), required=True)
    permissions = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "What the roles allow together."}
    )
    expires_at = Instant(required=True, metadata={"description": "When this session ends at the latest."})
    confirmed_until = Instant(required=True, metadata={"description": "Until when sensitive acts are open."})
