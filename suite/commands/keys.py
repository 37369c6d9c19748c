"""`suite keys`: make keys, and move what is stored to the newest one."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from suite.kernel.sealed import Place


@click.group()
def keys() -> None:
    """Make and rotate secret keys."""


@keys.command()
def generate() -> None:
    """Print a new master key for SUITE_SECRET_KEYS."""
    from suite.settings import new_key

    click.echo(new_key())


@keys.command()
def rotate() -> None:
    """Encrypt everything again with the newest key, and say what still needs the older ones.

    \b
    1. Make a key: suite keys generate
    2. On every machine, write it behind the old one (SUITE_SECRET_KEYS=old,new) and restart. With one
       machine this step can be left out.
    3. Write it in front (SUITE_SECRET_KEYS=new,old), restart, and run this command, while the server runs.
    4. Remove the old key when this command says that nothing needs it. Run it again to ask.

    Safe to break off and to repeat.
    """  # noqa: D301 - click's mark for lines that stay
    from suite import app
    from suite.kernel import audit, db, sealed

    running = app.start()
    app.check_database(running)
    ring = running.keys
    moved, lost = _move_all()
    with db.transaction():
        audit.write("keys.rotated", key=ring.primary, moved=moved, lost=lost)
    click.echo(f"Values encrypted again with key {ring.primary}: {moved}.")
    if not ring.ids[1:]:
        click.echo("It is the only key in SUITE_SECRET_KEYS; to change it, put a new one in front of it.")
    for key_id in ring.ids[1:]:
        _say_what_needs(key_id, sealed.needing(key_id))
    if lost:
        raise click.ClickException(
            f"{lost} values could not be opened and were left as they are: their key is not in SUITE_SECRET_KEYS, "
            "or they were changed."
        )


def _move_all() -> tuple[int, int]:
    """Move every value with a progress bar; return how many were moved and how many could not be opened."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    from suite.kernel import sealed, system

    primary = system.current().keys.primary
    moved = lost = 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bars: dict[str, TaskID] = {}
        for place, count in sealed.older_than(primary).items():
            bars[place.name] = progress.add_task(place.name, total=count)
        for batch in sealed.rotate():
            moved, lost = moved + batch.moved, lost + batch.lost
            bar = bars.get(batch.place.name)
            if bar is not None:
                progress.advance(bar, batch.seen)
    return moved, lost


def _say_what_needs(key_id: str, needs: "dict[Place, int]") -> None:
    from suite.kernel.sealed import Use

    for place, count in needs.items():
        click.echo(f"  {place.name}: {_WHAT_IS_LOST[place.use].format(count=count, goes=_goes(place))}")
    uses = {place.use for place in needs}
    if not uses:
        click.echo(f"Nothing needs key {key_id} any more: remove it from SUITE_SECRET_KEYS.")
    elif Use.SEALED in uses:
        click.echo(
            f"Keep key {key_id}. A server that was not restarted may still encrypt with it: restart every server with "
            "the new key in front, then run this again."
        )
    elif uses & set(_WITHOUT_IT):
        lost = " and ".join(says for use, says in _WITHOUT_IT.items() if use in uses)
        click.echo(f"Keep key {key_id}: without it {lost}.")
    else:
        click.echo(
            f"Key {key_id} can be removed when the look-ups above may end; nothing else needs it. The audit trail "
            "stays whole and can be proven without it, but older entries are no longer found by person."
        )


_WITHOUT_IT = {
    "password": "these people could not sign in",
    "code": "these activation codes would be unknown",
    "answer": "the right answers to these questions would be judged wrong, and who forgets the password would get in "
    "only after the wait of three days",
}
_WHAT_IS_LOST = {
    "sealed": "{count} values are still encrypted with it.",
    "password": "{count} password hashes need it; each is renewed when its owner signs in next.",
    "answer": "{count} answers to security questions need it; each is renewed when its owner gives or sets it next.",
    "code": "{count} activation codes need it; each moves to the newest key when somebody uses it next.",
    "hash": "{count} rows are found by a hash made with it; they go {goes}.",
}


def _goes(place: "Place") -> str:
    """Say in the words of the declaration when the rows of a table go."""
    from suite.declarations import ByService, Keep, Record

    record = place.table.info["privacy"]
    assert isinstance(record, Record)
    for rule in record.rules:
        if isinstance(rule, Keep):
            return f"{rule.period} after {rule.after.says}"
        if isinstance(rule, ByService):
            return f"with their service, after {rule.after.says}"
    return "with what they belong to"
