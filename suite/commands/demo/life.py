"""What happens to invented people: a plan of events, each of them one of the product's own stories."""

import dataclasses
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import delete, event

from suite.accounts import closure, memberships, signin, signup
from suite.accounts.models import PROFILE_FIELDS, Account
from suite.commands.demo import post_office
from suite.commands.demo.people import PASSWORD, Invented, invent
from suite.declarations import Service
from suite.kernel import access, clock, db, system
from suite.kernel.access import Actor, ActorKind
from suite.kernel.db import Database
from suite.kernel.models import Job
from suite.kernel.passwords import HashPool
from suite.kernel.system import System
from suite.privacy import consents, declared, sweep_job, sweeps

_AGENTS = {
    "browser": (
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15",
    ),
    "app": ("Suite/3.2 (Android 15; Pixel 8)", "Suite/3.2 (iOS 18.5; iPhone 15)", "Suite/3.1 (Windows 11)"),
}


@dataclass(frozen=True)
class Event:
    """Something that happens at an instant."""

    at: datetime
    happen: Callable[[], None]


@dataclass
class Life:
    """One invented person: what is planned, and the account once there is one."""

    who: Invented
    chance: random.Random
    services: list[str]
    until: datetime
    events: list[Event] = field(default_factory=list)
    account_id: UUID | None = None
    can_sign_in: bool = False

    @property
    def address(self) -> str:
        """Where messages go."""
        return self.who.address

    def plan(self, at: datetime, what: Callable[..., None], *args: object) -> None:
        """Note an event, unless it lies in the future."""
        if at < self.until:
            self.events.append(Event(at, partial(what, self, *args)))


class _OneHash(HashPool):
    """Knows the hash of the one password of all invented people, so that it is computed once."""

    def __init__(self, running: System) -> None:
        super().__init__(running.keys, 1, 1)
        self._hash_of_all = super().hash(PASSWORD)

    def hash(self, password: str) -> str:
        """Give the one hash."""
        return self._hash_of_all

    def verify(self, password: str, stored: str | None) -> bool:
        """Compare with the one password."""
        return stored == self._hash_of_all and password == PASSWORD


@contextmanager
def rehearsal(running: System) -> Iterator[None]:
    """Run the stories with the one hash, and with the inbox as the only way out."""
    _hurry(running.database)
    hashes = _OneHash(running)
    settings = dataclasses.replace(running.settings, mail="inbox", sms="inbox")
    system.use(dataclasses.replace(running, settings=settings, hashes=hashes))
    try:
        yield
    finally:
        system.use(running)
        hashes.close()


def _hurry(database: Database) -> None:
    """Let commits not wait for the disk: a crash may cost some of these people, never the database."""

    def relax(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=NORMAL" if database.sqlite else "SET synchronous_commit TO off")
        if not database.sqlite:
            connection.commit()

    event.listen(database.engine, "connect", relax)
    database.engine.dispose()


def plan(chance: random.Random, people: int, offset: int, *, weeks: int) -> list[Life]:
    """Plan the lives of some people over the last weeks."""
    open_keys = [key for key, service in declared().services.items() if service.opens_with(declared().parts)]
    now = clock.now()
    lives = []
    for number in range(people):
        services = chance.sample(open_keys, chance.choices((1, 2, 3), weights=(6, 3, 1))[0])
        life = Life(invent(chance, offset + number + 1), chance, services, until=now)
        if number % 20 == 19:
            life.plan(now - timedelta(hours=chance.uniform(0.2, 20)), register)
        else:
            _plan_membership(life, now - timedelta(days=chance.uniform(0.5, weeks * 7)))
        lives.append(life)
    return lives


def _plan_membership(life: Life, arrival: datetime) -> None:
    now, chance = clock.now(), life.chance
    life.plan(arrival, arrive)
    for key in life.services[1:]:
        life.plan(arrival + (now - arrival) * chance.uniform(0.02, 0.5), join, key)
    if chance.random() < 0.3:
        life.plan(arrival + (now - arrival) * chance.uniform(0.5, 0.7), take_back_consent)
    for _ in range(chance.choices((1, 2, 4), weights=(5, 4, 1))[0]):
        life.plan(arrival + (now - arrival) * chance.uniform(0.55, 1), sign_in, "app")
    if chance.random() < 0.4:
        life.plan(now - timedelta(minutes=chance.uniform(1, 25)), sign_in, "browser")
    if chance.random() < 0.04:
        life.plan(now - timedelta(hours=chance.uniform(0.2, 20)), register)
    _plan_ends(life, arrival)


def _plan_ends(life: Life, arrival: datetime) -> None:
    """Let some leave a service, and some close their account; most so lately that the data still wait."""
    now, chance = clock.now(), life.chance
    latest = now - timedelta(minutes=30)
    soon = max(arrival + (now - arrival) * 0.75, now - timedelta(hours=20))
    if len(life.services) > 1 and chance.random() < 0.3:
        life.plan(soon + (latest - soon) * chance.random(), leave, life.services[-1])
    if chance.random() < 0.1:
        life.plan(soon + (latest - soon) * chance.random(), close)


def register(life: Life) -> None:
    """Send a registration that is never confirmed; the owner of a known address is told."""
    with db.transaction():
        registration = _start(life)
        signup.answer(registration)
        post_office.deliver(life.chance)


def arrive(life: Life) -> None:
    """Register and prove the address with the code from the mail."""
    with db.transaction():
        registration = _start(life)
        signup.answer(registration)
        code = post_office.code_for(registration)
        post_office.deliver(life.chance, failures=False)
        account = signup.confirm(registration, code)
        life.account_id = account.id
        life.can_sign_in = True


def _start(life: Life) -> UUID:
    service = declared().services[life.services[0]]
    return signup.start(
        service=service.key,
        email=life.address,
        password=PASSWORD,
        profile=_answers(life, service),
        chosen=_ticked(life, service),
        language=life.who.language,
        network=_network(life),
    ).id


def _answers(life: Life, service: Service) -> dict[str, str]:
    return {
        ask.field.name: life.who.answers[ask.field.name]
        for ask in service.asked(declared().parts)
        if ask.field.name in PROFILE_FIELDS and (ask.required or life.chance.random() < 0.5)
    }


def _ticked(life: Life, service: Service) -> list[str]:
    return [consent.key for consent in service.consents if life.chance.random() < 0.3]


def _network(life: Life) -> str:
    """Give an address of the networks for documentation (RFC 5737, RFC 3849)."""
    chance = life.chance
    if chance.random() < 0.4:
        return f"2001:db8:{chance.randrange(65536):x}:{chance.randrange(65536):x}::/64"
    return f"{chance.choice(('192.0.2', '198.51.100', '203.0.113'))}.{chance.randint(1, 254)}"


@contextmanager
def _signed_in(life: Life) -> Iterator[Account | None]:
    """Open a transaction in the person's own name; None when the account is closed already."""
    access.begin(Actor(ActorKind.ACCOUNT, life.account_id), None)
    with db.transaction() as session:
        account = session.get(Account, life.account_id)
        yield account if account is not None and account.closed_at is None else None
        post_office.deliver(life.chance)
    access.begin(access.SYSTEM, None)


def sign_in(life: Life, client: str) -> None:
    """Open a session and use it now and then."""
    if not life.can_sign_in:
        return
    with db.transaction():
        opened, _ = signin.sign_in(
            life.address,
            PASSWORD,
            client=client,
            user_agent=life.chance.choice(_AGENTS[client]),
            network=_network(life),
        )
        used = min(signin.LIFETIMES[client].idle, life.until - clock.now())
        opened.seen_at = clock.now() + used * life.chance.random()


def join(life: Life, key: str) -> None:
    """Join another service."""
    with _signed_in(life) as account:
        if account is not None:
            service = memberships.open_service(key)
            chosen = memberships.check_consents(service, _ticked(life, service))
            memberships.join(account, service, _answers(life, service), chosen, "settings")


def take_back_consent(life: Life) -> None:
    """Withdraw the first consent that was given."""
    with _signed_in(life) as account:
        if account is None:
            return
        for membership in memberships.live(account.id):
            for consent in declared().services[membership.service].consents:
                if consents.may(account.id, consent.key, membership.service):
                    consents.withdraw(
                        account.id, consent, service=membership.service, language=account.language, method="settings"
                    )
                    return


def leave(life: Life, key: str) -> None:
    """Leave one of several services."""
    with _signed_in(life) as account:
        if account is not None and key in {one.service for one in memberships.live(account.id)[1:]}:
            memberships.leave(account, key)


def close(life: Life) -> None:
    """Close the account."""
    with _signed_in(life) as account:
        if account is not None:
            closure.close(account)
            life.can_sign_in = False


def tidy() -> None:
    """Let the sweep take what is due, as it would have all along."""
    sweeps.sweep()
    with db.transaction() as session:
        session.execute(
            delete(Job).where(
                Job.name == sweep_job.name, Job.due_at <= clock.now(), Job.dead_at.is_(None), Job.owner.is_(None)
            )
        )
