"""Sentences that libraries say to callers, marked here so that they have translations too."""

from suite.kernel.words import marked as _

# What marshmallow says about values; places such as {min} are filled in before we see the sentence.
ABOUT_VALUES = (
    _("Missing data for required field."),
    _("Field may not be null."),
    _("Unknown field."),
    _("Invalid input type."),
    _("Invalid type."),
    _("Invalid value."),
    _("Not a valid string."),
    _("Not a valid email address."),
    _("Not a valid integer."),
    _("Not a valid number."),
    _("Not a valid boolean."),
    _("Not a valid list."),
    _("Not a valid UUID."),
    _("Not a valid datetime."),
    _("Must be one of: {choices}."),
    _("Shorter than minimum length {min}."),
    _("Longer than maximum length {max}."),
    _("Length must be between {min} and {max}."),
    _("Must be greater than or equal to {min} and less than or equal to {max}."),
    _("String does not match expected pattern."),
)

# What Werkzeug calls the statuses that no refusal of ours answers.
ABOUT_REQUESTS = (
    _("Bad Request"),
    _("Method Not Allowed"),
    _("Request Timeout"),
    _("Request URI Too Long"),
    _("Request Header Fields Too Large"),
)
