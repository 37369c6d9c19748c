"""E-mail domains of a company: whoever proves an address in a verified one joins without being asked.

A domain is verified by a code mailed to one of the mailboxes that run it (RFC 2142). Domains are compared as a whole,
in their IDNA A-labels: `mail.acme.example` is another one than `acme.example`.
"""

from importlib.resources import files
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update

from suite.accounts import contact_of
from suite.companies import letters, membership
from suite.companies.errors import DomainCodeWrong, DomainMailTooSoon, DomainNotUsable, DomainTaken, TooManyDomains
from suite.companies.membership import SERVICE
from suite.companies.models import Company, CompanyDomain
from suite.kernel import audit, clock, db, limits, secrets, system
from suite.kernel.errors import NotFound
from suite.kernel.fields import mailbox as mailbox_of
from suite.messages import post

MAILBOXES: Final = ("postmaster", "hostmaster", "webmaster", "admin", "administrator")
MOST: Final = 20
MAX_TRIES: Final = 5
PER_DOMAIN = limits.Allowance("company_domain/domain", times=5, seconds=24 * 3600, refusal=DomainMailTooSoon)
PER_COMPANY = limits.Allowance("company_domain/company", times=40, seconds=24 * 3600, refusal=DomainMailTooSoon)
SENT_AWAY = limits.Allowance("company_domain/sent_away", times=1, seconds=30 * 24 * 3600)
"""Whom an Administrator sent away, no domain lets in again for a month: they ask."""
PUBLIC: Final = frozenset(files("suite.companies").joinpath("public_domains.txt").read_text(encoding="utf-8").split())
"""Domains where everybody gets a mailbox: the common ones; of others nobody reads the mailboxes that run them."""


def add(person_id: UUID, *, domain: str, mailbox: str) -> CompanyDomain:
    """Add a domain to the own company and mail a code to a mailbox of it; an older code stops working."""
    company, _ = membership.acting_administrator(person_id)
    if domain in PUBLIC:
        raise DomainNotUsable
    limits.take(PER_COMPANY, str(company.id))
    limits.take(PER_DOMAIN, domain)
    found = _of(company.id, domain) or _new(company.id, domain)
    if found.verified_at is None:
        code = secrets.new_code()
        found.code_hash, found.tries, found.asked_at = _hashes(found.id, code)[0], 0, clock.now()
        db.session.flush()
        _mail(person_id, company, found, mailbox, code)
    audit.write("company.domain_added", subject=person_id, company=str(company.id), domain=str(found.id))
    return found


def confirm(person_id: UUID, domain_id: UUID, code: str) -> CompanyDomain:
    """Verify a domain with the mailed code; the try is counted before it is judged. One company has a domain."""
    company, _ = membership.acting_administrator(person_id)
    mine = (CompanyDomain.id == domain_id, CompanyDomain.company_id == company.id)
    counted = db.session.execute(
        update(CompanyDomain)
        .where(*mine, CompanyDomain.tries < MAX_TRIES, CompanyDomain.code_hash.is_not(None))
        .values(tries=CompanyDomain.tries + 1)
    )
    found = _one(company.id, domain_id)
    late = clock.now() - found.asked_at >= letters.DOMAIN_CODE_LIVES
    right = any(secrets.same(one, found.code_hash or "") for one in _hashes(found.id, code))
    if counted.rowcount != 1 or late or not right:  # type: ignore[attr-defined]
        raise DomainCodeWrong
    found.code_hash, found.verified_at = None, clock.now()
    with db.translated({"uq_company_domains_domain": DomainTaken}):
        db.session.flush()
    audit.write("company.domain_verified", subject=person_id, company=str(company.id), domain=str(found.id))
    return found


def listing(person_id: UUID) -> list[CompanyDomain]:
    """List the domains of the own company."""
    company, _ = membership.require_administrator(person_id)
    mine = select(CompanyDomain).where(CompanyDomain.company_id == company.id)
    return list(db.session.scalars(mine.order_by(CompanyDomain.domain)))


def remove(person_id: UUID, domain_id: UUID) -> None:
    """Remove a domain; whoever came in by it stays."""
    company, _ = membership.acting_administrator(person_id)
    db.session.delete(_one(company.id, domain_id))
    db.session.flush()
    audit.write("company.domain_removed", subject=person_id, company=str(company.id), domain=str(domain_id))


def let_in(company_id: UUID, email_key: str) -> bool:
    """Say whether a verified domain of a company lets an address in that was proven just now."""
    asked = select(CompanyDomain.id).where(
        CompanyDomain.company_id == company_id,
        CompanyDomain.domain == email_key.rpartition("@")[2],
        CompanyDomain.verified_at.is_not(None),
    )
    if db.session.scalar(asked) is None:
        return False
    return not limits.used_up(SENT_AWAY, _sent_away(company_id, email_key))


def close_to(company_id: UUID, email_key: str) -> None:
    """Let no domain of a company let somebody in again whom an Administrator sent away."""
    limits.room(SENT_AWAY, _sent_away(company_id, email_key))


def _sent_away(company_id: UUID, email_key: str) -> str:
    return f"{company_id}/{mailbox_of(email_key)}"


def _new(company_id: UUID, domain: str) -> CompanyDomain:
    there = db.session.scalar(select(func.count()).where(CompanyDomain.company_id == company_id))
    if (there or 0) >= MOST:
        raise TooManyDomains
    found = CompanyDomain(company_id=company_id, domain=domain, asked_at=clock.now())
    db.session.add(found)
    db.session.flush()
    return found


def _of(company_id: UUID, domain: str) -> CompanyDomain | None:
    mine = (CompanyDomain.company_id == company_id, CompanyDomain.domain == domain)
    return db.session.scalar(select(CompanyDomain).where(*mine))


def _one(company_id: UUID, domain_id: UUID) -> CompanyDomain:
    mine = select(CompanyDomain).where(CompanyDomain.id == domain_id, CompanyDomain.company_id == company_id)
    found = db.session.scalar(mine.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def _mail(person_id: UUID, company: Company, found: CompanyDomain, mailbox: str, code: str) -> None:
    """Write to the keepers of a domain; the Administrator who asked answers for it, so the letter is about them."""
    to = contact_of(person_id)
    assert to is not None
    facts = {"company": company.name, "domain": found.domain, "code": code, "domain_id": str(found.id)}
    post(
        letters.domain_code,
        person_id=person_id,
        to=f"{mailbox}@{found.domain}",
        language=to.language,
        facts=facts,
        service=SERVICE,
    )


def _hashes(domain_id: UUID, code: str) -> tuple[str, ...]:
    """Give the hash under every key, newest first: a code mailed before a rotation still works."""
    return system.current().keys.keyed_hashes(f"{domain_id}/{code}", "company_domain")
