"""Additional e-mail addresses of a member: used only once a mailed code has proven them."""

from uuid import UUID

from sqlalchemy import func, select, update

from suite.accounts import count_mail_to
from suite.companies import membership, notices
from suite.companies.errors import (
    AddressCodeTooOld,
    AddressCodeUsedUp,
    AddressCodeWrong,
    AddressThereAlready,
    AddressVerified,
    TooManyAddresses,
)
from suite.companies.models import CompanyMember, MemberAddress
from suite.kernel import audit, clock, db, limits, secrets, system
from suite.kernel.errors import NotFound
from suite.kernel.fields import canonical_email
from suite.messages import post
from suite.privacy import may_be_changed

MOST = 10
MAX_TRIES = 5
CODES_PER_PERSON = limits.Allowance("member_address/person", times=20, seconds=24 * 3600)
TRIES_PER_ADDRESS = limits.Allowance("member_address/code", times=20, seconds=24 * 3600)
"""Over all members who add an address, so that its code cannot be guessed with many of them."""
_USE = "member_address"


def mine(person_id: UUID) -> list[MemberAddress]:
    """Give the additional addresses of somebody inside a company, the oldest first."""
    _, member = membership.my_company(person_id)
    rows = select(MemberAddress).where(MemberAddress.member_id == member.id).order_by(MemberAddress.id)
    return list(db.session.scalars(rows))


def add(person_id: UUID, email: str) -> MemberAddress:
    """Add an address and mail it a code; nothing else goes there before the code came back."""
    member = _held(person_id)
    key = canonical_email(email)
    own = membership.one_member(member.company_id, member.id)
    if canonical_email(own.address) == key:
        raise AddressThereAlready
    count = select(func.count()).select_from(MemberAddress).where(MemberAddress.member_id == member.id)
    if (db.session.scalar(count) or 0) >= MOST:
        raise TooManyAddresses
    found = MemberAddress(
        member_id=member.id, person_id=person_id, address=email, address_key=key, asked_at=clock.now()
    )
    db.session.add(found)
    with db.translated({"uq_member_addresses_member_id_address_key": AddressThereAlready}):
        db.session.flush()
    _send_code(found, own.language)
    audit.write("company_address.added", subject=person_id)
    return found


def send_again(person_id: UUID, address_id: UUID) -> MemberAddress:
    """Mail another code; the one before stops working."""
    member = _held(person_id)
    found = _one(member, address_id)
    if found.verified_at is not None:
        raise AddressVerified
    found.asked_at, found.tries = clock.now(), 0
    _send_code(found, membership.one_member(member.company_id, member.id).language)
    return found


def verify(person_id: UUID, address_id: UUID, code: str) -> MemberAddress:
    """Prove an address with the mailed code; the try is counted before the code is judged."""
    member = _held(person_id)
    found = _try(member, address_id)
    limits.take(TRIES_PER_ADDRESS, found.address_key)
    known = found.code_hash or ""
    if not any(secrets.same(one, known) for one in _code_hashes(found.id, code)):
        raise AddressCodeWrong(left=MAX_TRIES - found.tries)
    found.code_hash, found.verified_at = None, clock.now()
    db.session.flush()
    audit.write("company_address.verified", subject=person_id)
    return found


def remove(person_id: UUID, address_id: UUID) -> None:
    """Remove an address, verified or not; nothing goes there from then on."""
    db.session.delete(_one(_held(person_id), address_id))
    db.session.flush()
    audit.write("company_address.removed", subject=person_id)


def verified_of(member_id: UUID) -> list[str]:
    """Give the addresses of a member that were proven."""
    proven = (MemberAddress.member_id == member_id, MemberAddress.verified_at.is_not(None))
    return list(db.session.scalars(select(MemberAddress.address).where(*proven).order_by(MemberAddress.id)))


def _held(person_id: UUID) -> CompanyMember:
    """Give the member behind a person and hold it, so that many at once cannot pass the most there may be."""
    may_be_changed(person_id)
    _, member = membership.my_company(person_id)
    held = db.session.get(CompanyMember, member.id, with_for_update=True, populate_existing=True)
    if held is None:
        raise NotFound
    return held


def _one(member: CompanyMember, address_id: UUID) -> MemberAddress:
    mine = select(MemberAddress).where(MemberAddress.id == address_id, MemberAddress.member_id == member.id)
    found = db.session.scalar(mine.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def _try(member: CompanyMember, address_id: UUID) -> MemberAddress:
    counted = db.session.execute(
        update(MemberAddress)
        .where(
            MemberAddress.id == address_id,
            MemberAddress.member_id == member.id,
            MemberAddress.verified_at.is_(None),
            MemberAddress.tries < MAX_TRIES,
        )
        .values(tries=MemberAddress.tries + 1)
        .execution_options(synchronize_session=False)
    )
    found = _one(member, address_id)
    if found.verified_at is not None:
        raise AddressVerified
    if counted.rowcount != 1:  # type: ignore[attr-defined]
        raise AddressCodeUsedUp
    if clock.now() - found.asked_at >= notices.ADDRESS_CODE_LIVES:
        raise AddressCodeTooOld
    return found


def _send_code(found: MemberAddress, language: str) -> None:
    limits.take(CODES_PER_PERSON, str(found.person_id))
    count_mail_to(found.address_key)
    code = secrets.new_code()
    found.code_hash = _code_hashes(found.id, code)[0]
    db.session.flush()
    facts = {"code": code, "address": str(found.id)}
    post(notices.verify_address, person_id=found.person_id, to=found.address, language=language, facts=facts)


def _code_hashes(address_id: UUID, code: str) -> tuple[str, ...]:
    """Give the hash under every key, newest first: a code mailed before a rotation still works."""
    return system.current().keys.keyed_hashes(f"{address_id}/{code}", _USE)
