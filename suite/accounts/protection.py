"""The owner's second factors: every change is told by mail and stops while changes are frozen."""

from uuid import UUID

from suite.accounts import letters, undo
from suite.accounts.models import Account
from suite.factors import Challenge, Factor, challenges, enrolment, phones
from suite.factors.enrolment import Provision
from suite.factors.errors import NoSuchFactor
from suite.kernel import audit


def add_phone(account: Account, number: str, *, name: str, network: str, language: str) -> tuple[Factor, Challenge]:
    """Add a phone and text a code to it."""
    undo.may_change(account)
    return enrolment.add_phone(account.id, phones.read(number), name=name, network=network, language=language)


def text_code(account: Account, factor_id: UUID, *, network: str, language: str) -> Challenge:
    """Text another code to a phone that is not confirmed yet."""
    undo.may_change(account)
    return enrolment.text_code(account.id, factor_id, network=network, language=language)


def add_app(account: Account, *, name: str, issuer: str) -> tuple[Factor, Provision]:
    """Add an authenticator app."""
    undo.may_change(account)
    return enrolment.add_app(account.id, name=name, label=account.address, issuer=issuer)


def confirm(account: Account, factor_id: UUID, code: str) -> tuple[Factor, list[str]]:
    """Make a second factor count from now on."""
    undo.may_change(account)
    factor, codes = enrolment.confirm(account.id, factor_id, code)
    challenges.forget(account.id)
    audit.write("second_factor.added", subject=account.id, kind=factor.kind)
    undo.tell(account, letters.notices.factor_added, factor_id=factor.id, factor=factor.name)
    return factor, codes


def remove(account: Account, factor_id: UUID) -> None:
    """Remove a second factor."""
    undo.may_change(account)
    factor = enrolment.remove(account.id, factor_id)
    if factor.pending_since is None:
        audit.write("second_factor.removed", subject=account.id, kind=factor.kind)
        undo.tell(account, letters.notices.factor_removed, factor=factor.name)


def new_recovery_codes(account: Account) -> list[str]:
    """Make new recovery codes for somebody who has a second factor; the older ones stop working."""
    undo.may_change(account)
    if not challenges.confirmed(account.id):
        raise NoSuchFactor
    codes = enrolment.new_recovery_codes(account.id)
    audit.write("recovery_codes.made", subject=account.id)
    undo.tell(account, letters.notices.recovery_codes_made, kind=undo.NOT_MY_CODES)
    return codes
