"""What goes in and out of the routes for settings, password, address and undo links."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import marshmallow as ma

from suite.accounts.passwords import LONGEST
from suite.declarations.countries import COUNTRIES
from suite.declarations.fields import PROFILE
from suite.kernel.fields import Choice, EmailAddress, Instant, Schema, Secret, Text, YesNo
from suite.kernel.words import LANGUAGES
from suite.kernel.words import marked as _

THEMES = ("system", "light", "dark")
DATE_FORMATS = ("YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY")
_ZONE = r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$"
_EXAMPLE_TIME = "2026-11-24T09:30:00.000Z"


@cache
def _zones() -> frozenset[str]:
    """Give the names of time zones: read once from the files of this machine, without what is only local to it."""
    return frozenset(available_timezones() - {"Factory", "localtime"})


class TimeZone(ma.fields.String):
    """A time zone by its IANA name."""

    def __init__(self, **options: Any) -> None:
        options["metadata"] = {"pattern": _ZONE, "maxLength": 64, **options.get("metadata", {})}
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        name = str(super()._deserialize(value, attr, data, **kwargs))
        if name not in _zones():
            raise ma.ValidationError(_("There is no such time zone."))
        return name


_PREFERENCES = {
    "time_zone": {"description": "IANA name, such as Europe/Berlin."},
    "reduced_motion": {"description": "Whether pages should keep still."},
}


class PreferencesIn(Schema):
    """How pages look to a person; null takes a preference back."""

    theme = Choice(*THEMES, allow_none=True)
    time_zone = TimeZone(allow_none=True, metadata=_PREFERENCES["time_zone"])
    date_format = Choice(*DATE_FORMATS, allow_none=True)
    reduced_motion = YesNo(allow_none=True, metadata=_PREFERENCES["reduced_motion"])


class PreferencesOut(Schema):
    """How pages look to a person; only what was chosen."""

    theme = ma.fields.String()
    time_zone = ma.fields.String(metadata=_PREFERENCES["time_zone"])
    date_format = ma.fields.String()
    reduced_motion = ma.fields.Boolean(metadata=_PREFERENCES["reduced_motion"])


class SettingsPatch(Schema):
    """Changes of settings; what is not named stays, and a preference of null is taken back."""

    example = {"language": "de", "preferences": {"theme": "dark", "time_zone": "Europe/Berlin", "date_format": None}}

    language = Choice(*LANGUAGES, metadata={"description": "Language of mails."})
    preferences = ma.fields.Nested(PreferencesIn)


class PendingEmailOut(Schema):
    """A new e-mail address that waits for its code."""

    example = {"email": "ann.lee@example.org", "expires_at": _EXAMPLE_TIME}

    email = ma.fields.String(required=True)
    expires_at = Instant(required=True, metadata={"description": "When the mailed code stops working."})


class SettingsOut(Schema):
    """What an account is set to."""

    email = ma.fields.String(required=True)
    pending_email = ma.fields.Nested(
        PendingEmailOut,
        required=True,
        allow_none=True,
        metadata={"description": "A new address that waits for its code; else null."},
    )
    language = ma.fields.String(required=True)
    preferences = ma.fields.Nested(PreferencesOut, required=True)
    created_at = Instant(required=True)
    frozen_until = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "Until when changes are stopped, because somebody said it was not you; else null."},
    )
    security_question = ma.fields.Boolean(required=True, metadata={"description": "Whether one is set."})
    second_factors = ma.fields.Integer(required=True, metadata={"description": "How many are confirmed."})


ProfilePatch = Schema.from_dict(
    {
        field.name: Choice(*COUNTRIES, allow_none=True, metadata={"description": "ISO 3166-1 alpha-2 code."})
        if field.name == "country"
        else Text(most=field.max_length, allow_none=True, metadata={"description": field.kind.says})
        for field in PROFILE
    },
    name="ProfilePatch",
)


class MembershipPatch(Schema):
    """Changes of what a service was told; what is not named stays, and null takes back what it does not need."""

    example = {"profile": {"country": "AT"}}

    profile = ma.fields.Nested(ProfilePatch, required=True)


class PasswordChangeIn(Schema):
    """A new password, and the present one where the last confirmation is more than five minutes ago."""

    example = {"password": "five small red kettles", "current": "four tall green bottles", "end_other_sessions": True}

    password = Secret(most=LONGEST, required=True, metadata={"description": "At least 8 characters, never cut."})
    current = Secret(most=LONGEST)
    end_other_sessions = YesNo(load_default=False, metadata={"description": "Sign out everywhere else."})


class EmailIn(Schema):
    """A new e-mail address."""

    example = {"email": "ann.lee@example.org"}

    email = EmailAddress(required=True)


class UndoIn(Schema):
    """The token behind the # of a link in one of our letters."""

    example = {"token": "WmVsbGFyLW5vdC1hLXJlYWwtdG9rZW4tYXQtYWxs"}

    token = Secret(least=20, most=100, required=True)


class UndoLinkOut(Schema):
    """What a link undoes."""

    example = {"kind": "not_me", "made_at": "2026-11-24T09:00:00.000Z", "expires_at": "2026-12-01T09:00:00.000Z"}

    kind = ma.fields.String(required=True, metadata={"description": "not_me, address, closed or wait."})
    made_at = Instant(required=True)
    expires_at = Instant(required=True)


class UndoneOut(Schema):
    """What was undone."""

    example = {"kind": "not_me", "frozen_until": "2026-11-25T09:00:00.000Z"}

    kind = ma.fields.String(required=True, metadata={"description": "not_me, address, closed or wait."})
    frozen_until = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "Until when changes are stopped; null if they are not."},
    )
