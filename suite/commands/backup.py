"""`suite backup`: make, list, check, bring back and end backups."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from suite.backups.create import Tell
    from suite.kernel.system import System

_UNITS = ("B", "KB", "MB", "GB", "TB")


@click.group()
def backup() -> None:
    """Make backups and bring them back.

    A backup is one encrypted file. It is gone at its declared age, and whoever was erased since stays erased when it is
    brought back.
    """


@backup.command()
def key() -> None:
    """Print a new key for SUITE_BACKUP_KEY."""
    from suite.backups import keys

    click.echo(keys.new_key())


@backup.command()
def create() -> None:
    """Make a backup now; the server may run."""
    from suite import app
    from suite.backups import create as making
    from suite.kernel import clock

    app.check_database(_start())
    with _bars() as tell:
        made = making.create(tell)
    click.echo(f"{made.name} was made, {_size(made.size)}. It will be gone at {clock.written(made.expires_at)}.")


@backup.command("list")
def list_() -> None:
    """List the backups, newest first."""
    from suite.backups import listing
    from suite.commands.printing import age, instant, table
    from suite.kernel import clock

    _start()
    now, found = clock.now(), listing.backups()
    rows = [(one.name, age(one.created_at, now), _size(one.size), instant(one.expires_at)) for one in found]
    if not rows:
        click.echo("There is no backup yet: `suite backup create` makes one.")
        return
    table(("backup", "age", "size", "gone at"), rows)


@backup.command()
@click.argument("name", default="latest")
@click.option("--trial", "by_trial", is_flag=True, help="Also bring it back into a database that is dropped again.")
def verify(name: str, by_trial: bool) -> None:
    """Decrypt a backup and check every part; the present database is not touched."""
    from suite.backups import listing, trial

    _start()
    chosen = listing.one(name)
    with _bars() as tell:
        found = trial.verify(chosen, tell)
        people = trial.bring_back(chosen, tell) if by_trial else None
    click.echo(f"{chosen.name} is whole: {sum(found['rows'].values())} rows, {found['files']} files.")
    if people is not None:
        click.echo(f"It can be brought back: the trial held {people} people.")
    if found["closed"]:
        click.echo(f"{found['closed']} bundles stay closed for ever, because their people or files were erased.")


@backup.command()
@click.argument("name", default="latest")
@click.option("--replace", is_flag=True, help="Lose what the database holds now.")
@click.option("--resume", is_flag=True, help="Finish a restore that was broken off.")
def restore(name: str, replace: bool, resume: bool) -> None:
    """Bring a backup back; end the server and every worker first.

    Everything erased, left or withdrawn since the backup is repeated before the server starts again.
    """
    from suite.backups import listing
    from suite.backups import restore as bringing

    _start()
    chosen = None if resume else listing.one(name)
    with _bars() as tell:
        repeated = bringing.restore(chosen, tell, replace=replace) if chosen else bringing.finish(tell)
    click.echo(f"The backup is brought back; {repeated} erasures and choices made since were repeated.")


@backup.command()
def prune() -> None:
    """Delete backups that have reached their age, and inner keys nobody belongs to."""
    from suite import app
    from suite.backups import listing, shredding

    app.check_database(_start())
    gone, keys = listing.prune(), shredding.destroy_orphans()
    for one in gone:
        click.echo(f"{one.name} was deleted.")
    click.echo(f"Backups deleted: {len(gone)}, keys destroyed: {keys}.")


def _start() -> "System":
    """Start, and remove what killed backups and trials left."""
    from suite import app
    from suite.backups import databases, work

    running = app.start()
    work.clear()
    databases.clear()
    return running


@contextmanager
def _bars() -> Iterator["Tell"]:
    """Show each step as a bar."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bars: dict[str, TaskID] = {}

        def tell(what: str, done: int, of: int) -> None:
            if what not in bars:
                bars[what] = progress.add_task(what, total=of or None)
            progress.update(bars[what], completed=done, total=of or None)

        yield tell
        for bar in bars.values():
            progress.update(bar, total=1, completed=1)


def _size(count: float) -> str:
    for unit in _UNITS:
        if count < 1000:
            return f"{count:.4g} {unit}"
        count /= 1000
    return f"{count:.1f} PB"
