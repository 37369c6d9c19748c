"""`suite privacy` and `suite sweep`."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import click
import orjson


@click.group()
def privacy() -> None:
    """Look at the privacy declarations, and copy what is held about a person."""


@privacy.command()
def catalogue() -> None:
    """Print the catalogue as JSON."""
    from suite import app
    from suite.privacy import catalogue as declared_catalogue

    app.start()
    click.echo(orjson.dumps(declared_catalogue(), option=orjson.OPT_INDENT_2))


@privacy.command()
@click.option("--person", "person_id", type=click.UUID, required=True, help="Whose data: the number of the person.")
@click.option("--to", "target", type=click.Path(path_type=Path), required=True, help="The zip to write.")
@click.option("--language", type=click.Choice(["en", "de", "ru"]), default="en", help="Of the page in it.")
def export(person_id: UUID, target: Path, language: str) -> None:
    """Write a copy of everything held about a person, also one without an account, such as a staff member."""
    from suite import app
    from suite.exports import write_copy

    app.check_database(app.start())
    size = write_copy(person_id, target, language)
    click.echo(f"{target} holds the copy: {size} bytes. Hand it over only to the person, and delete it here.")


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be deleted and why; delete nothing.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="The instant to judge by, in UTC; only with --dry-run.",
)
def sweep(dry_run: bool, as_of: datetime | None) -> None:
    """Delete what is due, or say what would be deleted."""
    from suite import app
    from suite.kernel import clock, db
    from suite.privacy import sweeps

    if as_of is not None and not dry_run:
        raise click.UsageError("--as-of goes with --dry-run: nothing is deleted before its time.")
    app.check_database(app.start())
    if dry_run:
        now = as_of.replace(tzinfo=UTC) if as_of else clock.now()
        with db.transaction(reading=True):
            rows = sweeps.plan(now)
        for table, why, count in rows:
            click.echo(f"{count:>10}  {table:<20} {why}")
        click.echo(f"{sum(row[2] for row in rows)} rows would be deleted as of {now:%Y-%m-%d %H:%M} UTC.")
        return
    total = sweeps.sweep(lambda table, rows: click.echo(f"{rows:>10}  {table}"))
    click.echo(f"{total} rows were deleted.")
