"""Signing in to the internal tools: the password, and always a second factor."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update

from suite.accounts import Caller, WrongCredentials, normal_password
from suite.factors import challenges
from suite.factors.errors import ChallengeGone, WrongFactorCode
from suite.kernel import audit, clock, db, gate, known_devices, limits
from suite.kernel.errors import SignInNeeded
from suite.kernel.fields import canonical_email
from suite.staff import letters, sessions
from suite.staff.models import StaffMember, StaffSession

SIGN_IN, STEP_UP = "staff_sign_in", "staff_step_up"
PER_NETWORK = limits.Allowance("staff_sign_in/network", times=100, seconds=900)
PER_ADDRESS_AND_NETWORK = limits.Allowance("staff_sign_in/address_network", times=10, seconds=900)
PER_ADDRESS = limits.Allowance("staff_sign_in/address", times=50, seconds=3600)
PER_DEVICE = limits.Allowance("staff_sign_in/device", times=10, seconds=900)
WARNING = limits.Allowance("staff_sign_in/warning", times=1, seconds=24 * 3600)


@dataclass(frozen=True)
class Entered:
    """An open session with its token and that of the device."""

    session: StaffSession
    token: str
    device: str


def sign_in(email: str, password: str, caller: Caller) -> challenges.Question:
    """Judge the password and ask for a second factor; an unknown address costs the same work."""
    key = canonical_email(email)
    device = sessions.known_device(caller.device, key)
    counted = _gate().count(key, caller.network, device)
    member = db.session.scalar(
        select(StaffMember).where(StaffMember.email_key == key, StaffMember.disabled_at.is_(None))
    )
    db.settle()
    kept = gate.judge(normal_password(password), member.password_hash if member else None)
    if member is None or kept is None:
        audit.write("staff.sign_in_failed", subject=member.id if member else None)
        raise WrongCredentials
    same = db.session.execute(
        update(StaffMember)
        .where(
            StaffMember.id == member.id,
            StaffMember.password_hash == member.password_hash,
            StaffMember.disabled_at.is_(None),
        )
        .values(password_hash=kept)
        .execution_options(synchronize_session=False)
    )
    question = challenges.ask(member.id, use=SIGN_IN, bound_to=caller.client, lane=str(device or ""))
    if same.rowcount != 1 or question is None:  # type: ignore[attr-defined]
        raise WrongCredentials
    gate.forget(counted)
    return question


def answer(challenge: str, *, method: str, code: str, caller: Caller) -> Entered:
    """Judge the code of a second factor and open the session the password asked for.

    The member is locked before the challenge, as everywhere: what disables him waits, or is seen.
    """
    asked = challenges.person_of(challenge)
    member = db.session.get(StaffMember, asked, with_for_update={"key_share": True}) if asked else None
    if member is None or member.disabled_at is not None or member.password_hash is None:
        raise ChallengeGone
    try:
        passed = challenges.answer(challenge, use=SIGN_IN, method=method, code=code)
    except WrongFactorCode as wrong:
        if wrong.facts["left"] == 0 and limits.room(WARNING, str(member.id)):
            letters.tell(member, letters.guessed)
        raise
    return _enter(member, caller, passed.bound_to)


def ask(member_id: UUID, session_id: UUID) -> challenges.Question:
    """Ask the member of a session for a second factor, before a sensitive act."""
    question = challenges.ask(member_id, use=STEP_UP, bound_to=str(session_id), lane=str(session_id))
    if question is None:
        raise SignInNeeded
    return question


def confirm(member_id: UUID, session_id: UUID, *, challenge: str, method: str, code: str) -> None:
    """Make a session fresh for five minutes by the code of a second factor, never by the password.

    The member is held before the challenge, as everywhere.
    """
    db.session.get(StaffMember, member_id, with_for_update={"key_share": True})
    challenges.answer(challenge, use=STEP_UP, bound_to=str(session_id), method=method, code=code)
    found = db.session.execute(
        update(StaffSession)
        .where(StaffSession.id == session_id, StaffSession.member_id == member_id)
        .values(fresh_at=clock.now())
    )
    if found.rowcount != 1:  # type: ignore[attr-defined]
        raise SignInNeeded


def _gate() -> gate.Gate:
    return gate.Gate(PER_NETWORK, PER_ADDRESS_AND_NETWORK, PER_ADDRESS, PER_DEVICE)


def _enter(member: StaffMember, caller: Caller, client: str) -> Entered:
    if caller.replaces is not None:
        sessions.end_replaced(caller.replaces, client)
    agent = (caller.user_agent or "")[:200] or None
    session, token = sessions.begin(member.id, client, agent)
    device, known = sessions.remember_device(member.id, caller.device, agent)
    if not known:
        letters.tell(member, letters.new_device, device=known_devices.described(agent), time=clock.written(clock.now()))
    return Entered(session, token, device)
