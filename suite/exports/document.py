"""`export.json`: everything held about a person, for programs; `export.schema.json` describes it."""

from collections.abc import Iterator
from itertools import chain, groupby
from typing import Any

import orjson

from suite.exports import events, facts
from suite.exports.content import Content, Entry, Section
from suite.exports.deadlines import Deadlines
from suite.kernel import clock
from suite.kernel.words import in_language
from suite.privacy import consent_history, declared

FORMAT, VERSION = "suite-export", 1


def pieces(content: Content) -> Iterator[bytes]:
    """Write the document a row at a time."""
    yield _open(head(content)) + b',"groups":['
    deadlines = Deadlines(content.person_id, content.language)
    comma = b""
    for service, sections in groupby(content.sections(), lambda one: one.service):
        yield comma + _open({"service": service, "title": title(service)}) + b',"records":['
        yield from _joined(_record(content, section, deadlines) for section in sections)
        yield b"]}"
        comma = b",\n"
    yield b'],"consents":['
    yield from _joined([_dumped(one)] for one in consent_history(content.person_id, content.language))
    yield b'],"events":['
    yield from _joined([_dumped(one)] for one in events.about(content.person_id))
    yield b"]}\n"


def head(content: Content) -> dict[str, Any]:
    """Say what the document is, whose, who holds the data, and who may get any."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "made_at": clock.now(),
        "language": content.language,
        "person": content.person_id,
        "controller": facts.controller(),
        "recipients": facts.all_recipients(content.language),
    }


def title(service: str | None) -> str | None:
    """Give the name of a service."""
    return declared().services[service].title if service else None


def _record(content: Content, section: Section, deadlines: Deadlines) -> Iterator[bytes]:
    table, record, language = section.table, section.record, content.language
    yield _open(
        {
            "table": table.name,
            "says": in_language(record.says, language),
            "purposes": facts.purposes(record, language),
            "retention": facts.rules(section.service, table, record, language),
            "holds": facts.holdings(table, record, language),
        }
    )
    yield b',"rows":['
    yield from _joined([_dumped(_row(section, entry))] for entry in content.entries(section, deadlines))
    yield b"]}"


def _row(section: Section, entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.number,
        "data": entry.data,
        "about": entry.about,
        "files": [file_name(section, entry, column) for column in entry.files],
        "vanishes": {"on": entry.gone.on, "because": entry.gone.because} if entry.gone else None,
    }


def file_name(section: Section, entry: Entry, column: str) -> str:
    """Give the name of a stored file in the copy."""
    return f"files/{section.table.name}/{entry.number.replace('/', '_')}/{column}"


def _joined(many: Iterator[Any]) -> Iterator[bytes]:
    """Put commas between what is written in pieces."""
    for number, one in enumerate(many):
        yield from chain([b",\n"] if number else [b"\n"], one)


def _open(head: dict[str, Any]) -> bytes:
    """Write an object without its end."""
    return _dumped(head)[:-1]


def _dumped(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
