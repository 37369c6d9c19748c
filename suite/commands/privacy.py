"""`suite privacy`: the catalogue, sweeps and their stop switch, receipts of erasures."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click
import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable

    from suite.privacy.sweeps import Explained

_BATCH = 1000


@click.group()
def privacy() -> None:
    """Look at the privacy declarations, and carry out what they say."""


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
    from suite.kernel.errors import NotFound

    app.check_database(app.start())
    try:
        size = write_copy(person_id, target, language)
    except NotFound:
        raise click.ClickException(
            "Nothing is held under this number. People see theirs as `id` at GET /api/v1/me, staff members at "
            "GET /api/v1/staff/me; the internal tools find an account by its address."
        ) from None
    click.echo(f"{target} holds the copy: {size} bytes. Hand it over only to the person, and delete it here.")


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
    taken_say = "1 address is" if taken == 1 else f"{taken} addresses are"
    lines_say = "1 line is" if strange == 1 else f"{strange} lines are"
    click.echo(f"{taken_say} on the list, {lines_say} no address.")


def _batches(lines: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(lines, _BATCH)):
        yield batch


def _suppress(addresses: list[str], purpose: str) -> None:
    from suite.kernel import db
    from suite.privacy import suppress_all

    with db.transaction():
        suppress_all(addresses, purpose)


@privacy.command()
def fides() -> None:
    """Print the declarations as Fides YAML (fideslang 3.x)."""
    from suite import app
    from suite.privacy import formats

    app.start()
    click.echo(formats.fides(), nl=False)


@privacy.command()
@click.option("--format", "form", type=click.Choice(["csv", "html"]), default="csv", show_default=True)
def record(form: str) -> None:
    """Print the record of processing activities (Article 30 GDPR)."""
    from suite import app
    from suite.privacy import formats

    app.start()
    click.echo(formats.as_csv() if form == "csv" else formats.as_html(), nl=False)


@privacy.command()
def dpv() -> None:
    """Print the declarations as JSON-LD in the Data Privacy Vocabulary."""
    from suite import app
    from suite.privacy import formats

    app.start()
    click.echo(formats.dpv())


@privacy.group(invoke_without_command=True)
@click.option("--dry-run", is_flag=True, help="Say which rows would be deleted and why; delete nothing.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="The instant to judge by, in UTC; only with --dry-run.",
)
@click.option("--summary", is_flag=True, help="With --dry-run: only how many rows each rule lets go.")
@click.pass_context
def sweep(context: click.Context, dry_run: bool, as_of: datetime | None, summary: bool) -> None:
    """Delete what is due, or say what would be deleted."""
    if context.invoked_subcommand is not None:
        return
    if (as_of is not None or summary) and not dry_run:
        raise click.UsageError("--as-of and --summary go with --dry-run: nothing is deleted before its time.")
    from suite import app
    from suite.kernel import clock

    app.check_database(app.start())
    if dry_run:
        _say(as_of.replace(tzinfo=UTC) if as_of else clock.now(), summary)
    else:
        _sweep()


def _say(now: datetime, summary: bool) -> None:
    from suite.kernel import db
    from suite.privacy import sweeps

    with db.transaction(reading=True):
        rows = sweeps.plan(now)
        if not summary:
            _explain(sweeps.explain(now))
    for table, why, count in rows:
        click.echo(f"{count:>10}  {table:<20} {why}")
    click.echo(f"{sum(row[2] for row in rows)} rows would be deleted as of {now:%Y-%m-%d %H:%M} UTC.")


def _explain(rows: "Iterable[Explained]") -> None:
    from suite.commands.printing import instant

    for row in rows:
        due = instant(row.due_at) if row.due_at else "since nothing hangs on it"
        click.echo(f"{due:<23}  {row.table:<20} {row.row:<36}  {row.why}")


def _sweep() -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from suite.kernel import clock, db
    from suite.privacy import sweeps

    with db.transaction(reading=True):
        expected = sum(count for _, _, count in sweeps.plan(clock.now()))
    columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=expected)
        total = sweeps.sweep(lambda table, rows: progress.update(task, description=table, advance=rows))
    click.echo(f"{total} rows were deleted.")
    _status()


@sweep.command()
def stop() -> None:
    """Stop deletions, when they look wrong; limits of 24 hours and less are still kept."""
    from suite import app
    from suite.kernel import db
    from suite.privacy import sweeps

    app.check_database(app.start())
    with db.transaction():
        sweeps.stop()
    _status()


@sweep.command()
def resume() -> None:
    """Let deletions go on."""
    from suite import app
    from suite.kernel import db
    from suite.privacy import sweeps

    app.check_database(app.start())
    with db.transaction():
        sweeps.resume()
    _status()


@sweep.command()
def status() -> None:
    """Say whether deletions are stopped."""
    from suite import app

    app.check_database(app.start())
    _status()


def _status() -> None:
    from suite.commands.printing import instant
    from suite.privacy import sweeps

    since = sweeps.stopped_since()
    if since is None:
        click.echo("Deletions are running.")
    else:
        click.echo(
            f"Deletions have been stopped since {instant(since)}, except those due within 24 hours: "
            "`suite privacy sweep resume` lets them go on."
        )


@privacy.group()
def receipts() -> None:
    """Look at the receipts of erasures and choices."""


@receipts.command("list")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100000), help="Most receipts printed.")
def list_receipts(limit: int) -> None:
    """List receipts, newest first: number, time, kind and what was deleted. They name nobody."""
    from sqlalchemy import select

    from suite import app
    from suite.commands.printing import instant, table
    from suite.kernel import db
    from suite.privacy.models import Tombstone

    app.check_database(app.start())
    with db.reading() as connection:
        found = connection.execute(select(Tombstone).order_by(Tombstone.id.desc()).limit(limit)).all()
    rows = [(one.id, instant(one.at), one.kind, orjson.dumps(one.facts).decode()) for one in found]
    table(("receipt", "time", "kind", "facts"), rows)


@receipts.command()
def verify() -> None:
    """Check the hash chain of the receipts; exit 1 when one was changed, taken out or put in."""
    from suite import app
    from suite.privacy import chain

    app.check_database(app.start())
    broken = list(chain.broken_links())
    waiting = len(chain.waiting())
    for sequence in broken:
        click.echo(f"Receipt {sequence} does not fit the chain.")
    click.echo(f"Receipts that do not fit: {len(broken)}; not in the chain yet: {waiting}.")
    if broken:
        raise click.exceptions.Exit(1)
