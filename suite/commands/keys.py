"""`suite keys`: make keys."""

import click


@click.group()
def keys() -> None:
    """Make and rotate secret keys."""


@keys.command()
def generate() -> None:
    """Print a new master key for SUITE_SECRET_KEYS."""
    from suite.settings import new_key

    click.echo(new_key())
