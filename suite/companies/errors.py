"""Refusals of the companies module."""

from suite.kernel.errors import Later, Refusal
from suite.kernel.words import marked as _


class NotAdministrator(Refusal):
    status, code = 403, "not_administrator"
    title = _("Only an Administrator of your company may do this.")


class CompanyBlocked(Refusal):
    status, code = 403, "company_blocked"
    title = _("An Administrator has blocked your company. Your personal account works as before.")


class LastAdministrator(Refusal):
    status, code = 409, "last_administrator"
    title = _("There is no other Administrator. Make a colleague Administrator first.")


class AlreadyInCompany(Refusal):
    status, code = 409, "already_in_company"
    title = _("You belong to a company already. Leave it first.")


class ContractEnds(Refusal):
    status, code = 422, "contract_end_too_early"
    title = _("A contract ends after it begins, and an extension moves the end later.")


class ContractNumberTaken(Refusal):
    status, code = 409, "contract_number_taken"
    title = _("There is a contract with this number already.")


class NotInThisCompany(Refusal):
    status, code = 422, "not_in_this_company"
    title = _("Nobody of this number is inside the company.")


class TooManyAddresses(Refusal):
    status, code = 409, "too_many_addresses"
    title = _("There are at most ten additional e-mail addresses.")


class AddressThereAlready(Refusal):
    status, code = 409, "address_there_already"
    title = _("You have this e-mail address already.")


class AddressVerified(Refusal):
    status, code = 409, "address_verified"
    title = _("This e-mail address is confirmed already.")


class AddressCodeWrong(Refusal):
    status, code, keeps_work = 422, "address_code_wrong", True
    title = _("This code is not right.")


class AddressCodeUsedUp(Refusal):
    status, code = 409, "address_code_used_up"
    title = _("There were too many wrong codes. Please ask for another one.")


class AddressCodeTooOld(Refusal):
    status, code = 409, "address_code_too_old"
    title = _("This code is too old. Please ask for a new one.")


class AlreadyColleague(Refusal):
    status, code = 409, "already_colleague"
    title = _("Somebody with this e-mail address belongs to your company already.")


class CompanyAccountNeeded(Refusal):
    status, code = 409, "company_account_needed"
    title = _("Join Company Account first, and give this invitation as the licence.")


class InvitationUnusable(Refusal):
    status, code = 404, "invitation_unusable"
    title = _("This invitation does not work: it was used, withdrawn, is too old, or is for another e-mail address.")


class TooManyInvitations(Later):
    status, code, keeps_work = 429, "too_many_invitations", True
    title = _("Too many invitations were sent. Please wait a little.")


class AskedTooOften(Later):
    status, code = 429, "asked_too_often"
    title = _("You asked too often to join a company. Please wait.")


class DomainNotUsable(Refusal):
    status, code = 422, "domain_not_usable"
    title = _("This is no domain of a company: its mailboxes belong to everybody.")


class DomainTaken(Refusal):
    status, code = 409, "domain_taken"
    title = _("This domain cannot be added.")


class TooManyDomains(Refusal):
    status, code = 409, "too_many_domains"
    title = _("A company has at most 20 domains.")


class DomainCodeWrong(Refusal):
    status, code, keeps_work = 422, "domain_code_wrong", True
    title = _("This code is wrong, too old, or was tried too often. You can ask for another one.")


class DomainMailTooSoon(Later):
    status, code, keeps_work = 429, "domain_mail_too_soon", True
    title = _("Too many codes were sent to this domain. Please wait.")
