"""Making, changing and disabling staff members. Signing in to the internal tools is no part of this yet."""

from collections.abc import Iterable

from sqlalchemy import select

from suite.kernel import audit, clock, db
from suite.kernel.fields import canonical_email
from suite.kernel.ids import new_id
from suite.privacy import Person
from suite.staff.errors import LastAdministrator, RoleNeeded, StaffExists, StaffUnknown
from suite.staff.models import StaffMember
from suite.staff.roles import Role


def create(email: str, roles: Iterable[Role]) -> StaffMember:
    """Make a staff member without any credential; an address that is in use is refused."""
    words = _words(roles)
    person = Person(id=new_id())
    db.session.add(person)
    db.session.flush()
    member = StaffMember(
        id=person.id,
        address=email,
        email_key=canonical_email(email),
        roles=words,
        created_at=clock.now(),
    )
    db.session.add(member)
    with db.translated({"uq_staff_members_email_key": StaffExists}):
        db.session.flush()
    audit.write("staff.created", subject=member.id, roles=words)
    return member


def disable(email: str) -> StaffMember:
    """Take every right from a staff member; the row goes a month later."""
    member = _active(email)
    _keep_an_administrator(member, ())
    member.disabled_at = clock.now()
    db.session.flush()
    audit.write("staff.disabled", subject=member.id)
    return member


def set_roles(email: str, roles: Iterable[Role]) -> StaffMember:
    """Give a staff member these roles and no others."""
    words = _words(roles)
    member = _active(email)
    _keep_an_administrator(member, words)
    before, member.roles = member.roles, words
    db.session.flush()
    audit.write("staff.roles_set", subject=member.id, before=before, after=words)
    return member


def everybody(*, disabled: bool = False) -> list[StaffMember]:
    """Give the staff members in the order they were made; with `disabled`, those who no longer work too."""
    statement = select(StaffMember).order_by(StaffMember.id)
    if not disabled:
        statement = statement.where(StaffMember.disabled_at.is_(None))
    return list(db.session.scalars(statement))


def _words(roles: Iterable[Role]) -> list[str]:
    chosen = set(roles)
    if not chosen:
        raise RoleNeeded
    return [role.value for role in Role if role in chosen]


def _active(email: str) -> StaffMember:
    """Load a member for a change, with every active row locked (SQLite has one writer).

    So two changes at once cannot take away the last two administrators.
    """
    db.session.execute(
        select(StaffMember.id).where(StaffMember.disabled_at.is_(None)).order_by(StaffMember.id).with_for_update()
    )
    member = db.session.scalar(
        select(StaffMember).where(StaffMember.email_key == canonical_email(email), StaffMember.disabled_at.is_(None))
    )
    if member is None:
        raise StaffUnknown
    return member


def _keep_an_administrator(member: StaffMember, roles: Iterable[str]) -> None:
    if Role.ADMINISTRATOR not in member.roles or Role.ADMINISTRATOR in roles:
        return
    if not any(Role.ADMINISTRATOR in other.roles for other in everybody() if other.id != member.id):
        raise LastAdministrator
