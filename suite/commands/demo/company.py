"""A company of invented people: who runs it, who waits to be let in, its contracts, and licences in every state."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import select

from suite import companies, licenses, reminders
from suite.commands.demo import post_office
from suite.commands.demo.life import Event, Life, arrive, sign_in, signed_in
from suite.commands.demo.people import invent
from suite.commands.demo.rights import SELLER, working
from suite.companies import addresses, contracts, invitations, members, notices
from suite.companies.models import CompanyMember
from suite.kernel import access, clock, db, versions
from suite.licenses import company as company_licenses
from suite.licenses import desk, seats
from suite.messages.models import Message
from suite.messages.outbox import open_facts

SERVICE: Final = "company-account"
_BUSINESS, _MAIL = ("endpoint-security", "business-year"), ("mail-gateway", "business-year")
_TERMS: Final = {
    "valid": (_MAIL, 300),
    "grace": (_BUSINESS, -4),
    "expired": (_BUSINESS, -18),
    "void": (_MAIL, 200),
}
"""How many days from now the licences of the company end; one that is over 14 days is worth nothing any more."""
_CONTRACTS: Final = {
    "S-{}-1": ("Premium support", -8),
    "S-{}-2": ("On-site support", 7),
    "S-{}-3": ("Phone support", 190),
}
PEOPLE: Final = 5


def plan(chance: random.Random, offset: int, now: datetime) -> list[Life]:
    """Plan the lives of an Administrator, two employees, and two who ask to join; one of those waits still."""
    lives = [Life(invent(chance, offset + number + 1), chance, [SERVICE], until=now) for number in range(PEOPLE)]
    boss, emma, otto, asks, late = lives
    _at(boss, now - timedelta(days=33), _found)
    for life, days in ((emma, 31), (otto, 30), (late, 12)):
        _at(life, now - timedelta(days=days), partial(_ask, boss=boss))
        _at(boss, now - timedelta(days=days, hours=-3), partial(_let_in, who=life))
    _at(asks, now - timedelta(hours=30), partial(_ask, boss=boss))
    _at(boss, now - timedelta(days=29), _add_licenses)
    _at(emma, now - timedelta(days=27), _use_licenses)
    _at(boss, now - timedelta(days=26), partial(_record_contracts, people=(boss, emma)))
    _at(emma, now - timedelta(days=20), _add_addresses)
    _at(boss, now - timedelta(days=9), _void_a_license)
    _at(boss, now - timedelta(days=7), _send_reminders)
    _at(boss, now - timedelta(hours=20), partial(_invite, number=offset + PEOPLE + 1))
    for life in (boss, emma, late):
        life.plan(now - timedelta(hours=chance.uniform(1, 40)), sign_in, "browser")
    _at(boss, now - timedelta(minutes=20), _send_reminders)
    return lives


def _at(life: Life, moment: datetime, act: Callable[[Life], None]) -> None:
    life.events.append(Event(moment, partial(act, life)))


def _found(boss: Life) -> None:
    """Sell a licence to somebody, who founds a company with it."""
    boss.told = {"company": boss.who.answers["company_name"], "license": _sold(boss, _BUSINESS)}
    arrive(boss)


def _ask(life: Life, *, boss: Life) -> None:
    """Ask to join the company by giving its licence."""
    life.told = dict(boss.told)
    arrive(life)


def _let_in(boss: Life, *, who: Life) -> None:
    with signed_in(boss):
        members.let_in(_id(boss), _member(who))


def _add_licenses(boss: Life) -> None:
    """Sell licences that are used, over or ended by now, and some that nobody has used."""
    with working(boss, SELLER):
        for _ in licenses.issue("endpoint-security", "trial-month", 3, source="staff", note="not used yet"):
            pass
    for sold, days in _TERMS.values():
        code = _sold(boss, sold, ends_at=boss.until + timedelta(days=days, hours=5))
        with signed_in(boss):
            company_licenses.add(_id(boss), code, network="192.0.2.7")
        boss.codes.append(code)


def _use_licenses(emma: Life) -> None:
    """Connect devices to the licences that were added."""
    with db.transaction():
        company_id = companies.company_of(_id(emma))
        assert company_id is not None
        for held in db.session.scalars(licenses.of_company(company_id)).all():
            found = desk.one(held.license_id)
            for name in ("Reception", "Workshop", "Accounts")[: emma.chance.randint(1, 3)]:
                seats.connect(found, device=f"{name}/{held.id}", device_name=name)


def _void_a_license(boss: Life) -> None:
    with working(boss, SELLER):
        found = desk.by_code(boss.codes[list(_TERMS).index("void")])
        desk.void(found.id, versions.State.of(found), "misused")


def _record_contracts(boss: Life, *, people: tuple[Life, ...]) -> None:
    """Let staff record what the company bought, with the two who may use it."""
    with working(boss, SELLER):
        company_id = companies.company_of(_id(boss))
        assert company_id is not None
        for number, (title, days) in _CONTRACTS.items():
            contracts.record(
                company_id,
                number=number.format(str(company_id)[-6:].upper()),
                title=title,
                begins_at=boss.until - timedelta(days=365 - days),
                ends_at=boss.until + timedelta(days=days, hours=3),
                people=[_member(one) for one in people],
            )


def _add_addresses(emma: Life) -> None:
    """Add two further addresses, and verify the first."""
    local = emma.address.partition("@")[0]
    with signed_in(emma):
        first = addresses.add(_id(emma), f"{local}@home.example.org")
        code = _code_of(first.id)
        addresses.verify(_id(emma), first.id, code)
        addresses.add(_id(emma), f"{local}@other.example.net")


def _invite(boss: Life, *, number: int) -> None:
    with signed_in(boss):
        who = invent(boss.chance, number)
        invitations.invite(_id(boss), email=who.address, language=who.language)


def _send_reminders(boss: Life) -> None:
    """Let the reminders of this moment be planned and sent."""
    access.begin(access.SYSTEM, None)
    reminders.run()
    with db.transaction():
        post_office.deliver(boss.chance, failures=False)


def _sold(life: Life, sold: tuple[str, str], ends_at: datetime | None = None) -> str:
    """Issue one licence; give its code."""
    begins_at = clock.now() if ends_at is not None else None
    with working(life, SELLER):
        made = licenses.issue(*sold, 1, source="staff", note="demo", begins_at=begins_at, expires_at=ends_at)
        return next(made).code


def _id(life: Life) -> UUID:
    assert life.account_id is not None
    return life.account_id


def _member(life: Life) -> UUID:
    return db.session.scalars(select(CompanyMember.id).where(CompanyMember.person_id == _id(life))).one()


def _code_of(address_id: UUID) -> str:
    """Read the code from the letter that waits for an address."""
    mine = select(Message).where(Message.letter == notices.verify_address.key, Message.content.is_not(None))
    found = [open_facts(message) for message in db.session.scalars(mine)]
    return next(str(facts["code"]) for facts in found if facts["address"] == str(address_id))
