"""`suite licenses`: issue licences, print the products they are for, make key files, renew the key that signs."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO
from uuid import UUID

import click

from suite.commands.printing import table

_NOTE, _COMMITTED = 200, 1000


@click.group()
def licenses() -> None:
    """Issue licences, print the products they are for, make key files, renew the key that signs."""


@licenses.command()
@click.option("--product", required=True, help="Key of a product; `suite licenses products` prints them.")
@click.option("--policy", required=True, help="Key of a policy the product is sold under.")
@click.option("--count", default=1, show_default=True, type=click.IntRange(1, 1_000_000), help="How many licences.")
@click.option("--seats", type=click.IntRange(1, 1_000_000), help="Devices at a time; without it, as the policy says.")
@click.option("--note", default="", help="For staff; nothing about a person.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="New file for the codes, readable by you alone."
)
def issue(product: str, policy: str, count: int, seats: int | None, note: str, out: Path | None) -> None:
    """Issue licences and write their activation codes, one a line. Nobody can ask for the codes again.

    Every thousand is committed before its codes are written: if this is broken off, each code in the file works, and
    at most a thousand licences stay whose code nobody knows.
    """
    if len(note) > _NOTE:
        raise click.BadParameter(f"At most {_NOTE} characters.", param_hint="--note")
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    from suite import app
    from suite.kernel import db
    from suite.licenses import issue as make

    app.check_database(app.start())
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with db.transaction():
        made = make(product, policy, count, source="command", note=note, seats=seats)
        bars = Progress(*columns, console=Console(stderr=True), disable=count <= _COMMITTED)
        with _codes(out) as file, bars as progress:
            bar = progress.add_task("", total=count)
            while part := list(islice(made, _COMMITTED)):
                db.settle()
                file.writelines(f"{one.code}\n" for one in part)
                file.flush()
                progress.advance(bar, len(part))
                batch = part[0].batch_id
    click.echo(f"Licences issued: {count}, in batch {batch}.", err=True)


@contextmanager
def _codes(out: Path | None) -> Iterator[IO[str]]:
    """Open where the codes go: a new file for its owner alone, or the standard output."""
    if out is None:
        yield sys.stdout
        return
    place = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(place, "w", encoding="ascii") as file:
        yield file
        file.flush()
        os.fsync(place)


@licenses.command()
def products() -> None:
    """Print the products, and the policies they are sold under."""
    from suite import app
    from suite.licenses import catalogue

    app.start()
    known = catalogue()
    table(
        ("product", "policy", "says", "lasts", "starts", "seats", "services"),
        [
            (
                product.key,
                policy.key,
                policy.says,
                policy.lasts.iso() if policy.lasts else "for ever",
                policy.starts,
                policy.seats,
                ", ".join(product.services),
            )
            for product in known.products.values()
            for policy in (known.policies[key] for key in product.policies)
        ],
    )
    click.echo(f"Products: {len(known.products)}, policies: {len(known.policies)}.")


@licenses.command("key-file")
@click.argument("license_id", metavar="ID", type=click.UUID)
def key_file(license_id: UUID) -> None:
    """Print the key file of a licence. It stands for the activation code for 24 months, and no copy is kept."""
    from suite import app
    from suite.kernel import db
    from suite.licenses import make_key_file

    app.check_database(app.start())
    with db.transaction():
        made = make_key_file(license_id)
    click.echo(made, nl=False)


@licenses.command("rotate-key")
@click.option("--at-once", is_flag=True, help="After a leak: what the old keys signed proves nothing from now on.")
def rotate_key(at_once: bool) -> None:
    """Let a new key sign licence files.

    The old keys stay published for 24 months, until nothing they signed can still be in use. With --at-once they end
    now: devices fetch a fresh file with their next question, key files must be made anew.
    """
    from suite import app
    from suite.kernel import db
    from suite.licenses import rotate_key as rotate

    app.check_database(app.start())
    with db.transaction():
        fresh = rotate(at_once=at_once)
    click.echo(f"Licence files are signed with key {fresh.id} from now on.")
