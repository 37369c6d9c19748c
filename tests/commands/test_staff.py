"""`suite staff`."""

from suite.kernel.http import App
from tests.commands.conftest import Terminal
from tests.people import Outbox, People


def link_token(out: str) -> str:
    """Give the token of the link a command printed."""
    return out.split("/staff/invitation#")[1].split(maxsplit=1)[0]


def test_a_staff_member_is_made_listed_changed_and_disabled(terminal: Terminal) -> None:
    made = terminal("staff", "create", "ada@example.org", "--role", "operator", "--role", "support_agent")
    listed = terminal("staff", "list")
    changed = terminal("staff", "roles", "ada@example.org", "--role", "virus_analyst")
    ended = terminal("staff", "disable", "ada@example.org")
    after = terminal("staff", "list")
    with_disabled = terminal("staff", "list", "--disabled")

    assert "ada@example.org is a staff member: support_agent, operator." in made.out
    assert listed.out.split() == [
        "ada@example.org",
        "support_agent,",
        "operator",
        "(invited)",
        "Staff",
        "members:",
        "1.",
    ]
    assert "virus_analyst" in changed.out
    assert (ended.code, after.out) == (0, "Staff members: 0.\n")
    assert "disabled 2" in with_disabled.out


def test_the_first_member_comes_in_by_the_link_the_command_prints_and_mails(
    terminal: Terminal, people: People, outbox: Outbox
) -> None:
    made = terminal("staff", "create", "ada@example.org", "--role", "administrator", public_url="http://localhost")

    mailed = outbox.invitation_token()
    ada = people.enter(people.accept(link_token(made.out)))

    assert mailed == link_token(made.out)
    assert "http://localhost/staff/invitation#" in made.out
    assert "password" not in made.out
    assert ada.get("/api/v1/staff/me").json["roles"] == ["administrator"]
    assert terminal("staff", "list").out.split()[:2] == ["ada@example.org", "administrator"]


def test_an_invitation_can_be_renewed_for_somebody_who_lost_everything(terminal: Terminal, people: People) -> None:
    ada = people.staff()

    invited = terminal("staff", "invite", "ada@example.org")
    gone = ada.get("/api/v1/staff/me").status_code
    again = people.enter(people.accept(link_token(invited.out)))

    assert gone == 401
    assert "can sign in again" in invited.out
    assert again.get("/api/v1/staff/me").json["id"] == ada.person_id


def test_disabling_ends_the_sessions(terminal: Terminal, people: People) -> None:
    ada = people.staff()

    ended = terminal("staff", "disable", "ada@example.org")

    assert ended.code == 0
    assert ada.get("/api/v1/staff/me").status_code == 401


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
