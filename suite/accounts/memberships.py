"""Joining and leaving services."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, update

from suite.accounts import joints, letters, questions, undo
from suite.accounts.contacts import open_account
from suite.accounts.errors import (
    AlreadyMember,
    LastService,
    NoWayBack,
    ServiceNotOpen,
    UnknownConsent,
    UnknownService,
)
from suite.accounts.models import PROFILE_FIELDS, Account, Membership, profile_of
from suite.declarations import Consent, Period, Service
from suite.declarations.fields import SECURITY
from suite.kernel import audit, clock, db, jobs, system, versions
from suite.kernel.errors import NotFound, SignInNeeded
from suite.kernel.words import marked as _
from suite.messages import post
from suite.privacy import (
    declared,
    give_consent,
    leave_tombstone,
    may_be_changed,
    replays,
    service_ends,
    sweep_job,
    withdraw_consents,
)
from suite.webhooks import emit

_IN_SETTINGS = _("This guards the whole account: it is set in your settings, not when you join a service.")


def open_service(key: str) -> Service:
    """Give a service people can join now; unknown and closed ones are refused."""
    service = declared().services.get(key)
    if service is None:
        raise UnknownService
    if not service.opens_with(declared().parts):
        raise ServiceNotOpen
    return service


def check_profile(service: Service, profile: dict[str, str], above: Mapping[str, str] | None = None) -> dict[str, str]:
    """Refuse a profile that lacks what the service needs or says what it does not ask for.

    With `above`, what parts above keep of a registration is refused in the same answer.

    What guards the account is no part of a profile: registration takes it apart before, whoever joins later sets it
    in the settings.
    """
    parts = declared().parts
    guards = {ask.field.name for ask in service.asked(parts) if ask.field in SECURITY}
    asked = {ask.field.name: ask.required for ask in service.asked(parts) if ask.field.name in PROFILE_FIELDS}
    wrong = [(name, joints.MISSING) for name, needed in asked.items() if needed and not profile.get(name)]
    wrong += [(name, _IN_SETTINGS if name in guards else joints.NOT_ASKED) for name in profile if name not in asked]
    joints.refuse(wrong if above is None else [*wrong, *joints.wrong(service, above)])
    return profile


def check_consents(service: Service, chosen: list[str]) -> list[Consent]:
    """Give the consents a person ticked; one the service does not ask for is refused."""
    offered = {consent.key: consent for consent in service.consents}
    if not set(chosen) <= set(offered):
        raise UnknownConsent
    return [offered[key] for key in dict.fromkeys(chosen)]


def join(
    account: Account,
    service: Service,
    profile: dict[str, str],
    chosen: list[Consent],
    *,
    method: str,
    language: str,
    kept: Mapping[str, str],
) -> Membership:
    """Make a person a member of a service, with the consents they ticked and no others.

    `kept` is what parts above accounts checked before; they take it in this transaction, or refuse it.
    """
    membership = Membership(account_id=account.id, service=service.key, joined_at=clock.now(), **profile)
    db.session.add(membership)
    with db.translated({"uq_memberships_account_id_service": AlreadyMember}):
        db.session.flush()
    for consent in chosen:
        give_consent(
            account.id,
            consent,
            service=service.key,
            language=language,
            method=method,
            address=account.address,
        )
    who = (account.id, membership.id, service.key, account.address, account.language, profile)
    joints.take(joints.Newcomer(*who, proven_now=method == "registration"), kept)
    audit.write("service.joined", subject=account.id, service=service.key)
    emit("service.joined", person_id=account.id, service=service.key)
    return membership


def join_another(
    account: Account,
    service: Service,
    profile: dict[str, str],
    chosen: list[Consent],
    *,
    language: str,
    kept: Mapping[str, str],
) -> Membership:
    """Let the owner of an account join one more service."""
    may_be_changed(account.id)
    membership = join(account, service, profile, chosen, method="settings", language=language, kept=kept)
    if open_account(account.id) is None:
        raise SignInNeeded
    return membership


def live(account_id: UUID) -> list[Membership]:
    """Give the services a person is a member of."""
    return list(
        db.session.scalars(
            select(Membership)
            .where(Membership.account_id == account_id, Membership.ended_at.is_(None))
            .order_by(Membership.id)
        )
    )


def one(account_id: UUID, key: str) -> Membership:
    """Give the membership of a person in one service; what was left or never joined is not there."""
    found = db.session.scalar(
        select(Membership).where(
            Membership.account_id == account_id, Membership.service == key, Membership.ended_at.is_(None)
        )
    )
    if found is None:
        raise NotFound
    return found


def change_profile(membership: Membership, seen: versions.State, given: Mapping[str, str | None]) -> None:
    """Change what a person told a service, field by field; null takes a field back that is not needed."""
    may_be_changed(membership.account_id)
    whole = profile_of(membership) | {name: value or "" for name, value in given.items()}
    check_profile(declared().services[membership.service], whole)
    versions.change(membership, seen, **given)
    audit.write("profile.changed", subject=membership.account_id, service=membership.service, fields=sorted(given))


@dataclass(frozen=True)
class Left:
    """What a person is told who left a service: when its data go, and until when that can be taken back."""

    erased_by: datetime
    undo_until: datetime | None


def leave(account: Account, key: str) -> Left:
    """End one membership; the others stay."""
    undo.may_change(account)
    may_be_changed(account.id)
    joints.say_farewell(account.id, key, joints.Leaving.WANTED)
    now = clock.now()
    there = select(Account.id).where(Account.id == account.id, Account.closed_at.is_(None)).with_for_update()
    if db.session.scalar(there) is None:
        raise SignInNeeded
    count = db.session.scalar(
        select(func.count())
        .select_from(Membership)
        .where(Membership.account_id == account.id, Membership.ended_at.is_(None))
    )
    if count == 1:
        raise LastService if any(found.service == key for found in live(account.id)) else NotFound
    ended = db.session.execute(
        update(Membership)
        .where(Membership.account_id == account.id, Membership.service == key, Membership.ended_at.is_(None))
        .values(ended_at=now)
    )
    if ended.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound
    service = declared().services[key]
    _let_go(account, service, "left")
    jobs.defer(sweep_job, due_at=service.keep.after(now))
    left = Left(promised(service, now), undoable_until([service], now))
    leave_tombstone("service.left", account.id, service=key)
    audit.write("service.left", subject=account.id, service=key)
    _say_what_goes(account, service, left)
    return left


def _let_go(account: Account, service: Service, how: str) -> None:
    """Take back what the service was allowed, and tell connected systems that it is over for this person."""
    withdraw_consents(account.id, [service], language=account.language, method=how, address=account.address)
    if questions.offered_by(service):
        questions.forget_unless_offered(account.id)
    emit("service.left", person_id=account.id, service=service.key)


@service_ends("memberships")
def _ended(person_id: UUID, key: str) -> None:
    """Do what leaving does for somebody who did not use a service for its time and keeps the account."""
    account = db.session.get(Account, person_id)
    if account is not None and account.closed_at is None:
        _let_go(account, declared().services[key], "ended")
        audit.write("service.ended", subject=person_id, service=key)


def _say_what_goes(account: Account, service: Service, left: Left) -> None:
    facts = {"service": service.title, "deadline": clock.written(left.erased_by)}
    letter = letters.service_left
    if left.undo_until is not None:
        facts["until"] = clock.written(left.undo_until)
        letter = letters.service_left_for_now
    post(letter, person_id=account.id, to=account.address, language=account.language, facts=facts)


def come_back(account: Account, key: str) -> Membership:
    """Take back that a service was left, within its grace; consents stay withdrawn."""
    service = declared().services.get(key)
    membership = db.session.scalar(select(Membership).where(_of(account.id, key)).order_by(*_NEWEST).limit(1))
    if service is None or membership is None:
        raise NotFound
    if membership.ended_at is None:
        raise AlreadyMember
    may_be_changed(account.id)
    until = undoable_until([service], membership.ended_at)
    if until is None or until <= clock.now():
        raise NoWayBack
    with db.translated({"uq_memberships_account_id_service": AlreadyMember}):
        versions.change(membership, versions.State.of(membership), ended_at=None)
    leave_tombstone("service.returned", account.id, service=key)
    audit.write("service.returned", subject=account.id, service=key)
    emit("service.restored", person_id=account.id, service=key)
    return membership


@replays("service.left")
def _leave_again(person_id: UUID, at: datetime, facts: dict[str, Any]) -> None:
    mine = update(Membership).where(_of(person_id, facts["service"]), Membership.ended_at.is_(None))
    db.session.execute(mine.values(ended_at=at))


@replays("service.returned")
def _return_again(person_id: UUID, _at: datetime, facts: dict[str, Any]) -> None:
    mine = [*db.session.scalars(select(Membership).where(_of(person_id, facts["service"])).order_by(*_NEWEST))]
    if mine and mine[0].ended_at is not None:
        mine[0].ended_at = None
        db.session.flush()


_NEWEST = (Membership.ended_at.is_(None).desc(), Membership.ended_at.desc())


def _of(account_id: UUID, key: str) -> ColumnElement[bool]:
    return and_(Membership.account_id == account_id, Membership.service == key)


def undoable_until(services: Iterable[Service], since: datetime) -> datetime | None:
    """Give the instant until which leaving these services can be taken back; None where one of them has no grace."""
    graces = [service.grace for service in services]
    return None if Period() in graces else min((grace.after(since) for grace in graces), default=None)


def promised(service: Service, left_at: datetime) -> datetime:
    """Give the instant by which data of a service are deleted; "at once" means within one sweep interval."""
    interval = timedelta(minutes=system.current().settings.sweep_minutes)
    return max(service.keep.after(left_at), left_at + interval)
