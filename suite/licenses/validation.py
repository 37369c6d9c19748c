"""What a product asks again and again: is this licence good on this device? A reading question of one SELECT.

Every outcome has a code word, and only an unknown licence is counted, so that whoever pays is never kept waiting.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import String, and_, bindparam, select

from suite.kernel import clock, db, limits, system
from suite.licenses import activations, codes, files, keyfiles, signing, terms
from suite.licenses.files import LicenseFile
from suite.licenses.models import Activation, License
from suite.licenses.seats import UNKNOWN, Meaning
from suite.licenses.terms import State


class Verdict(StrEnum):
    """Every outcome; the first three mean that the licence is good."""

    VALID = "valid"
    GRACE = "grace"
    OVER_SEATS = "over_seats"
    EXPIRED = "expired"
    VOID = "void"
    WRONG_PRODUCT = "wrong_product"
    NOT_ACTIVATED = "not_activated"
    NO_SEAT = "no_seat"
    UNKNOWN = "unknown_license"


GOOD = frozenset({Verdict.VALID, Verdict.GRACE, Verdict.OVER_SEATS})


@dataclass(frozen=True)
class Validation:
    """An outcome, and what a good licence is good for."""

    verdict: Verdict
    activation_id: UUID | None = None
    expires_at: datetime | None = None
    file: LicenseFile | None = None

    @property
    def good(self) -> bool:
        """Say whether the product may work."""
        return self.verdict in GOOD


def validate(meaning: Meaning, *, product: str, device: str, network: str) -> Validation:
    """Judge a licence for a device. Runs outside a transaction; a good one gets a fresh file."""
    hashes = activations.device_hashes(product, device)
    found = _looked_up(meaning, hashes)
    verdict = _verdict(found, product, hashes)
    if verdict is Verdict.UNKNOWN:
        with db.transaction():
            limits.take(UNKNOWN, network)
    if verdict not in GOOD:
        return Validation(verdict)
    kid = found.kid if signing.known_here(found.kid) else _signer()
    file = files.for_device(found, found.activation_id, device, kid=kid)
    return Validation(verdict, found.activation_id, found.expires_at, file)


def _signer() -> str:
    with db.transaction():
        return signing.signer()


_COLUMNS = (
    License.id,
    License.product,
    License.policy,
    License.code_tail,
    License.seats,
    License.begins_at,
    License.expires_at,
    License.voided_at,
    Activation.id.label("activation_id"),
    Activation.device_hash,
    Activation.seat,
    Activation.released_at,
    signing.newest().label("kid"),
)
_OF_DEVICE = and_(
    Activation.license_id == License.id,
    Activation.device_hash == bindparam("device", type_=String),
    Activation.released_at.is_(None),
)
_BY_CODE = db.Prepared(
    select(*_COLUMNS)
    .join_from(License, Activation, _OF_DEVICE, isouter=True)
    .where(License.code_hash == bindparam("code", type_=String))
)
_BY_LICENSE = db.Prepared(
    select(*_COLUMNS)
    .join_from(License, Activation, _OF_DEVICE, isouter=True)
    .where(License.id == bindparam("license", type_=License.id.type))
)
_BY_ACTIVATION = db.Prepared(
    select(*_COLUMNS)
    .join_from(Activation, License, Activation.license_id == License.id)
    .where(Activation.id == bindparam("activation", type_=Activation.id.type))
)


def _looked_up(meaning: Meaning, hashes: tuple[str, ...]) -> Any:
    """Give the licence that is meant, with the activation of the device where there is one."""
    given = meaning.license or ""
    if meaning.activation is not None:
        return _BY_ACTIVATION.first(activation=_raw(meaning.activation))
    if not files.is_one(given):
        code = codes.normal(given)
        wanted = codes.hashes_of(code) if code and not codes.mistyped(code) else ()
        return _on_device([(_BY_CODE, {"code": one}) for one in wanted], hashes)
    with db.transaction(reading=True):
        activation_id = meaning.activation_id()
        read = keyfiles.read(given) if activation_id is None else None
    if activation_id is not None:
        return _BY_ACTIVATION.first(activation=_raw(activation_id))
    return _on_device([(_BY_LICENSE, {"license": _raw(read.id)})] if read is not None else [], hashes)


def _on_device(questions: Iterable[tuple[db.Prepared, dict[str, Any]]], hashes: tuple[str, ...]) -> Any:
    """Ask under every key of the ring, newest first, until the device is found; mostly there is one key and one row."""
    found = None
    for (question, named), device in itertools.product(questions, hashes):
        row = question.first(**named, device=device)
        if row is not None and row.activation_id is not None:
            return row
        found = found or row
    return found


def _raw(row: UUID) -> UUID | str:
    """Give a row number as the driver takes it, for a question that is sent without the types of the columns."""
    return row.hex if system.current().database.sqlite else row


def _verdict(found: Any, product: str, hashes: tuple[str, ...]) -> Verdict:
    """Judge what was found; the first reason against it wins."""
    if found is None:
        return Verdict.UNKNOWN
    if found.product != product:
        return Verdict.WRONG_PRODUCT
    state = terms.state_of(found, clock.now())
    if state in {State.VOID, State.EXPIRED}:
        return Verdict(state)
    if found.activation_id is None or found.released_at is not None or found.device_hash not in hashes:
        return _without_seat(found)
    return Verdict.GRACE if state is State.GRACE else _with_seat(found)


def _without_seat(found: Any) -> Verdict:
    return Verdict.NO_SEAT if _taken(found) >= _room(found) else Verdict.NOT_ACTIVATED


def _with_seat(found: Any) -> Verdict:
    """Judge a seat beyond those that were bought; which it is no longer when others were released."""
    if found.seat <= found.seats:
        return Verdict.VALID
    taken = _taken(found)
    if taken > _room(found):
        return Verdict.NO_SEAT
    return Verdict.OVER_SEATS if taken > found.seats else Verdict.VALID


def _taken(found: Any) -> int:
    with db.transaction(reading=True):
        return activations.in_use(found.id)


def _room(found: Any) -> int:
    return int(found.seats) + terms.policy_of(found).overuse
