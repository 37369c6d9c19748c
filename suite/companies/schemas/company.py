"""What goes in and out about a company and who is in it."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from suite.companies.domains import MAILBOXES
from suite.companies.models import ADMINISTRATOR, EMPLOYEE
from suite.declarations.countries import COUNTRIES
from suite.declarations.fields import COMPANY
from suite.kernel.fields import Choice, EmailAddress, Instant, Schema, Secret, Text, YesNo, canonical_email
from suite.kernel.paging import PageOut
from suite.kernel.words import LANGUAGES
from suite.kernel.words import marked as _

_ID = {"description": "Row number (UUID version 7)."}
_ROLE = {"description": "administrator or employee."}


class DomainName(ma.fields.String):
    """An e-mail domain, kept as its IDNA A-labels in lower case."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        if "@" in text:
            raise ma.ValidationError(_("This is no domain."))
        try:
            return canonical_email(f"x@{text}").rpartition("@")[2]
        except ma.ValidationError:
            raise ma.ValidationError(_("This is no domain.")) from None


class CompanyOut(Schema):
    """Your company."""

    id = ma.fields.UUID(required=True, metadata=_ID)
    name = ma.fields.String(required=True)
    country = ma.fields.String(required=True, metadata={"description": "ISO 3166-1 alpha-2 code."})
    role = ma.fields.String(required=True, metadata={"description": "Your role: administrator or employee."})
    members = ma.fields.Integer(required=True, metadata={"description": "How many people are inside."})
    requests_shared = ma.fields.Boolean(
        required=True, metadata={"description": "Whether colleagues see each other's support requests."}
    )
    founded_at = Instant(required=True)
    blocked_at = Instant(
        required=True, allow_none=True, metadata={"description": "Since when it is blocked, if it is."}
    )


class CompanyPatch(Schema):
    """What an Administrator changes about the company."""

    example = {"name": "Lee & Daughters Ltd", "requests_shared": True}

    name = Text(most=COMPANY.max_length)
    country = Choice(*COUNTRIES, metadata={"description": "ISO 3166-1 alpha-2 code."})
    requests_shared = YesNo(metadata={"description": "Whether colleagues see each other's support requests."})


class StandingOut(Schema):
    """Whether you are inside a company, wait to be let in, or neither; nothing about a company."""

    state = ma.fields.String(required=True, metadata={"description": "none, waiting or inside."})
    role = ma.fields.String(required=True, allow_none=True, metadata=_ROLE)
    asked_at = Instant(required=True, allow_none=True)
    joined_at = Instant(required=True, allow_none=True)


class AskerOut(Schema):
    """Somebody who asks to join: first name, last name and corporate e-mail."""

    id = ma.fields.UUID(required=True, metadata=_ID)
    first_name = ma.fields.String(required=True)
    last_name = ma.fields.String(required=True)
    email = ma.fields.String(required=True)
    asked_at = Instant(required=True)


class AskersOut(PageOut):
    """Who asks to join your company, newest first."""

    requests = ma.fields.List(ma.fields.Nested(AskerOut), required=True)


class ColleagueOut(Schema):
    """A colleague; the e-mail address is shown to Administrators only."""

    id = ma.fields.UUID(required=True, metadata=_ID)
    first_name = ma.fields.String(required=True)
    last_name = ma.fields.String(required=True)
    email = ma.fields.String(required=True, allow_none=True)
    role = ma.fields.String(required=True, metadata=_ROLE)
    joined_at = Instant(required=True)


class ColleaguesOut(PageOut):
    """Members of your company, newest first."""

    members = ma.fields.List(ma.fields.Nested(ColleagueOut), required=True)


class ColleaguePatch(Schema):
    """The new role of a colleague."""

    example = {"role": ADMINISTRATOR}

    role = Choice(ADMINISTRATOR, EMPLOYEE, required=True)


class InvitationIn(Schema):
    """Whom to invite; the invitation is written in this language, else in that of the request."""

    example = {"email": "lee@example.com", "language": "de"}

    email = EmailAddress(required=True)
    language = Choice(*LANGUAGES)


class CompanyInvitationOut(Schema):
    """An invitation that was sent; its token went to the mailbox and nowhere else."""

    id = ma.fields.UUID(required=True, metadata=_ID)
    email = ma.fields.String(required=True)
    language = ma.fields.String(required=True)
    invited_at = Instant(required=True)
    expires_at = Instant(required=True)


class CompanyInvitationsOut(PageOut):
    """Invitations of your company that still work, newest first."""

    invitations = ma.fields.List(ma.fields.Nested(CompanyInvitationOut), required=True)


class InvitationTokenIn(Schema):
    """The text from the invitation."""

    example = {"token": "WmVsbGFyLW5vdC1hLXJlYWwtdG9rZW4tYXQtYWxs"}

    token = Secret(least=20, most=100, required=True)


class DomainIn(Schema):
    """A domain of your company, and which of its mailboxes gets the code."""

    example = {"domain": "example.com", "mailbox": "postmaster"}

    domain = DomainName(required=True, validate=ma.validate.Length(max=253))
    mailbox = Choice(*MAILBOXES, required=True, metadata={"description": "A mailbox that runs the domain (RFC 2142)."})


class DomainCodeIn(Schema):
    """The code that came to the mailbox of the domain."""

    example = {"code": "204817"}

    code = ma.fields.String(
        required=True,
        validate=ma.validate.Regexp(r"^[0-9]{6}\Z", error=_("A code has six digits.")),
        metadata={"pattern": "^[0-9]{6}$"},
    )


class CompanyDomainOut(Schema):
    """A domain of your company; it lets people in once it is verified."""

    id = ma.fields.UUID(required=True, metadata=_ID)
    domain = ma.fields.String(required=True)
    asked_at = Instant(required=True)
    verified_at = Instant(required=True, allow_none=True)


class CompanyDomainsOut(Schema):
    """The domains of your company."""

    domains = ma.fields.List(ma.fields.Nested(CompanyDomainOut), required=True)
