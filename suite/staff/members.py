"""Making, changing and disabling staff members."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, delete, select

from suite.factors import enrolment
from suite.kernel import audit, clock, db
from suite.kernel.access import actor
from suite.kernel.errors import NotFound
from suite.kernel.fields import canonical_email
from suite.kernel.ids import new_id
from suite.privacy import Person
from suite.staff import invitations, sessions
from suite.staff.errors import LastAdministrator, OwnAccess, RoleNeeded, StaffExists, StaffUnknown
from suite.staff.models import StaffInvitation, StaffMember
from suite.staff.roles import Role

Who = str | UUID
"""A member by address, as commands name him, or by number."""


def create(email: str, roles: Iterable[Role], *, language: str = "en") -> tuple[StaffMember, str]:
    """Make a staff member and invite him; give the member and the token of the invitation."""
    words = _words(roles)
    person = Person(id=new_id())
    db.session.add(person)
    db.session.flush()
    member = StaffMember(
        id=person.id,
        address=email,
        email_key=canonical_email(email),
        language=language,
        roles=words,
        created_at=clock.now(),
    )
    db.session.add(member)
    with db.translated({"uq_staff_members_email_key": StaffExists}):
        db.session.flush()
    audit.write("staff.created", subject=member.id, roles=words)
    return member, invitations.send(member)


def invite(who: Who) -> tuple[StaffMember, str]:
    """Invite a member anew: whatever he signed in with before ends."""
    member = _other(who)
    _take_credentials(member)
    return member, invitations.send(member)


def disable(who: Who) -> StaffMember:
    """Take every right and credential from a staff member; the row goes a month later."""
    member = _other(who)
    _keep_an_administrator(member, ())
    member.disabled_at = clock.now()
    _take_credentials(member)
    audit.write("staff.disabled", subject=member.id)
    return member


def set_roles(who: Who, roles: Iterable[Role]) -> StaffMember:
    """Give a staff member these roles and no others; they hold from his next request on."""
    words = _words(roles)
    member = _other(who)
    _keep_an_administrator(member, words)
    before, member.roles = member.roles, words
    db.session.flush()
    audit.write("staff.roles_set", subject=member.id, before=before, after=words)
    return member


def listing(*, disabled: bool = False) -> Select[StaffMember]:
    """Select the staff members; with `disabled`, those who no longer work too."""
    statement = select(StaffMember)
    return statement if disabled else statement.where(StaffMember.disabled_at.is_(None))


def everybody(*, disabled: bool = False) -> list[StaffMember]:
    """Give the staff members in the order they were made."""
    return list(db.session.scalars(listing(disabled=disabled).order_by(StaffMember.id)))


def _words(roles: Iterable[Role]) -> list[str]:
    chosen = set(roles)
    if not chosen:
        raise RoleNeeded
    return [role.value for role in Role if role in chosen]


def _take_credentials(member: StaffMember) -> None:
    """End whatever a member signs in with; nothing of it can be used a moment later."""
    member.password_hash = None
    db.session.flush()
    db.session.execute(delete(StaffInvitation).where(StaffInvitation.member_id == member.id))
    enrolment.remove_all(member.id)
    sessions.forget_devices(member.id)
    sessions.end_all(member.id)


def _other(who: Who) -> StaffMember:
    """Load a member for a change by somebody else, with every active row locked (SQLite has one writer).

    So two changes at once cannot take away the last two administrators.
    """
    db.session.execute(listing().with_only_columns(StaffMember.id).order_by(StaffMember.id).with_for_update())
    by_number = isinstance(who, UUID)
    named = StaffMember.id == who if by_number else StaffMember.email_key == canonical_email(str(who))
    member = db.session.scalar(listing().where(named).execution_options(populate_existing=True))
    if member is None:
        raise NotFound if by_number else StaffUnknown
    if member.id == actor().id:
        raise OwnAccess
    return member


def _keep_an_administrator(member: StaffMember, roles: Iterable[str]) -> None:
    if Role.ADMINISTRATOR not in member.roles or Role.ADMINISTRATOR in roles:
        return
    if not any(Role.ADMINISTRATOR in other.roles for other in everybody() if other.id != member.id):
        raise LastAdministrator
