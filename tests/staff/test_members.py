"""Staff members: who they are and what their roles allow."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from suite import staff
from suite.kernel import audit, clock, db
from suite.kernel.access import PERMISSIONS, ActorKind, Permission
from suite.kernel.errors import Refusal
from suite.kernel.http import App
from suite.kernel.models import AuditEntry
from suite.privacy import Person, sweeps
from suite.staff import Role
from suite.staff.models import StaffMember
from suite.staff.roles import ROLES

pytestmark = pytest.mark.usefixtures("app")


def made(email: str = "ada@example.org", *roles: Role) -> StaffMember:
    with db.transaction():
        return staff.create(email, roles or (Role.OPERATOR,))[0]


def names() -> list[str]:
    with db.transaction(reading=True):
        return [member.address for member in staff.everybody()]


def refusal(act: "object", *args: object) -> str:
    with pytest.raises(Refusal) as refused, db.transaction():
        act(*args)  # type: ignore[operator]
    return refused.value.code


def test_a_new_staff_member_has_an_address_and_roles_and_no_password() -> None:
    member = made("Ada@Example.org", Role.OPERATOR, Role.SUPPORT_AGENT)

    assert (member.address, member.email_key) == ("Ada@Example.org", "ada@example.org")
    assert member.roles == ["support_agent", "operator"]
    assert (member.password_hash, member.state) == (None, "invited")


def test_an_address_is_one_staff_member_only() -> None:
    made("ada@example.org")

    assert refusal(staff.create, "ADA@example.org", [Role.OPERATOR]) == "staff_exists"
    assert names() == ["ada@example.org"]


def test_nobody_is_a_staff_member_without_a_role() -> None:
    assert refusal(staff.create, "ada@example.org", []) == "role_needed"


def test_roles_are_replaced_not_added() -> None:
    made("ada@example.org", Role.OPERATOR)

    with db.transaction():
        member = staff.set_roles("ada@example.org", [Role.VIRUS_ANALYST])

    assert member.roles == ["virus_analyst"]


@pytest.mark.parametrize("act", [staff.disable, lambda email: staff.set_roles(email, [Role.OPERATOR])])
def test_an_unknown_address_is_refused(act: "object") -> None:
    assert refusal(act, "ada@example.org") == "staff_unknown"


def test_a_disabled_member_is_gone_from_the_list_and_cannot_be_changed() -> None:
    made("ada@example.org")
    with db.transaction():
        staff.disable("ada@example.org")

    assert names() == []
    assert refusal(staff.disable, "ada@example.org") == "staff_unknown"


def test_somebody_who_comes_back_is_a_new_member() -> None:
    first = made("ada@example.org")
    with db.transaction():
        staff.disable("ada@example.org")

    assert made("ada@example.org").id != first.id


@pytest.mark.parametrize(
    "act", [staff.disable, lambda email: staff.set_roles(email, [Role.OPERATOR])], ids=["disable", "other roles"]
)
def test_the_last_administrator_stays_until_there_is_another(act: "object") -> None:
    made("ada@example.org", Role.ADMINISTRATOR)

    alone = refusal(act, "ada@example.org")
    made("bob@example.org", Role.ADMINISTRATOR)
    with db.transaction():
        act("ada@example.org")  # type: ignore[operator]

    assert alone == "last_administrator"


def test_every_change_stands_in_the_audit_trail_under_a_keyed_hash() -> None:
    member = made("ada@example.org", Role.OPERATOR)
    with db.transaction():
        staff.set_roles("ada@example.org", [Role.VIRUS_ANALYST])
    with db.transaction():
        staff.disable("ada@example.org")

    with db.transaction(reading=True) as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == [
        "staff.created",
        "staff.invited",
        "staff.roles_set",
        "staff.disabled",
    ]
    assert {entry.subject for entry in entries} == {audit.subject_key(member.id)}
    assert entries[2].facts == {"before": ["operator"], "after": ["virus_analyst"]}


def test_a_disabled_member_is_erased_a_calendar_month_later() -> None:
    start = clock.now().replace(month=3, day=10)
    with clock.at(start):
        made("ada@example.org")
        made("bob@example.org")
        with db.transaction():
            staff.disable("ada@example.org")

    left = []
    for instant in (start.replace(month=4) - timedelta(seconds=1), start.replace(month=4)):
        with clock.at(instant):
            sweeps.sweep()
        with db.transaction(reading=True) as session:
            left.append(len(session.scalars(select(Person.id)).all()))

    assert left == [2, 1]
    assert names() == ["bob@example.org"]


def test_no_role_may_do_everything_and_every_staff_permission_has_a_role() -> None:
    of_staff = set(Permission) - PERMISSIONS[ActorKind.ACCOUNT] - PERMISSIONS[ActorKind.STAFF]

    assert set(ROLES) == set(Role)
    assert set().union(*ROLES.values()) == of_staff
    assert all(ROLES[role] < of_staff for role in Role)


def test_permissions_of_several_roles_add_up_and_unknown_roles_allow_nothing() -> None:
    together = staff.permissions_of(["operator", "virus_analyst", "king"])

    assert together == ROLES[Role.OPERATOR] | ROLES[Role.VIRUS_ANALYST]
    assert staff.permissions_of(["king"]) == frozenset()


def test_the_table_of_staff_is_declared_in_the_catalogue(app: App) -> None:
    catalogue = app.test_client().get("/api/v1/privacy/catalogue").json

    record = next(one for one in catalogue["records"] if one["table"] == "staff_members")
    assert record["retention"][0]["period"] == "P1M"
