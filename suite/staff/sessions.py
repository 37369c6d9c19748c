"""Sessions of staff members: fifteen minutes unused, eight hours at all; and the devices known from them."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from suite.kernel import audit, clock, db, known_devices, secrets
from suite.kernel.errors import NotFound
from suite.kernel.sessions import Lifetime
from suite.staff.models import StaffDevice, StaffMember, StaffSession

PREFIX = "staff_"
LIFETIME = Lifetime(idle=timedelta(minutes=15), whole=timedelta(hours=8))


def begin(member_id: UUID, client: str, user_agent: str | None) -> tuple[StaffSession, str]:
    """Open a session; its token is stored only as a hash."""
    now, token = clock.now(), PREFIX + secrets.new_token()
    session = StaffSession(
        member_id=member_id,
        token_hash=secrets.token_hash(token),
        client=client,
        user_agent=user_agent,
        created_at=now,
        seen_at=now,
        fresh_at=now,
        expires_at=now + LIFETIME.whole,
    )
    db.session.add(session)
    db.session.flush()
    audit.write("staff.session_opened", subject=member_id, client=client)
    return session, token


def end(member_id: UUID, session_id: UUID) -> None:
    """End one session of a member, at once and everywhere."""
    ended = db.session.execute(
        delete(StaffSession).where(StaffSession.id == session_id, StaffSession.member_id == member_id)
    )
    if ended.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound
    audit.write("staff.session_ended", subject=member_id)


def end_all(member_id: UUID) -> None:
    """End every session of a member."""
    ended = db.session.execute(delete(StaffSession).where(StaffSession.member_id == member_id))
    if count := int(ended.rowcount):  # type: ignore[attr-defined]
        audit.write("staff.sessions_ended", subject=member_id, sessions=count)


def end_replaced(token: str, client: str) -> None:
    """End the session a browser had here before it signed in again."""
    db.session.execute(
        delete(StaffSession).where(StaffSession.token_hash == secrets.token_hash(token), StaffSession.client == client)
    )


def known_device(token: str | None, email_key: str) -> UUID | None:
    """Give the device of a token, if the member of this address signed in with it before."""
    if not token:
        return None
    return db.session.scalar(
        select(StaffDevice.id)
        .join(StaffMember, StaffMember.id == StaffDevice.member_id)
        .where(
            StaffDevice.token_hash == secrets.token_hash(token),
            StaffMember.email_key == email_key,
            StaffMember.disabled_at.is_(None),
        )
    )


def remember_device(member_id: UUID, token: str | None, user_agent: str | None) -> tuple[str, bool]:
    """Note that a device signed in; give its token and whether it was known."""
    return known_devices.remember(StaffDevice.member_id, member_id, token, user_agent)


def forget_devices(member_id: UUID) -> None:
    """Forget every device of a member."""
    known_devices.forget_all(StaffDevice.member_id, member_id)
