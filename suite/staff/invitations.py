"""The invitation: a mailed link, a password, an authenticator app and its first code."""

from uuid import UUID

from sqlalchemy import delete, select

from suite.accounts import check_password, normal_password
from suite.factors import Factor, enrolment
from suite.kernel import audit, clock, db, limits, secrets
from suite.kernel.passwords import hash_password
from suite.staff import letters
from suite.staff.errors import InvitationGone
from suite.staff.models import StaffInvitation, StaffMember

APP_NAME = "authenticator"
PER_MEMBER = limits.Allowance("staff_invitation/member", times=20, seconds=3600)
"""Each acceptance makes a new secret; so many are enough for anybody who mistypes."""


def send(member: StaffMember) -> str:
    """Mail a new invitation; an older one stops working. Give its token."""
    now, token = clock.now(), secrets.new_token()
    db.session.execute(delete(StaffInvitation).where(StaffInvitation.member_id == member.id))
    db.session.add(
        StaffInvitation(
            member_id=member.id,
            token_hash=secrets.token_hash(token),
            made_at=now,
            expires_at=now + letters.INVITATION_LIVES,
        )
    )
    db.session.flush()
    audit.write("staff.invited", subject=member.id)
    letters.tell(member, letters.invitation, token=token)
    return token


def accept(token: str, password: str, *, language: str, issuer: str) -> tuple[Factor, enrolment.Provision]:
    """Keep the password and add an authenticator app; neither counts before its first code.

    Can be done again until then: the newest password and app hold. A second factor is always asked, so the
    ordinary shortest password is enough.
    """
    member = _member(_open(token).member_id)
    check_password(password, context=(member.email_key, member.email_key.partition("@")[0], issuer))
    limits.take(PER_MEMBER, str(member.id))
    db.settle()
    password_hash = hash_password(normal_password(password))
    member = _member(member.id)
    _open(token).password_hash = password_hash
    member.language = language
    db.session.flush()
    enrolment.remove_all(member.id)
    return enrolment.add_app(member.id, name=APP_NAME, label=member.address, issuer=issuer)


def confirm(token: str, code: str) -> list[str]:
    """Judge the first code; the right one spends the invitation. Give ten recovery codes, shown once."""
    member = _member(_open(token).member_id)
    found = _open(token)
    pending = [factor for factor in enrolment.everything(member.id) if factor.pending_since is not None]
    if found.password_hash is None or not pending:
        raise InvitationGone
    _, codes = enrolment.confirm(member.id, pending[0].id, code)
    spent = db.session.execute(delete(StaffInvitation).where(StaffInvitation.token_hash == found.token_hash))
    if spent.rowcount != 1:  # type: ignore[attr-defined]
        raise InvitationGone
    member.password_hash = found.password_hash
    db.session.flush()
    audit.write("staff.invitation_accepted", subject=member.id)
    return codes


def _open(token: str) -> StaffInvitation:
    """Give the invitation of a token without spending anything."""
    found = db.session.scalar(
        select(StaffInvitation)
        .where(StaffInvitation.token_hash == secrets.token_hash(token), StaffInvitation.expires_at > clock.now())
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise InvitationGone
    return found


def _member(member_id: UUID) -> StaffMember:
    """Load and lock a member: of many who hold one invitation each comes in turn."""
    member = db.session.get(StaffMember, member_id, with_for_update={"key_share": True})
    if member is None or member.disabled_at is not None:
        raise InvitationGone
    return member
