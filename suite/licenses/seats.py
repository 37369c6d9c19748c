"""Seats: a licence is connected to as many devices as it allows, and a device connected again is the same connection.

The licence row is locked before anything is asked, so that of many who want the last seat one gets it; two unique
indexes stand behind it.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from suite.accounts import is_member
from suite.kernel import clock, db, limits
from suite.licenses import activations, files, finding, holdings, signing, terms
from suite.licenses.errors import (
    LicenseOfOther,
    LicenseOver,
    LicenseUnknown,
    LicenseVoid,
    NoSeatLeft,
    TooManyActivations,
    TooManyCodesTried,
)
from suite.licenses.files import LicenseFile
from suite.licenses.models import Activation, License, LicenseHolding
from suite.licenses.terms import State
from suite.privacy import restricted

UNKNOWN: Final = limits.Allowance("license_unknown/network", times=120, seconds=3600, refusal=TooManyCodesTried)
"""Wrong codes and files that products of one network may send; known ones count nothing."""
_DAY: Final = 24 * 3600
_FIRST, _EACH = 10, 3


@dataclass(frozen=True)
class Connected:
    """A licence, the device it is connected to, and the file that proves it there."""

    license: License
    activation: Activation
    file: LicenseFile


@dataclass(frozen=True)
class Meaning:
    """What a product sends to say which licence it means: a code, a file, or the number of its activation."""

    license: str | None = None
    activation: UUID | None = None

    def activation_id(self) -> UUID | None:
        """Give the number of the activation, which stands in the file of a device too."""
        if self.activation is not None or not files.is_one(self.license or ""):
            return self.activation
        told = files.read(self.license or "")
        return UUID(told["activation"]) if told is not None and told["purpose"] == files.DEVICE else None


def meaning(data: dict[str, Any]) -> Meaning:
    """Take what says which licence is meant out of the fields of a request."""
    return Meaning(data.pop("license", None), data.pop("activation", None))


def pace(found: License) -> limits.Allowance:
    """Give how often a licence may be connected to another device in a day: ten times, and three for each seat."""
    return limits.Allowance("license_activations", _FIRST + _EACH * found.seats, _DAY, TooManyActivations)


def activate(given: str, *, product: str, device: str, device_name: str | None, network: str) -> Connected:
    """Connect the licence of a code or key file to the device a product runs on; nobody signs in for it."""
    return connect(meant(given, product, network, lock=True), device=device, device_name=device_name)


def connect(found: License, *, device: str, device_name: str | None = None) -> Connected:
    """Connect a locked licence to a device; the same device again gets the same answer and costs nothing."""
    _must_run(found)
    activation = activations.of_device(found.id, found.product, device) or _seated(found, device, device_name)
    return Connected(found, activation, files.for_device(found, activation.id, device, kid=signing.signer()))


def meant(given: str, product: str, network: str, *, lock: bool = False) -> License:
    """Give the licence a product names by code or key file; one of another product is never accepted."""
    code = finding.readable(given)
    found = finding.of_code(code, lock=lock)
    if found is None:
        limits.take(UNKNOWN, network)
        raise LicenseUnknown
    if found.product != product:
        raise LicenseOfOther
    if lock:
        finding.renew_hash(found, code)
    return found


def _must_run(found: License) -> None:
    state = terms.state_of(found, clock.now())
    if state is State.VOID:
        raise LicenseVoid
    if state is State.EXPIRED:
        raise LicenseOver


def _seated(found: License, device: str, device_name: str | None) -> Activation:
    """Give a free seat of a locked licence to a device; the term begins where that waits for the first use."""
    limits.take(pace(found), str(found.id))
    seat = activations.lowest_free_seat(found.id)
    if seat > found.seats + terms.policy_of(found).overuse:
        raise NoSeatLeft
    terms.begin(found)
    held = holdings.owned(found.id)
    return activations.add(found, held, seat=seat, device=device, device_name=_name(device_name, held))


def _name(given: str | None, held: LicenseHolding | None) -> str | None:
    """Give the name of a device of somebody who belongs to the service, and whose data may be used."""
    if given is None or held is None or held.person_id is None or restricted(held.person_id):
        return None
    return given if is_member(held.person_id, held.service) else None


def release(meaning: Meaning, *, product: str, device: str, network: str) -> None:
    """Let a device go at the word of the product on it; once more changes nothing."""
    found = _named(meaning, product, device, network)
    if found is not None:
        activations.release(found, by=activations.BY_PRODUCT)


def _named(meaning: Meaning, product: str, device: str, network: str) -> Activation | None:
    """Give the activation of a device; None when its licence is not in use on it (any more)."""
    activation_id = meaning.activation_id()
    if activation_id is None:
        found = meant(meaning.license or "", product, network)
        return activations.of_device(found.id, product, device)
    activation = db.session.get(Activation, activation_id)
    if activation is None or activation.device_hash not in activations.device_hashes(product, device):
        limits.take(UNKNOWN, network)
        raise LicenseUnknown
    return activation
