"""`index.html`: the same for people, one page that needs nothing else; long tables end in `export.json`."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache, partial
from itertools import groupby, islice
from typing import Any

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined

from suite.declarations import Kind
from suite.exports import document, facts
from suite.exports.content import Content, Section, columns
from suite.exports.deadlines import Deadlines
from suite.kernel import clock
from suite.kernel.words import in_language
from suite.privacy import consent_history

MOST = 100
"""Entries of one table that are shown."""


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("suite.exports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def pieces(content: Content) -> Iterator[bytes]:
    """Write the page a piece at a time."""
    translate = partial(in_language, language=content.language)
    written = (
        _environment()
        .get_template("index.html")
        .generate(
            _=translate,
            head=document.head(content),
            groups=_groups(content),
            consents=consent_history(content.person_id, content.language),
            written=in_words,
            language=content.language,
        )
    )
    for piece in written:
        yield piece.encode()


def _groups(content: Content) -> Iterator[dict[str, Any]]:
    deadlines = Deadlines(content.person_id, content.language)
    for service, sections in groupby(content.sections(), lambda one: one.service):
        yield {
            "key": service or "account",
            "title": document.title(service),
            "records": (_record(content, section, deadlines) for section in sections),
        }


def _record(content: Content, section: Section, deadlines: Deadlines) -> dict[str, Any]:
    table, record, language = section.table, section.record, content.language
    kinds = {column.name: kind for column, kind in columns(table)}
    getting = {one.key: one for kind in kinds.values() for one in facts.recipients(kind, record)}
    return {
        "says": in_language(record.says, language),
        "purposes": facts.purposes(record, language),
        "rules": facts.rules(section.service, table, record, language),
        "recipients": [in_language(one.says, language) for one in getting.values()],
        "withheld": sorted({in_language(kind.says, language) for kind in kinds.values() if kind.secret}),
        "entries": _entries(content, section, deadlines, kinds),
        "most": MOST,
    }


def _entries(
    content: Content, section: Section, deadlines: Deadlines, kinds: dict[str, Kind]
) -> Iterator[dict[str, Any]]:
    for entry in islice(content.entries(section, deadlines), MOST + 1):
        told = [(kinds[name], value) for name, value in entry.data.items()]
        if section.table.name != "people":  # the number that leads here stands in one place
            told = [(kind, value) for kind, value in told if kind.name != "person_id"]
        yield {
            "data": [(in_language(kind.says, content.language), value) for kind, value in told],
            "about": entry.about,
            "files": [document.file_name(section, entry, column) for column in entry.files],
            "gone": entry.gone,
        }


def in_words(value: Any) -> str:
    """Write a value for people."""
    match value:
        case datetime():
            return clock.written(value)
        case list():
            return ", ".join(map(in_words, value)) or "–"
        case dict():
            return ", ".join(f"{name}: {in_words(one)}" for name, one in value.items()) or "–"
        case bool() | None:
            return orjson.dumps(value).decode()
        case _:
            return str(value)
