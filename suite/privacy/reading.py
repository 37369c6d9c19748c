"""Reading what is held about a person, from the declarations alone."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, and_, not_, select
from sqlalchemy.sql.expression import ColumnElement

from suite.declarations.purposes import CONSENTS, PURPOSES
from suite.kernel import db, words
from suite.privacy.models import ConsentEntry
from suite.privacy.register import about, person_of

Shown = Callable[[Mapping[str, Any], str], Any]

SHOWN: dict[str, Shown] = {}
"""By `table.column`, what the person is shown instead of the value: the same without what opens something."""


def shows(place: str) -> Callable[[Shown], Shown]:
    """Make a function say what of a column its person is shown; it gets the row and the value."""

    def known(shown: Shown) -> Shown:
        SHOWN[place] = shown
        return shown

    return known


Hidden = Callable[[Table], ColumnElement[bool]]

HIDDEN: dict[str, Hidden] = {}
"""By table, which rows a person is not shown, because that they are there would tell something about somebody else."""


def hides(table: str) -> Callable[[Hidden], Hidden]:
    """Make a function say which rows of a table its person is not shown."""

    def known(hidden: Hidden) -> Hidden:
        HIDDEN[table] = hidden
        return hidden

    return known


def rows_shown(table: Table, person_id: UUID) -> ColumnElement[bool] | None:
    """Give the condition that a row is about a person and shown to that person; None for tables about nobody."""
    if person_of(table) is None:
        return None
    hidden = HIDDEN.get(table.name)
    return and_(about(table, [person_id]), *([not_(hidden(table))] if hidden else []))


def consent_history(person_id: UUID, language: str) -> Iterator[dict[str, Any]]:
    """Give every choice of a person, oldest first, with the text where it is still the one the person saw."""
    entries = cast("Table", ConsentEntry.__table__)
    with db.reading() as connection:
        found = connection.execute(select(entries).where(entries.c.person_id == person_id).order_by(entries.c.id)).all()
    for entry in found:
        consent, purpose = CONSENTS.get(entry.purpose), PURPOSES.get(entry.purpose)
        same = consent is not None and consent.text_hash == entry.text_hash
        yield {
            "service": entry.service,
            "purpose": entry.purpose,
            "says": words.in_language(purpose.says, language) if purpose else None,
            "state": entry.state,
            "at": entry.at,
            "method": entry.method,
            "text": words.in_language(consent.text, entry.language) if consent and same else None,
            "text_version": entry.text_version,
            "text_sha256": entry.text_hash,
            "text_language": entry.language,
        }
