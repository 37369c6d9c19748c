"""Refusals of the licences module."""

from suite.kernel.errors import Later, Refusal, WrongMediaType
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


class NotRenewable(Refusal):
    status, code = 409, "license_not_renewable"
    title = _("This licence cannot be renewed: it is a trial, has no end, or is void.")


class NoSuchProduct(Refusal):
    status, code, title = 422, "unknown_product", _("There is no such product.")


class NotSoldSo(Refusal):
    status, code, title = 422, "not_sold_so", _("This product is not sold under this policy.")


class TermImpossible(Refusal):
    status, code = 422, "term_impossible"
    title = _("A licence ends after it begins and later than now, at most a hundred years from now.")


class OfTheCompany(Refusal):
    status, code = 422, "license_of_company"
    title = _("Licences for this service belong to your company: add it to the company.")


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


class LicenseUnknown(Refusal):
    status, code, keeps_work = 404, "unknown_license", True
    title = _("No licence belongs to this.")


class LicenseOfOther(Refusal):
    status, code, title = 409, "wrong_product", _("This licence is for another product.")


class LicenseOver(Refusal):
    status, code, title = 409, "license_expired", _("This licence has ended.")


class NoSeatLeft(Refusal):
    status, code = 409, "no_seat"
    title = _("This licence is in use on as many devices as it allows. Release one of them first.")


class TooManyActivations(Later):
    status, code = 429, "too_many_activations"
    title = _("This licence changed its devices too often today. Please try again later.")


class KeyFileNeeded(WrongMediaType):
    title = _("The body must be application/octet-stream: the key file as it is.")


class NoKeyFile(Refusal):
    status, code, title = 422, "no_key_file", _("This is no key file.")


class LicenseRightMissing(Refusal):
    status, code = 403, "license_right_missing"
    title = _("The product does not let you do this with the licence.")


class ProductWithoutRights(Refusal):
    status, code, title = 422, "product_without_rights", _("This product configures no access rights.")


class ConnectionEnded(Refusal):
    status, code, title = 409, "connection_ended", _("This connection has ended. Make another one.")


class ConnectionSecretJustRenewed(Later):
    status, code = 409, "connection_secret_just_renewed"
    title = _("The secret was renewed within the last 24 hours, and the one before still counts.")


class EventHeadersMissing(Refusal):
    status, code = 400, "event_headers_missing"
    title = _("The headers webhook-id, webhook-timestamp and webhook-signature are missing or cannot be read.")


class EventOutsideWindow(Refusal):
    status, code = 403, "event_outside_window"
    title = _("This was signed more than five minutes ago or in the future. Sign it again.")


class EventNotSigned(Refusal):
    status, code, title = 403, "event_not_signed", _("No signature fits what was sent.")
