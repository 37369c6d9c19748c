"""Refusals of the licences module."""

from suite.kernel.errors import Later, Refusal
from suite.kernel.words import marked as _


class CodeMistyped(Refusal):
    status, code = 422, "license_code_mistyped"
    title = _("This is no activation code: a character is missing or wrong. Please compare it with what you got.")


class LicenseNotAccepted(Refusal):
    status, code, keeps_work = 422, "license_not_accepted", True
    title = _("This licence cannot be added. Check the code, and whether it belongs to this service.")


class TooManyCodesTried(Later):
    status, code, keeps_work = 429, "too_many_license_codes", True
    title = _("Too many activation codes were tried. Please wait a little.")
