"""What goes in and out where an Administrator looks after a colleague."""

import marshmallow as ma

from suite.declarations.countries import COUNTRIES
from suite.declarations.fields import FIRST_NAME, LAST_NAME
from suite.kernel.fields import Choice, Instant, Schema, Text
from suite.kernel.words import LANGUAGES
from suite.kernel.words import marked as _

ID = {"description": "Row number (UUID version 7)."}


class ColleagueSettingsPatch(Schema):
    """What to change of a colleague; what is not named stays."""

    example = {"last_name": "Lee-Winter", "language": "de"}
    also = {"minProperties": 1}

    first_name = Text(most=FIRST_NAME.max_length)
    last_name = Text(most=LAST_NAME.max_length)
    country = Choice(*COUNTRIES, metadata={"description": "ISO 3166-1 alpha-2 code."})
    language = Choice(*LANGUAGES, metadata={"description": "In which language letters are written."})

    @ma.validates_schema
    def _something(self, data: dict[str, str], **_options: object) -> None:
        if not data:
            raise ma.ValidationError(_("Give at least one of the fields."))


class ColleagueSettingsOut(Schema):
    """A colleague as an Administrator sees them: what they told the company's service, and nothing of any other."""

    example = {
        "id": "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d",
        "email": "emma@example.com",
        "role": "employee",
        "joined_at": "2026-11-24T09:30:00.000Z",
        "first_name": "Emma",
        "last_name": "Lee",
        "country": "DE",
        "language": "en",
    }

    id = ma.fields.UUID(required=True, metadata=ID)
    email = ma.fields.String(required=True)
    role = Choice("administrator", "employee", required=True)
    joined_at = Instant(required=True)
    first_name = ma.fields.String(required=True, allow_none=True)
    last_name = ma.fields.String(required=True, allow_none=True)
    country = ma.fields.String(required=True, allow_none=True)
    language = ma.fields.String(required=True)
