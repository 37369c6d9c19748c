"""`suite staff`."""

from suite.kernel.http import App
from tests.commands.conftest import Terminal


def test_a_staff_member_is_made_listed_changed_and_disabled(terminal: Terminal) -> None:
    made = terminal("staff", "create", "ada@example.org", "--role", "operator", "--role", "support_agent")
    listed = terminal("staff", "list")
    changed = terminal("staff", "roles", "ada@example.org", "--role", "virus_analyst")
    ended = terminal("staff", "disable", "ada@example.org")
    after = terminal("staff", "list")
    with_disabled = terminal("staff", "list", "--disabled")

    assert "ada@example.org is a staff member: support_agent, operator." in made.out
    assert "No password was set" in made.out
    assert listed.out.split() == ["ada@example.org", "support_agent,", "operator", "Staff", "members:", "1."]
    assert "virus_analyst" in changed.out
    assert (ended.code, after.out) == (0, "Staff members: 0.\n")
    assert "disabled 2" in with_disabled.out


def test_a_refusal_is_one_sentence_and_exit_code_1(terminal: Terminal) -> None:
    terminal("staff", "create", "ada@example.org", "--role", "operator")

    again = terminal("staff", "create", "ada@example.org", "--role", "operator")
    unknown = terminal("staff", "disable", "bob@example.org")
    no_address = terminal("staff", "create", "bob", "--role", "operator")

    assert (again.code, again.err) == (1, "suite: There is a staff member with this address already.\n")
    assert (unknown.code, unknown.err) == (1, "suite: There is no staff member with this address.\n")
    assert (no_address.code, no_address.err) == (1, "suite: This is no usable e-mail address.\n")


def test_a_role_must_be_named_and_be_one_of_the_roles(terminal: Terminal) -> None:
    without = terminal("staff", "create", "ada@example.org")
    strange = terminal("staff", "create", "ada@example.org", "--role", "king")

    assert (without.code, strange.code) == (2, 2)
    assert "privacy_officer" in strange.err


def test_the_command_offers_exactly_the_roles_there_are(app: App) -> None:
    from suite.commands.staff import _ROLES
    from suite.staff import Role

    assert list(_ROLES) == [role.value for role in Role]
