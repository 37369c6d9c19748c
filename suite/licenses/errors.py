"""Refusals of the licences module."""

from suite.kernel.errors import Later, Refusal
from suite.kernel.words import marked as _


class CodeMistyped(Refusal):
    status, code = 422, "license_code_mistyped"
    title = _("This is no activation code: a character is missing or wrong. Please compare it with what you got.")


class LicenseNotAccepted(Refusal):
    status, code = 422, "license_not_accepted"
    title = _("This licence cannot be added. Check the code, and whether it belongs to this service.")


class TooManyCodesTried(Later):
    status, code, keeps_work = 429, "too_many_license_codes", True
    title = _("Too many activation codes were tried. Please wait a little.")


class WrongCode(LicenseNotAccepted):
    keeps_work = True


class NoSuchProduct(Refusal):
    status, code, title = 422, "unknown_product", _("There is no such product.")


class NotSoldSo(Refusal):
    status, code, title = 422, "not_sold_so", _("This product is not sold under this policy.")


class TermImpossible(Refusal):
    status, code = 422, "term_impossible"
    title = _("A licence ends after it begins and later than now, at most a hundred years from now.")


class NotInService(Refusal):
    status, code, title = 422, "not_in_service", _("Join this service first.")


class LicenseVoid(Refusal):
    status, code, title = 409, "license_void", _("This licence was voided.")


class LicenseUnused(Refusal):
    status, code, title = 409, "license_unused", _("The term of this licence has not begun.")


class LicenseEndless(Refusal):
    status, code, title = 409, "license_endless", _("This licence has no end.")


class LicenseNotForService(Refusal):
    status, code, title = 409, "license_not_for_service", _("This licence is over or not for this service.")


class HolderUnknown(Refusal):
    status, code, title = 422, "holder_unknown", _("This account or company does not use this service.")
