"""`suite demo`: the data of a living system, made by the stories themselves, about invented people."""

import random
import re
from typing import TYPE_CHECKING

import click

from suite.commands.demo.people import PASSWORD

if TYPE_CHECKING:
    from suite.kernel.system import System

_WEEKS = 5
_NUMBER = re.compile(r"(\d{1,9})@example\.")


@click.command()
@click.option("--people", default=200, show_default=True, type=click.IntRange(1, 20000), help="How many people.")
@click.option("--add", is_flag=True, help="Also when there are accounts already.")
def demo(people: int, add: bool) -> None:
    """Fill the database with the data of a living system.

    Invented people at example.org, example.com and example.net registered, signed in, joined and left services,
    gave consents and took them back, asked about their data, and closed accounts, over the last five weeks; some of
    them work for a company with licences and contracts. No
    message leaves: those that count as sent stand in the development inbox. Refused in production.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from suite import app
    from suite.commands.demo.company import PEOPLE
    from suite.commands.demo.plan import plan
    from suite.commands.demo.rehearsal import rehearsal, tidy
    from suite.commands.demo.visits import visit
    from suite.kernel import access, clock

    running = app.start()
    app.check_database(running)
    offset = _refuse_or_count(running, add=add)
    with rehearsal(running):
        lives = plan(random.Random(f"{offset}/{people}"), people, offset, weeks=_WEEKS)  # noqa: S311 - invents people
        events = sorted((event for one in lives for event in one.events), key=lambda event: event.at)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            for event in progress.track(events, description="Five weeks pass"):
                with clock.at(event.at):
                    event.happen()
        access.begin(access.SYSTEM, None)
        visit(random.Random(offset), clock.now(), weeks=_WEEKS)  # noqa: S311 - invents visits
        tidy()
    someone = next((one for one in lives if one.can_sign_in), None)
    _say(running, len(lives), someone.address if someone else None)
    _say_company(running, lives[-PEOPLE].address)


def _refuse_or_count(running: "System", *, add: bool) -> int:
    """Refuse where real people may be; give the highest number an invented address has already."""
    from sqlalchemy import func, select

    from suite.accounts.models import Account
    from suite.kernel import db

    if running.settings.production:
        raise click.ClickException("Invented people have no place in production (SUITE_ENVIRONMENT is production).")
    with db.reading() as connection:
        accounts = connection.scalar(select(func.count()).select_from(Account)) or 0
        known = connection.scalars(select(Account.email_key).where(Account.email_key.like("%@example.___")))
        numbers = [int(found[1]) for key in known if (found := _NUMBER.search(key))]
    if accounts and not add:
        raise click.ClickException(
            f"There are {accounts} accounts already; say --add to put invented people beside them."
        )
    return max(numbers, default=0)


def _say(running: "System", people: int, address: str | None) -> None:
    """Say what there is now and how to sign in."""
    from sqlalchemy import func, select

    from suite.commands.demo.rights import COUNSEL, OFFICER
    from suite.kernel import db
    from suite.kernel.db import Base

    names = ["accounts", "registrations", "memberships", "sessions", "consent_entries", "messages", "audit_entries"]
    names += ["visit_days", "rights_requests", "restrictions", "exports", "disclosures", "legal_disclosures"]
    names += ["companies", "company_members", "company_invitations", "contracts", "licenses", "license_holdings"]
    names += ["license_activations", "reminders"]
    with db.reading() as connection:
        counts = {
            name: connection.scalar(select(func.count()).select_from(Base.metadata.tables[name])) for name in names
        }
    click.echo(f"{people} people lived here for {_WEEKS} weeks. The tables hold now:")
    for name, count in counts.items():
        click.echo(f"  {name:<19} {count}")
    if address is not None:
        click.echo(f"Everybody has the password {PASSWORD!r}. Sign in, for example as {address}:")
        click.echo(f"  curl -H 'Content-Type: application/json' {running.settings.public_url}/api/v1/sessions \\")
        click.echo(f"""    -d '{{"email": "{address}", "password": "{PASSWORD}"}}'""")
    click.echo(f"{OFFICER} answers requests, {COUNSEL} decides about demands of authorities:")
    click.echo(f"  suite staff invite {OFFICER}   prints the link that lets the officer in")


def _say_company(running: "System", address: str) -> None:
    """Say what a company looks like, and through whose eyes."""
    from suite.commands.demo.rights import SELLER

    url = running.settings.public_url
    click.echo(
        f"{address} is the Administrator of a company. With the token of that sign-in (-H 'Authorization: Bearer ...'):"
    )
    for what in ("", "/members", "/requests", "/invitations", "/licenses", "/contracts"):
        click.echo(f"  curl {url}/api/v1/company{what}")
    click.echo(f"  curl {url}/api/v1/me/reminders")
    click.echo(f"{SELLER} issues licences and records contracts: suite staff invite {SELLER}")
