"""`suite staff`: who works with the internal tools."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from suite.staff import Role

_ROLES = (
    "support_agent",
    "virus_analyst",
    "privacy_officer",
    "legal_counsel",
    "license_manager",
    "operator",
    "administrator",
)
_ROLE = click.option(
    "--role",
    "roles",
    type=click.Choice(_ROLES),
    multiple=True,
    required=True,
    help="What the person does; repeat it for several.",
)


@click.group()
def staff() -> None:
    """Create, invite and list staff members."""


@staff.command()
@click.argument("email")
@_ROLE
def create(email: str, roles: tuple[str, ...]) -> None:
    """Make EMAIL a staff member, and mail an invitation that works for 72 hours."""
    from suite import app
    from suite.kernel import db
    from suite.staff import create as make

    app.check_database(app.start())
    with db.transaction():
        member, token = make(email, _chosen(roles))
    click.echo(f"{member.address} is a staff member: {', '.join(member.roles)}.")
    _show(token)


@staff.command()
@click.argument("email")
def invite(email: str) -> None:
    """Invite EMAIL anew, also who lost everything: sessions, password and second factors end."""
    from suite import app
    from suite.kernel import db
    from suite.staff import invite as again

    app.check_database(app.start())
    with db.transaction():
        member, token = again(email)
    click.echo(f"{member.address} can sign in again once the new invitation is accepted.")
    _show(token)


@staff.command()
@click.argument("email")
def disable(email: str) -> None:
    """Take every right from EMAIL and end its sessions; the entry is deleted one calendar month later."""
    from suite import app
    from suite.kernel import db
    from suite.staff import disable as end

    app.check_database(app.start())
    with db.transaction():
        member = end(email)
    click.echo(f"{member.address} has no rights any more; the entry is deleted one calendar month from now.")


@staff.command()
@click.argument("email")
@_ROLE
def roles(email: str, roles: tuple[str, ...]) -> None:
    """Give EMAIL these roles and no others."""
    from suite import app
    from suite.kernel import db
    from suite.staff import set_roles

    app.check_database(app.start())
    with db.transaction():
        member = set_roles(email, _chosen(roles))
    click.echo(f"{member.address} has the roles: {', '.join(member.roles)}.")


@staff.command("list")
@click.option("--disabled", is_flag=True, help="Show those who no longer work too.")
def list_staff(disabled: bool) -> None:
    """List the staff members with their roles."""
    from suite import app
    from suite.kernel import db
    from suite.staff import everybody

    app.check_database(app.start())
    with db.transaction(reading=True):
        members = everybody(disabled=disabled)
    for member in members:
        since = f"disabled {member.disabled_at:%Y-%m-%d}" if member.disabled_at else ", ".join(member.roles)
        click.echo(f"{member.address:<40} {since}" + (" (invited)" if member.state == "invited" else ""))
    click.echo(f"Staff members: {len(members)}.")


def _show(token: str) -> None:
    """Print the link of an invitation: the first administrator may have no mail yet."""
    from suite.kernel import system

    click.echo("The invitation is on its way by mail. This is its link, for that person alone; it works once:")
    click.echo(f"{system.current().settings.public_url.rstrip('/')}/staff/invitation#{token}")


def _chosen(words: tuple[str, ...]) -> "list[Role]":
    from suite.staff import Role

    return [Role(word) for word in words]
