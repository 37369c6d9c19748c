"""Finding the licence somebody means. Guessing is counted, and whatever is wrong gets one answer."""

from uuid import UUID

from sqlalchemy import select

from suite.kernel import clock, db, limits
from suite.licenses import codes
from suite.licenses.errors import CodeMistyped, LicenseNotAccepted, TooManyCodesTried
from suite.licenses.models import License
from suite.licenses.products import catalogue

PER_PERSON = limits.Allowance("license_code/person", times=10, seconds=3600, refusal=TooManyCodesTried)
PER_NETWORK = limits.Allowance("license_code/network", times=30, seconds=3600, refusal=TooManyCodesTried)


def for_service(given: str, service: str, *, person_id: UUID | None, network: str) -> License:
    """Give the licence of a code that somebody may add to a service.

    A mistyped code is told at once and counts nothing. A wrong one counts, and the answer does not tell whether there
    is such a licence, whether it was voided, is over, or belongs to another service.
    """
    code = codes.normal(given)
    if not code or codes.mistyped(code):
        raise CodeMistyped
    limits.take(PER_NETWORK, network)
    if person_id is not None:
        limits.take(PER_PERSON, str(person_id))
    found = of_code(code)
    if found is None or not _usable(found, service):
        raise LicenseNotAccepted
    limits.refund(PER_NETWORK, network)
    if person_id is not None:
        limits.refund(PER_PERSON, str(person_id))
    return found


def of_code(code: str) -> License | None:
    """Give the licence of a normal code."""
    return db.session.scalar(select(License).where(License.code_hash.in_(codes.hashes_of(code))))


def _usable(found: License, service: str) -> bool:
    product = catalogue().products.get(found.product)
    over = found.expires_at is not None and found.expires_at <= clock.now()
    return product is not None and service in product.services and found.voided_at is None and not over
