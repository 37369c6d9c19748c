"""`suite privacy` and `suite sweep`."""

from datetime import UTC, datetime

import click
import orjson


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
