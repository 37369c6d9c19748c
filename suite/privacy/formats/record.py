"""The record of processing activities (Article 30 GDPR), as a table for programs and as a page for people."""

import csv
import io
from importlib.resources import files

from suite.kernel.pages import page
from suite.privacy.content import content, version_of
from suite.privacy.formats.processing import Content, Processing, processings

COLUMNS = (
    "service",
    "purpose",
    "legal basis",
    "people",
    "categories of data",
    "recipients",
    "transfers and safeguards",
    "deadlines for erasure",
    "security measures",
)
# What a spreadsheet would take for a formula, at the beginning of a cell.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def rows() -> list[dict[str, list[str]]]:
    """Give the record: one row for each purpose of each service."""
    shown = content()
    return [_row(one, shown["vendor"]) for one in processings(shown)]


def as_csv() -> str:
    """Give the record as CSV that no spreadsheet takes for a program."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for row in rows():
        writer.writerow([harmless("; ".join(row[column])) for column in COLUMNS])
    return written.getvalue()


def as_html() -> str:
    """Give the record as a page that can be printed."""
    shown = content()
    source = files("suite.privacy").joinpath("templates/record.html").read_text(encoding="utf-8")
    facts = {"vendor": shown["vendor"], "version": version_of(shown), "columns": COLUMNS, "rows": rows()}
    return page(source, **facts).get_data(as_text=True)


def harmless(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would run."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell


def _row(one: Processing, vendor: Content) -> dict[str, list[str]]:
    told = (
        [one.service["title"]],
        [one.purpose["says"]],
        [one.purpose["basis"].replace("_", " ")],
        [one.service["subject"].replace("_", " ")],
        list(one.data.values()),
        [f"{recipient['says']} ({recipient['category']})" for recipient in one.recipients],
        [_transfer(recipient, vendor["countries"]) for recipient in one.recipients],
        one.deadlines,
        list(one.service["measures"]),
    )
    return dict(zip(COLUMNS, told, strict=True))


def _transfer(recipient: Content, countries: Content) -> str:
    country = countries[recipient["country"]]
    where = "inside the EEA" if country["eea"] else "outside the EEA"
    return f"{country['name']}, {where}: {recipient['safeguard']}"
