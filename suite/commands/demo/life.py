"""What can happen to invented people: events, each of them one of the product's own stories."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from suite import licenses
from suite.accounts import closure, joints, memberships, signin, signup
from suite.accounts.models import PROFILE_FIELDS, Account
from suite.accounts.sessions import LIFETIMES
from suite.commands.demo import post_office
from suite.commands.demo.people import PASSWORD, Invented
from suite.declarations import Service
from suite.declarations.fields import COMPANY, LICENSE
from suite.kernel import access, clock, db
from suite.kernel.access import Actor, ActorKind
from suite.privacy import consents, declared

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
    """One invented person: what is planned, and the account once there is one.

    `told` is what a registration says besides the profile, `codes` are activation codes somebody added.
    """

    who: Invented
    chance: random.Random
    services: list[str]
    until: datetime
    events: list[Event] = field(default_factory=list)
    account_id: UUID | None = None
    can_sign_in: bool = False
    devices: dict[str, str] = field(default_factory=dict)
    request: UUID | None = None
    told: dict[str, str] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where messages go."""
        return self.who.address

    def plan(self, at: datetime, what: Callable[..., None], *args: object, **given: object) -> None:
        """Note an event, unless it lies in the future."""
        if at < self.until:
            self.events.append(Event(at, partial(what, self, *args, **given)))


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
    } | (life.told or _licensed(life, service))


def _licensed(life: Life, service: Service) -> dict[str, str]:
    """Buy a licence where a service asks for one; the name of the company goes with it."""
    if LICENSE not in {ask.field for ask in service.asks if ask.required}:
        return {}
    sold = [product for product in licenses.catalogue().products.values() if service.key in product.services]
    product = life.chance.choice(sold)
    (bought,) = licenses.issue(product.key, product.policies[0], 1, source="demo")
    return {COMPANY.name: life.who.answers["company_name"], LICENSE.name: bought.code}


def _ticked(life: Life, service: Service) -> list[str]:
    return [consent.key for consent in service.consents if life.chance.random() < 0.3]


def _network(life: Life) -> str:
    """Give an address of the networks for documentation (RFC 5737, RFC 3849)."""
    chance = life.chance
    if chance.random() < 0.4:
        return f"2001:db8:{chance.randrange(65536):x}:{chance.randrange(65536):x}::/64"
    return f"{chance.choice(('192.0.2', '198.51.100', '203.0.113'))}.{chance.randint(1, 254)}"


@contextmanager
def signed_in(life: Life) -> Iterator[Account | None]:
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
        entered = signin.sign_in(
            life.address,
            PASSWORD,
            signin.Caller(client, life.chance.choice(_AGENTS[client]), _network(life), device=life.devices.get(client)),
        )
        assert isinstance(entered, signin.Entered)
        opened, life.devices[client] = entered.session, entered.device
        post_office.deliver(life.chance)
        used = min(LIFETIMES[client].idle, life.until - clock.now())
        opened.seen_at = clock.now() + used * life.chance.random()


def join(life: Life, key: str) -> None:
    """Join another service."""
    with signed_in(life) as account:
        if account is not None:
            service = memberships.open_service(key)
            chosen = memberships.check_consents(service, _ticked(life, service))
            profile, above = joints.split(_answers(life, service))
            kept = joints.check(service, above, _network(life))
            memberships.join_another(account, service, profile, chosen, language=account.language, kept=kept)


def take_back_consent(life: Life) -> None:
    """Withdraw the first consent that was given."""
    with signed_in(life) as account:
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
    with signed_in(life) as account:
        if account is not None and key in {one.service for one in memberships.live(account.id)[1:]}:
            memberships.leave(account, key)


def close(life: Life) -> None:
    """Close the account."""
    with signed_in(life) as account:
        if account is not None:
            closure.close(account)
            life.can_sign_in = False
