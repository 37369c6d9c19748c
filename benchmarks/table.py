"""How results are shown."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One result: what was measured, ours, what it is compared with, and the aim."""

    what: str
    ours: str
    reference: str = ""
    ratio: float | None = None
    aim: str = ""
    reached: bool | None = None


def show(title: str, rows: list[Row]) -> None:
    """Print a table."""
    cells = [("", "ours", "compared with", "ratio", "aim", "")]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        mark = {True: "reached", False: "not reached", None: ""}[row.reached]
        cells.append((row.what, row.ours, row.reference, ratio, row.aim, mark))
    widths = [max(len(line[column]) for line in cells) for column in range(6)]
    print(f"\n{title}")
    for line in cells:
        print(
            "  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip(), flush=True
        )
