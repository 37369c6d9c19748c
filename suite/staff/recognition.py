"""Who a staff token or cookie belongs to, and what he may do at this moment."""

from sqlalchemy import bindparam, select

from suite.kernel import db, secrets, sessions
from suite.kernel.access import Actor, ActorKind
from suite.staff.models import StaffMember, StaffSession
from suite.staff.roles import permissions_of
from suite.staff.sessions import LIFETIME


def recognise(credential: str, client: str) -> Actor | None:
    """Find the member of a token or cookie and the rights of his roles: one SELECT at each request.

    So taking a role, disabling and signing out hold from the next request on, on every server.
    """
    row = _LOOK_UP.first(token_hash=secrets.token_hash(credential))
    if row is None or row.client != client or LIFETIME.over(row.seen_at, row.expires_at):
        return None
    sessions.note_use(StaffSession, row.id, row.seen_at, LIFETIME)
    return Actor(
        ActorKind.STAFF,
        row.member_id,
        row.id,
        row.fresh_at,
        sessions.csrf_token(row.id, client),
        row,
        allowed=permissions_of(row.roles),
    )


_LOOK_UP = db.Prepared(
    select(
        StaffSession.id,
        StaffSession.member_id,
        StaffSession.client,
        StaffSession.seen_at,
        StaffSession.fresh_at,
        StaffSession.expires_at,
        StaffMember.address,
        StaffMember.language,
        StaffMember.roles,
    )
    .join(StaffMember, StaffMember.id == StaffSession.member_id)
    .where(StaffSession.token_hash == bindparam("token_hash"), StaffMember.disabled_at.is_(None))
)
