"""Registering for a service: nothing is an account before the address is proven.

Known and unknown addresses are treated alike in the request; the difference is made by a job afterwards.
"""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update

from suite.accounts import joints, letters, memberships, passwords, safeguards
from suite.accounts.errors import (
    AddressTaken,
    CodeExpired,
    CodeUsedUp,
    NoMoreMessages,
    RegistrationGone,
    ResendTooSoon,
    TooManyCodes,
    WrongCode,
)
from suite.accounts.models import REGISTRATION_LIVES, Account, Registration, profile_of
from suite.kernel import audit, clock, db, jobs, limits, sealed, secrets, system
from suite.kernel.fields import canonical_email, mailbox
from suite.kernel.ids import new_id
from suite.kernel.passwords import hash_password, verify_password
from suite.messages import post
from suite.privacy import Person, declared
from suite.webhooks import emit

MAX_TRIES = 5
MAX_SENDS = 5
RESEND_GAP = timedelta(seconds=60)
PER_NETWORK = limits.Allowance("register/network", times=30, seconds=3600)
PER_ADDRESS = limits.Allowance("register/address", times=8, seconds=3600)
"""Registrations and further codes together: each sends the owner of the mailbox a message."""
CODES_PER_ADDRESS = limits.Allowance("confirm/address", times=20, seconds=24 * 3600, refusal=TooManyCodes)
"""Over all registrations of an address, so that its code cannot be guessed; the mailed link goes on working."""


def start(
    *,
    service: str,
    email: str,
    password: str,
    profile: dict[str, str],
    chosen: list[str],
    language: str,
    network: str,
) -> Registration:
    """Take a registration; a code goes to the address, or word that there is an account already."""
    joined = memberships.open_service(service)
    guards = {name: value for name, value in profile.items() if name in safeguards.FIELDS}
    profile, above = joints.split({name: profile[name] for name in profile if name not in guards})
    profile = memberships.check_profile(joined, profile, above)
    memberships.check_consents(joined, chosen)
    key = canonical_email(email)
    about = [key, key.partition("@")[0], joined.title, *profile.values()]
    passwords.check(password, context=about)
    given = safeguards.read(joined, guards, about)
    limits.take(PER_NETWORK, network)
    limits.take(PER_ADDRESS, mailbox(key))
    kept = joints.check(joined, above, network)
    password_hash = hash_password(passwords.normal(password))
    person = Person(id=new_id())
    now = clock.now()
    registration = Registration(
        id=person.id,
        service=service,
        address=email,
        email_key=key,
        password_hash=password_hash,
        language=language,
        choices=list(dict.fromkeys(chosen)),
        started_at=now,
        asked_at=now,
        **profile,
    )
    safeguards.note(registration, given)
    registration.kept = system.current().keys.seal(json.dumps(kept), _cell(registration.id)) if kept else None
    db.session.add(person)
    db.session.flush()
    db.session.add(registration)
    db.session.flush()
    _answer_later(registration.id)
    return registration


def resend(registration_id: UUID) -> Registration:
    """Send another code; the older one stops working, and wrong tries stay counted."""
    now = clock.now()
    sent = db.session.execute(
        update(Registration)
        .where(
            Registration.id == registration_id,
            Registration.asked_at <= now - RESEND_GAP,
            Registration.sends < MAX_SENDS,
            Registration.tries < MAX_TRIES,
        )
        .values(sends=Registration.sends + 1, asked_at=now, code_hash=None, link_hash=None)
    )
    registration = _waiting(registration_id)
    if sent.rowcount != 1:  # type: ignore[attr-defined]
        if registration.tries >= MAX_TRIES:
            raise CodeUsedUp
        if registration.sends >= MAX_SENDS:
            raise NoMoreMessages
        raise ResendTooSoon(retry_after=int((registration.asked_at + RESEND_GAP - now).total_seconds()) + 1)
    limits.take(replace(PER_ADDRESS, refusal=ResendTooSoon), mailbox(registration.email_key))
    _answer_later(registration_id)
    return registration


def answer(registration_id: UUID) -> None:
    """Behind the answer: send the code, or tell the owner of a known address; runs as a job."""
    registration = db.session.get(Registration, registration_id)
    if registration is None:
        return
    owner = db.session.scalar(
        select(Account).where(Account.email_key == registration.email_key, Account.closed_at.is_(None))
    )
    title = declared().services[registration.service].title
    if owner is not None:
        post(
            letters.already_registered,
            person_id=owner.id,
            to=owner.address,
            language=owner.language,
            facts={"service": title},
        )
        return
    code, link = secrets.new_code(), secrets.new_token()
    registration.code_hash = _code_hashes(registration_id, code)[0]
    registration.link_hash = secrets.token_hash(link)
    post(
        letters.confirm_address,
        person_id=registration.id,
        to=registration.address,
        language=registration.language,
        facts={"service": title, "code": code, "link": link},
    )


def confirm(registration_id: UUID, code: str) -> Account:
    """Prove the address with the mailed code; the try is counted before the code is judged."""
    registration = _try(registration_id)
    limits.take(CODES_PER_ADDRESS, registration.email_key)
    known = registration.code_hash or ""
    if not any(secrets.same(one, known) for one in _code_hashes(registration_id, code)):
        raise WrongCode
    return _open_account(registration)


def confirm_by_link(token: str, password: str) -> Account:
    """Prove the address with the mailed link and the password chosen at registration.

    The password keeps a person from opening an account that somebody else prepared for their address.
    """
    found = db.session.scalar(select(Registration.id).where(Registration.link_hash == secrets.token_hash(token)))
    if found is None:
        raise RegistrationGone
    registration = _try(found)
    stored = registration.password_hash
    db.settle()
    if not verify_password(passwords.normal(password), stored):
        raise WrongCode
    return _open_account(registration)


def _waiting(registration_id: UUID) -> Registration:
    registration = db.session.scalar(
        select(Registration).where(Registration.id == registration_id).execution_options(populate_existing=True)
    )
    if registration is None or clock.now() >= REGISTRATION_LIVES.after(registration.started_at):
        raise RegistrationGone
    return registration


def _try(registration_id: UUID) -> Registration:
    counted = db.session.execute(
        update(Registration)
        .where(Registration.id == registration_id, Registration.tries < MAX_TRIES)
        .values(tries=Registration.tries + 1)
    )
    registration = _waiting(registration_id)
    if counted.rowcount != 1:  # type: ignore[attr-defined]
        raise CodeUsedUp
    if clock.now() - registration.asked_at >= letters.CODE_LIVES:
        raise CodeExpired
    return registration


def _open_account(registration: Registration) -> Account:
    """Turn a proven registration into an account; of many at once exactly one succeeds."""
    taken = db.session.execute(delete(Registration).where(Registration.id == registration.id))
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise RegistrationGone
    account = Account(
        id=registration.id,
        address=registration.address,
        email_key=registration.email_key,
        password_hash=registration.password_hash,
        language=registration.language,
        created_at=clock.now(),
    )
    db.session.add(account)
    with db.translated({"uq_accounts_email_key": AddressTaken}):
        db.session.flush()
    emit("account.verified", person_id=account.id)
    service = memberships.open_service(registration.service)
    chosen = memberships.check_consents(service, registration.choices)
    shown_in = registration.language
    kept = (
        json.loads(system.current().keys.open(registration.kept, _cell(registration.id))) if registration.kept else {}
    )
    profile = profile_of(registration)
    memberships.join(account, service, profile, chosen, method="registration", language=shown_in, kept=kept)
    safeguards.hand_over(account, registration)
    audit.write("account.opened", subject=account.id, service=service.key)
    return account


def _cell(registration_id: UUID) -> str:
    return sealed.context("registrations", registration_id, "kept")


def _answer_later(registration_id: UUID) -> None:
    from suite.accounts.jobs import answer_registration

    jobs.defer(answer_registration, registration_id=registration_id)


def _code_hashes(registration_id: UUID, code: str) -> tuple[str, ...]:
    """Give the hash under every key, newest first: a code mailed before a rotation still works."""
    return system.current().keys.keyed_hashes(f"{registration_id}/{code}", "registration")
