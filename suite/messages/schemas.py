"""What providers tell about messages."""

import marshmallow as ma

from suite.kernel.fields import Schema
from suite.messages.twilio import SID


class TextStatusIn(Schema):
    """What became of a text message, in Twilio's words; Twilio adds fields without notice, so others are taken too."""

    example = {"MessageSid": "SM" + "0123456789abcdef" * 2, "MessageStatus": "undelivered", "ErrorCode": "30003"}

    class Meta(Schema.Meta):
        unknown = ma.EXCLUDE

    sid = ma.fields.String(
        data_key="MessageSid",
        required=True,
        validate=[ma.validate.Length(equal=34), ma.validate.Regexp(SID)],
        metadata={"description": "Twilio's name of the message."},
    )
    status = ma.fields.String(
        data_key="MessageStatus",
        required=True,
        validate=ma.validate.Length(min=1, max=40),
        metadata={"description": "`delivered`, `undelivered` and `failed` end it; any other says that Twilio has it."},
    )
    error = ma.fields.String(
        data_key="ErrorCode",
        load_default="",
        validate=ma.validate.Length(max=40),
        metadata={"description": "Twilio's number of what went wrong."},
    )
