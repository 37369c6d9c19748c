"""`suite privacy` and `suite sweep`."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

import click
import orjson

_BATCH = 1000


@click.group()
def privacy() -> None:
    """Look at the privacy declarations."""


@privacy.command()
def catalogue() -> None:
    """Print the catalogue as JSON."""
    from suite import app
    from suite.privacy import catalogue as declared_catalogue

    app.start()
    click.echo(orjson.dumps(declared_catalogue(), option=orjson.OPT_INDENT_2))


@privacy.command()
@click.option("--purpose", required=True, help="What they must not be written to for, such as news_by_email.")
def suppress(purpose: str) -> None:
    """Put addresses on the suppression list, one a line from standard input; only keyed hashes are kept."""
    from suite import app
    from suite.declarations.purposes import PURPOSES
    from suite.privacy import can_be_suppressed

    stoppable = [key for key in PURPOSES if can_be_suppressed(key)]
    if purpose not in stoppable:
        raise click.UsageError(f"Letters for {purpose!r} cannot be stopped. Choose one of: {', '.join(stoppable)}.")
    app.check_database(app.start())
    taken = strange = 0
    lines = (line.strip() for line in sys.stdin)
    for batch in _batches(line for line in lines if line):
        addresses = [line for line in batch if "@" in line]
        _suppress(addresses, purpose)
        taken, strange = taken + len(addresses), strange + len(batch) - len(addresses)
        click.echo(f"{taken} addresses", err=True)
    lines_say = "1 line is" if strange == 1 else f"{strange} lines are"
    click.echo(f"{taken} addresses are on the list, {lines_say} no address.")


def _batches(lines: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(lines, _BATCH)):
        yield batch


def _suppress(addresses: list[str], purpose: str) -> None:
    from suite.kernel import db
    from suite.privacy import suppress as put_on_list

    with db.transaction():
        for address in addresses:
            put_on_list(address, purpose)


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
