"""How commands print rows, instants and lengths of time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import click


def instant(moment: datetime | None) -> str:
    """Write an instant."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "never"


def age(start: datetime, end: datetime) -> str:
    """Write a length of time in its two largest units: `3 d 4 h`, `5 min 10 s`."""
    seconds = max(0, int((end - start) / timedelta(seconds=1)))
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    parts = []
    for name, size in units:
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {name}")
    return " ".join(parts[:2]) or "0 s"


def table(head: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Print columns that a person and `awk -F'  +'` can read."""
    lines = [head, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
