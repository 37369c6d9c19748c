"""`suite db`: migrations and checks."""

import click


@click.group()
def db() -> None:
    """Migrate and check the database."""


@db.command()
@click.option("--to", "revision", default="head", show_default=True, help="Revision to migrate to.")
def upgrade(revision: str) -> None:
    """Migrate to the newest schema."""
    from suite.kernel import schema
    from suite.settings import load

    schema.upgrade(load().database_url, revision)
    click.echo(f"The database has schema {schema.newest() if revision == 'head' else revision}.")


@db.command()
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Migrate back to REVISION; `base` removes every table."""
    from suite.kernel import schema
    from suite.settings import load

    schema.downgrade(load().database_url, revision)
    click.echo(f"The database has schema {revision}.")


@db.command()
def check() -> None:
    """Say whether the schema is the newest and every table declared."""
    from suite import app

    running = app.start()
    app.check_database(running)
    click.echo("The schema is the newest, and every table is declared.")


@db.command()
@click.argument("name")
def migration(name: str) -> None:
    """Write the next migration from the difference between models and database."""
    from suite.kernel import schema
    from suite.settings import load

    schema.write_migration(load().database_url, name)
