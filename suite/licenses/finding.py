"""Finding the licence somebody means. Guessing is counted, and whatever is wrong gets one answer at one cost."""

from typing import NoReturn
from uuid import UUID

from sqlalchemy import select, update

from suite.kernel import db, limits
from suite.kernel.ids import new_id
from suite.licenses import codes, files, holdings, keyfiles, terms
from suite.licenses.errors import CodeMistyped, TooManyCodesTried, WrongCode
from suite.licenses.holdings import Holder
from suite.licenses.models import License

PER_PERSON = limits.Allowance("license_code/person", times=10, seconds=3600, refusal=TooManyCodesTried)
PER_NETWORK = limits.Allowance("license_code/network", times=30, seconds=3600, refusal=TooManyCodesTried)


def for_service(given: str, service: str, *, person_id: UUID | None, network: str) -> License:
    """Give the licence of a code that may be used in a service, whoever has it.

    A mistyped code is told at once and counts nothing. A wrong one counts, and the answer does not tell whether there
    is such a licence, whether it was voided, is over, or belongs to another service.
    """
    code = readable(given)
    _count(person_id, network)
    found = of_code(code)
    if found is None or not terms.usable(found, service):
        raise WrongCode
    _not_counted(person_id, network)
    return found


def for_holder(given: str, holder: Holder, *, network: str) -> License:
    """Give the licence of a code, locked, that a holder may take or has: as `for_service`, and nobody else has it."""
    code = readable(given)
    _count(holder.person_id, network)
    found = of_code(code, lock=True)
    held = holdings.live(found.id if found is not None else new_id())
    free = held is None or holder.has(held)
    if found is None or not terms.usable(found, holder.service) or not free:
        raise WrongCode
    _not_counted(holder.person_id, network)
    renew_hash(found, code)
    return found


def refuse(person_id: UUID | None, network: str) -> NoReturn:
    """Refuse a licence that was found as a wrong code is refused."""
    _count(person_id, network)
    raise WrongCode


def readable(given: str) -> str:
    """Give a code as it is hashed; one with a wrong or missing character is refused before anything is looked up.

    A key file stands for a code and is given as it is: whether it is a good one is found out with the licence.
    """
    if files.is_one(given):
        return given
    code = codes.normal(given)
    if not code or codes.mistyped(code):
        raise CodeMistyped
    return code


def of_code(code: str, *, lock: bool = False) -> License | None:
    """Give the licence of a readable code or key file, locked for a change if asked."""
    if files.is_one(code):
        read = keyfiles.read(code)
        return holdings.lock(read.id) if lock and read is not None else read
    asked = select(License).where(License.code_hash.in_(codes.hashes_of(code)))
    if lock:
        asked = asked.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(asked)


def renew_hash(found: License, code: str) -> None:
    """Hash the code of a licence in use under the newest key, so that older keys are needed less and less."""
    if files.is_one(code):
        return
    newest = codes.hash_of(code)
    if found.code_hash != newest:
        moved = update(License).where(License.id == found.id, License.code_hash == found.code_hash)
        db.session.execute(moved.values(code_hash=newest))


def _count(person_id: UUID | None, network: str) -> None:
    limits.take(PER_NETWORK, network)
    if person_id is not None:
        limits.take(PER_PERSON, str(person_id))


def _not_counted(person_id: UUID | None, network: str) -> None:
    limits.refund(PER_NETWORK, network)
    if person_id is not None:
        limits.refund(PER_PERSON, str(person_id))
