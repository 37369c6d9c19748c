"""Adding, confirming, naming and removing second factors, and making recovery codes."""

import base64
import secrets as random
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pyotp
from sqlalchemy import delete, func, select, update

from suite.factors import challenges, guard, phones
from suite.factors.errors import ChallengeGone, FactorConfirmed, NoSuchFactor, PhoneKnown, TooManyFactors
from suite.factors.models import SMS, TOTP, Challenge, Factor, RecoveryCode
from suite.kernel import clock, db, sealed, system
from suite.kernel.ids import new_id
from suite.privacy import Person

ENROL = "enrol"
MOST = 10
RECOVERY_CODES = 10


@dataclass(frozen=True)
class Provision:
    """What an authenticator app needs: the secret, the same as `otpauth://` address."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


def everything(person_id: UUID) -> list[Factor]:
    """Give the factors of a person, pending ones too, oldest first."""
    return list(db.session.scalars(select(Factor).where(Factor.person_id == person_id).order_by(Factor.id)))


def note_phone(person_id: UUID, phone: phones.Phone, *, name: str) -> Factor:
    """Keep a number that is not proven yet; nothing is sent to it before its owner asks."""
    _room(person_id)
    factor = _new(person_id, SMS, name)
    factor.phone = system.current().keys.seal(phone.number, sealed.context("factors", factor.id, "phone"))
    db.session.add(factor)
    db.session.flush()
    return factor


def add_phone(
    person_id: UUID, phone: phones.Phone, *, name: str, network: str, language: str
) -> tuple[Factor, Challenge]:
    """Add a phone and text it a code; where none may be sent nothing is added."""
    if any(challenges.phone_of(one) == phone for one in everything(person_id) if one.kind == SMS):
        raise PhoneKnown
    decision = guard.decide(person_id, phone, proven=False, known=True, network=network)
    factor = note_phone(person_id, phone, name=name)
    challenge = _ask(person_id, factor.id)
    return factor, challenges.write_to(challenge, factor, phone, decision, language=language)


def add_app(person_id: UUID, *, name: str, label: str, issuer: str) -> tuple[Factor, Provision]:
    """Add an authenticator app; it counts when a code of it was confirmed. The secret is shown once."""
    _room(person_id)
    secret = pyotp.random_base32(32)
    factor = _new(person_id, TOTP, name)
    factor.secret = system.current().keys.seal(secret, sealed.context("factors", factor.id, "secret"))
    db.session.add(factor)
    db.session.flush()
    _ask(person_id, factor.id)
    return factor, Provision(secret, pyotp.TOTP(secret).provisioning_uri(name=label, issuer_name=issuer))


def text_code(person_id: UUID, factor_id: UUID, *, network: str, language: str) -> Challenge:
    """Text a code to a phone that is not proven yet; wrong tries stay counted."""
    factor = _pending(person_id, factor_id)
    if factor.kind != SMS:
        raise NoSuchFactor
    challenge = db.session.scalar(select(Challenge).where(_open_question(person_id, factor_id)))
    if challenge is None:
        challenge = _ask(person_id, factor_id)
    return challenges.send_to(challenge, factor, network=network, language=language)


def confirm(person_id: UUID, factor_id: UUID, code: str) -> tuple[Factor, list[str]]:
    """Make a factor count; with the first one come recovery codes, which are shown once."""
    factor = _pending(person_id, factor_id)
    challenges.judge(_open_question(person_id, factor_id), method=factor.kind, code=code)
    confirmed = db.session.execute(
        update(Factor).where(Factor.id == factor_id, Factor.pending_since.is_not(None)).values(pending_since=None)
    )
    if confirmed.rowcount != 1:  # type: ignore[attr-defined]
        raise ChallengeGone
    factor.pending_since = None
    first = db.session.scalar(select(func.count()).where(RecoveryCode.person_id == person_id)) == 0
    return factor, new_recovery_codes(person_id) if first else []


def rename(person_id: UUID, factor_id: UUID, name: str) -> Factor:
    """Give a factor another name."""
    factor = _own(person_id, factor_id)
    factor.name = name
    db.session.flush()
    return factor


def remove(person_id: UUID, factor_id: UUID) -> Factor:
    """Remove a factor; recovery codes go with the last one that counts."""
    factor = _own(person_id, factor_id)
    gone = db.session.execute(delete(Factor).where(Factor.id == factor_id, Factor.person_id == person_id))
    if gone.rowcount != 1:  # type: ignore[attr-defined]
        raise NoSuchFactor
    challenges.forget(person_id)
    if not challenges.confirmed(person_id):
        end_recovery_codes(person_id)
    return factor


def remove_all(person_id: UUID) -> None:
    """Remove every factor and recovery code: the owner lost them and waited."""
    challenges.forget(person_id)
    end_recovery_codes(person_id)
    db.session.execute(delete(Factor).where(Factor.person_id == person_id))


def new_recovery_codes(person_id: UUID) -> list[str]:
    """Make ten codes of 80 bits and end the older ones; they are shown once."""
    end_recovery_codes(person_id)
    codes = [base64.b32encode(random.token_bytes(10)).decode() for _ in range(RECOVERY_CODES)]
    db.session.add_all(
        RecoveryCode(person_id=person_id, code_hash=challenges.recovery_hash(person_id, code)) for code in codes
    )
    db.session.flush()
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes]


def end_recovery_codes(person_id: UUID) -> None:
    """End every recovery code of a person."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))


def recovery_codes_left(person_id: UUID) -> int:
    """Count the recovery codes that still work."""
    return (
        db.session.scalar(
            select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
        )
        or 0
    )


def _ask(person_id: UUID, factor_id: UUID) -> Challenge:
    """Open the question for the first code of a factor, in a lane of its own: strangers never come here."""
    return challenges.open_one(person_id, use=ENROL, lane=ENROL, factor_id=factor_id)[0]


def _new(person_id: UUID, kind: str, name: str) -> Factor:
    now = clock.now()
    return Factor(id=new_id(), person_id=person_id, kind=kind, name=name, added_at=now, pending_since=now)


def _room(person_id: UUID) -> None:
    """Refuse the eleventh factor; the person's row is held, so that two at once are counted one after the other."""
    db.session.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    if len(everything(person_id)) >= MOST:
        raise TooManyFactors


def _own(person_id: UUID, factor_id: UUID) -> Factor:
    factor = db.session.scalar(select(Factor).where(Factor.id == factor_id, Factor.person_id == person_id))
    if factor is None:
        raise NoSuchFactor
    return factor


def _pending(person_id: UUID, factor_id: UUID) -> Factor:
    factor = _own(person_id, factor_id)
    if factor.pending_since is None:
        raise FactorConfirmed
    return factor


def _open_question(person_id: UUID, factor_id: UUID) -> Any:
    return challenges.live(Challenge.person_id == person_id, Challenge.factor_id == factor_id, Challenge.use == ENROL)
