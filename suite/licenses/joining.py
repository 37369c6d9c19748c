"""The licence given to join Company Account: it tells which company is meant, or founds one (COM-7, COM-11, COM-31)."""

import re
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from suite import companies
from suite.accounts import Newcomer, keep_fields
from suite.companies import AlreadyInCompany, AskedTooOften, InvitationUnusable
from suite.declarations import Field, Service
from suite.declarations.fields import COMPANY, LICENSE
from suite.kernel import access, db
from suite.kernel.access import ActorKind
from suite.kernel.errors import Refusal, TooManyAttempts
from suite.licenses import finding, holdings
from suite.licenses.errors import CodeMistyped, LicenseNotAccepted, TooManyCodesTried
from suite.licenses.holdings import Holder

_LICENSE, _INVITATION = "license", "invitation"
_ROUNDS: Final = 3
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
SOURCE: Final = "registration"


class Joining:
    """Keeps the licence and the name of the company of who joins Company Account."""

    fields: tuple[Field, ...] = (COMPANY, LICENSE)
    refuses: tuple[type[Refusal], ...] = (
        CodeMistyped,
        LicenseNotAccepted,
        TooManyCodesTried,
        TooManyAttempts,
        InvitationUnusable,
        AskedTooOften,
        AlreadyInCompany,
    )

    def check(self, service: Service, given: Mapping[str, str], network: str) -> dict[str, str]:
        """Find what was given; whether a company has it is answered nowhere, and only row numbers are kept."""
        return {LICENSE.name: meant(given[LICENSE.name], service.key, network), COMPANY.name: given[COMPANY.name]}

    def take(self, newcomer: Newcomer, kept: Mapping[str, str]) -> None:
        """Found the company of the licence, or ask the one that has it."""
        bring(newcomer, kept[LICENSE.name], kept[COMPANY.name])


def meant(given: str, service: str, network: str) -> str:
    """Say which licence or invitation somebody gave, by its number."""
    if _TOKEN.fullmatch(given.strip()):
        invitation = companies.invitation_of(given.strip(), network=network)
        if invitation is None:
            finding.refuse(_caller(), network)
        return f"{_INVITATION}/{invitation}"
    found = finding.for_service(given, service, person_id=_caller(), network=network)
    held = holdings.live(found.id)
    if held is not None and held.company_id is None:
        finding.refuse(_caller(), network)
    return f"{_LICENSE}/{found.id}"


def bring(newcomer: Newcomer, what: str, name: str) -> None:
    """Bring somebody into the company that an invitation or a licence stands for, or let them found it.

    Of two who found with one licence at once, one does; the other sees that and asks to join. No licence is locked
    while a company is waited for.
    """
    kind, _, row = what.partition("/")
    if kind == _INVITATION:
        companies.receive_invited(newcomer, UUID(row))
        return
    for _ in range(_ROUNDS):
        if _asked(newcomer, UUID(row)) or _founded(newcomer, UUID(row), name):
            return
    raise LicenseNotAccepted


def enter(person_id: UUID, *, license: str, company: str, network: str) -> None:  # noqa: A002 - the word of the API
    """Let a member of the service who is in no company found or join one."""
    what = meant(license, companies.SERVICE, network)
    db.settle()
    bring(companies.newcomer_of(person_id), what, company)


def _asked(newcomer: Newcomer, license_id: UUID) -> bool:
    """Ask the company that has the licence; one that nobody is in any more lets it go."""
    held = holdings.live(license_id)
    if held is None:
        return False
    if held.company_id is None:
        raise LicenseNotAccepted
    company = companies.lock_company(held.company_id)
    still = holdings.live(license_id)
    if company is None or still is None or still.company_id != company.id:
        return False
    if not companies.goes_on(company):
        holdings.let_go(license_id, why="company_ended")
        return False
    companies.receive(newcomer, company)
    return True


def _founded(newcomer: Newcomer, license_id: UUID, name: str) -> bool:
    """Found a company with the licence; if somebody else was quicker everything is as before."""
    try:
        with db.session.begin_nested():
            company = companies.found(newcomer, name)
            holder = Holder(companies.SERVICE, company_id=company.id)
            holdings.take(license_id, holder, source=SOURCE)
    except LicenseNotAccepted:
        return False
    return True


keep_fields(Joining())


def _caller() -> UUID | None:
    caller = access.actor()
    return caller.id if caller.kind is ActorKind.ACCOUNT else None
