"""The question for a second factor, and the judging of answers: one gate for every door.

An attempt is counted before it is judged: five a challenge, ten wrong ones an hour and twenty a day per person over
all factors and doors. A known device, a session, an enrolment and a proven mailbox have a lane of their own, so that
strangers cannot lock the owner out; all these lanes together have forty a day.

Whoever answers holds the row of the account first, as every change of what guards it does: challenges and limits
come after it, so that no two wait for each other.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pyotp
from sqlalchemy import and_, bindparam, delete, select, update

from suite.factors import guard, phones
from suite.factors.errors import ChallengeGone, ChallengeUsedUp, NoSuchFactor, TooManyWrongCodes, WrongFactorCode
from suite.factors.models import METHODS, RECOVERY_CODE, SMS, TOTP, Challenge, Factor, RecoveryCode
from suite.factors.texts import CODE_LIVES, security_code
from suite.kernel import audit, clock, db, limits, sealed, secrets, system
from suite.messages import text

MAX_TRIES = 5
LIVES = timedelta(minutes=10)
STEP = 30
HOURLY = limits.Allowance("second_factor/hour", times=10, seconds=3600, refusal=TooManyWrongCodes)
DAILY = limits.Allowance("second_factor/day", times=20, seconds=24 * 3600, refusal=TooManyWrongCodes)
KNOWN = limits.Allowance("second_factor/known/day", times=40, seconds=24 * 3600, refusal=TooManyWrongCodes)
"""Over every known device and session: many of them, opened before there was a factor, are no more guesses."""
RESEND_GAP = timedelta(seconds=guard.GAP.seconds)


@dataclass(frozen=True)
class Shown:
    """A factor as somebody sees who knows the password only: enough to choose, not enough to learn the number."""

    id: UUID
    kind: str
    name: str
    hint: str


@dataclass(frozen=True)
class Question:
    """A challenge with the token that answers it, shown once, and the ways to answer."""

    token: str = field(repr=False)
    expires_at: datetime
    methods: list[str]
    factors: list[Shown]


def confirmed(person_id: UUID) -> list[Factor]:
    """Give the factors of a person that count, oldest first."""
    return list(db.session.scalars(_CONFIRMED, {"of": person_id}))


_CONFIRMED = (
    select(Factor).where(Factor.person_id == bindparam("of"), Factor.pending_since.is_(None)).order_by(Factor.id)
)


def guarded(person: Any) -> Any:
    """Give the condition that a person has a second factor."""
    return select(Factor.id).where(Factor.person_id == person, Factor.pending_since.is_(None)).exists()


def ask(person_id: UUID, *, use: str, bound_to: str = "", lane: str = "") -> Question | None:
    """Ask a person for a second factor; None when there is none."""
    factors = confirmed(person_id)
    if not factors:
        return None
    challenge, token = open_one(person_id, use=use, bound_to=bound_to, lane=lane)
    shown = [Shown(one.id, one.kind, one.name, phone_of(one).hint if one.kind == SMS else "") for one in factors]
    return Question(token, challenge.expires_at, methods_of(factors), shown)


def methods_of(factors: list[Factor]) -> list[str]:
    """Give the ways these factors can be answered, the strongest first."""
    kinds = {factor.kind for factor in factors}
    return [method for method in METHODS if method in kinds or (method == RECOVERY_CODE and kinds)]


def open_one(
    person_id: UUID, *, use: str, bound_to: str = "", lane: str = "", factor_id: UUID | None = None
) -> tuple[Challenge, str]:
    """Make a challenge; its token is stored only as a hash."""
    token = secrets.new_token()
    challenge = Challenge(
        person_id=person_id,
        use=use,
        token_hash=secrets.token_hash(token),
        bound_to=bound_to,
        lane=lane,
        factor_id=factor_id,
        expires_at=clock.now() + LIVES,
    )
    db.session.add(challenge)
    db.session.flush()
    return challenge, token


def send(token: str, factor_id: UUID, *, network: str, language: str) -> Challenge:
    """Text a code to one of the person's phones; an older code of the challenge stops working, tries stay counted."""
    challenge = db.session.scalar(select(Challenge).where(live(Challenge.token_hash == secrets.token_hash(token))))
    if challenge is None:
        raise ChallengeGone
    factor = db.session.scalar(
        select(Factor).where(
            Factor.id == factor_id,
            Factor.person_id == challenge.person_id,
            Factor.kind == SMS,
            Factor.pending_since.is_(None),
        )
    )
    if factor is None:
        raise NoSuchFactor
    return send_to(challenge, factor, network=network, language=language)


def send_to(challenge: Challenge, factor: Factor, *, network: str, language: str) -> Challenge:
    """Text a new code for a challenge, if the guard lets it leave."""
    if challenge.tries >= MAX_TRIES:
        raise ChallengeUsedUp
    phone = phone_of(factor)
    proven, known = factor.pending_since is None, bool(challenge.lane)
    decision = guard.decide(challenge.person_id, phone, proven=proven, known=known, network=network)
    return write_to(challenge, factor, phone, decision, language=language)


def write_to(challenge: Challenge, factor: Factor, phone: phones.Phone, decision: UUID, *, language: str) -> Challenge:
    """Write the text message the guard let through; an older code of the challenge stops working."""
    code = pyotp.HOTP(pyotp.random_base32()).at(0)
    now = clock.now()
    written = db.session.scalar(
        update(Challenge)
        .where(live(Challenge.id == challenge.id))
        .values(
            code_hash=_code_hashes(challenge.id, code)[0],
            sent_at=now,
            code_expires_at=now + CODE_LIVES,
            expires_at=max(challenge.expires_at, now + CODE_LIVES),
            factor_id=factor.id,
            decision_id=decision,
        )
        .returning(Challenge)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if written is None:
        raise ChallengeGone
    text(
        security_code,
        person_id=challenge.person_id,
        to=phone.number,
        language=language,
        facts={"code": code, "challenge": str(challenge.id)},
    )
    return written


def answer(token: str, *, use: str, method: str, code: str, bound_to: str | None = None) -> Challenge:
    """Judge an answer; the right one spends the challenge, of many at once exactly one."""
    condition = [Challenge.token_hash == secrets.token_hash(token), Challenge.use == use]
    if bound_to is not None:
        condition.append(Challenge.bound_to == bound_to)
    return judge(live(*condition), method=method, code=code)


def judge(condition: Any, *, method: str, code: str) -> Challenge:
    """Count a try at the challenge the condition names, then judge it; a wrong one stays counted."""
    challenge = _count(condition)
    counted = _counted(challenge)
    for allowance, subject in counted:
        limits.take(allowance, subject)
    if not _JUDGES[method](challenge, _plain(code)):
        audit.write("second_factor.failed", subject=challenge.person_id, use=challenge.use, method=method)
        raise WrongFactorCode(left=MAX_TRIES - challenge.tries)
    for allowance, subject in counted:
        limits.refund(allowance, subject)
    passed = db.session.execute(
        update(Challenge)
        .where(Challenge.id == challenge.id, Challenge.passed_at.is_(None))
        .values(passed_at=clock.now(), code_hash=None)
    )
    if passed.rowcount != 1:  # type: ignore[attr-defined]
        raise ChallengeGone
    audit.write("second_factor.passed", subject=challenge.person_id, use=challenge.use, method=method)
    return challenge


def person_of(token: str) -> UUID | None:
    """Give whom a challenge asks."""
    return db.session.scalar(select(Challenge.person_id).where(Challenge.token_hash == secrets.token_hash(token)))


def forget(person_id: UUID) -> None:
    """End every open question of a person: the password or the factors are others now."""
    db.session.execute(delete(Challenge).where(Challenge.person_id == person_id, Challenge.use != "enrol"))


def phone_of(factor: Factor) -> phones.Phone:
    """Give the number of a phone."""
    cell = sealed.context("factors", factor.id, "phone")
    return phones.stored(system.current().keys.open(factor.phone or b"", cell))


def secret_of(factor: Factor) -> str:
    """Give the secret an authenticator app shares with us, in base32."""
    return system.current().keys.open(factor.secret or b"", sealed.context("factors", factor.id, "secret"))


def live(*conditions: Any) -> Any:
    """Give the condition that a challenge is still open, besides these."""
    now = clock.now()
    return and_(*conditions, Challenge.expires_at > now, Challenge.passed_at.is_(None))


def _counted(challenge: Challenge) -> list[tuple[limits.Allowance, str]]:
    """Give the limits a wrong code counts for: those of its lane, and one over all lanes strangers have no part in."""
    lane = f"{challenge.person_id}/{challenge.lane}"
    own = [(HOURLY, lane), (DAILY, lane)]
    return [*own, (KNOWN, str(challenge.person_id))] if challenge.lane else own


def _count(condition: Any) -> Challenge:
    counted = db.session.scalar(
        update(Challenge)
        .where(condition, Challenge.tries < MAX_TRIES)
        .values(tries=Challenge.tries + 1)
        .returning(Challenge)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if counted is None:
        known = db.session.scalar(select(Challenge.id).where(condition))
        raise ChallengeUsedUp if known is not None else ChallengeGone
    return counted


def _judge_totp(challenge: Challenge, code: str) -> bool:
    """Compare with the present step and the one before; a step works once per app."""
    present = int(clock.now().timestamp()) // STEP
    wanted = select(Factor).where(Factor.person_id == challenge.person_id, Factor.kind == TOTP)
    pending = challenge.use == "enrol"
    wanted = wanted.where(Factor.id == challenge.factor_id) if pending else wanted.where(Factor.pending_since.is_(None))
    return any(
        secrets.same(pyotp.TOTP(secret_of(factor)).generate_otp(step), code) and _take_step(factor, step)
        for factor in db.session.scalars(wanted)
        for step in (present, present - 1)
    )


def _take_step(factor: Factor, step: int) -> bool:
    taken = db.session.execute(
        update(Factor)
        .where(Factor.id == factor.id, (Factor.last_step.is_(None)) | (Factor.last_step < step))
        .values(last_step=step, used_at=clock.now())
    )
    return bool(taken.rowcount == 1)  # type: ignore[attr-defined]


def _judge_sms(challenge: Challenge, code: str) -> bool:
    known, until = challenge.code_hash, challenge.code_expires_at
    if known is None or until is None or clock.now() >= until:
        return False
    if not any(secrets.same(one, known) for one in _code_hashes(challenge.id, code)):
        return False
    guard.used(challenge.decision_id)
    db.session.execute(update(Factor).where(Factor.id == challenge.factor_id).values(used_at=clock.now()))
    return True


def _judge_recovery_code(challenge: Challenge, code: str) -> bool:
    if challenge.use == "enrol":
        return False
    spent = db.session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == challenge.person_id,
            RecoveryCode.code_hash == recovery_hash(challenge.person_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )
    return bool(spent.rowcount == 1)  # type: ignore[attr-defined]


_JUDGES = {TOTP: _judge_totp, SMS: _judge_sms, RECOVERY_CODE: _judge_recovery_code}


def recovery_hash(person_id: UUID, code: str) -> str:
    """Hash a recovery code as typed: 80 random bits need no key, the person keeps two alike apart."""
    return secrets.token_hash(f"{person_id}/{_plain(code).upper()}")


def _plain(code: str) -> str:
    """Give a code without the blanks and dashes that apps and paper show it with."""
    return "".join(code.split()).replace("-", "")


def _code_hashes(challenge_id: UUID, code: str) -> tuple[str, ...]:
    return system.current().keys.keyed_hashes(f"{challenge_id}/{code}", "challenge")
