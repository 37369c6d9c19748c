"""The refusals to start: each sentence says what is undeclared and what to write."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.resources import files

from sqlalchemy import Engine, String, Text, UniqueConstraint, inspect

from suite.declarations import Basis, ByService, Keep, Kind, Unlimited, WithParent, kind_of
from suite.privacy.register import Register, person_of, record_of

_SPECIAL = (
    "user.health_and_medical",
    "user.biometric",
    "user.biometric_health",
    "user.genetic",
    "user.demographic.race_ethnicity",
    "user.demographic.religious_belief",
    "user.demographic.political_opinion",
    "user.demographic.sexual_orientation",
    "user.sexual_orientation",
    "user.political_opinion",
    "user.religious_belief",
    "user.race",
)
_OTHER_TABLES = frozenset({"alembic_version"})


class NotDeclared(Exception):
    """Something is undeclared; the program does not start."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__("The privacy declarations are not complete:\n" + "\n".join(f"  {s}" for s in self.sentences))


def check(register: Register, *, letters: Iterable[str] = (), cookies: Iterable[str] = ()) -> None:
    """Refuse to start on anything undeclared in code."""
    sentences = [sentence for question in _QUESTIONS for sentence in question(register)]
    sentences += _undeclared_letters(register, letters)
    sentences += _undeclared_cookies(register, cookies)
    if sentences:
        raise NotDeclared(sentences)


def check_database(register: Register, engine: Engine) -> None:
    """Refuse to start when the database holds a table that no model declares."""
    known = set(register.metadata.tables) | _OTHER_TABLES
    strange = sorted(set(inspect(engine).get_table_names()) - known)
    if strange:
        raise NotDeclared(
            f"The database has a table {name!r} that no model declares: write a model with __privacy__ for it, "
            "or drop it in a migration."
            for name in strange
        )


@cache
def _vocabulary(name: str) -> frozenset[str]:
    text = files("suite.declarations").joinpath(name).read_text(encoding="ascii")
    return frozenset(text.split())


def _known_category(category: str) -> bool:
    """A category is a fideslang key or our own child of one."""
    known = _vocabulary("fideslang_categories.txt")
    return category in known or category.rpartition(".")[0] in known


def _columns(register: Register) -> Iterator[str]:
    for table in register.metadata.sorted_tables:
        for column in table.columns:
            kind = kind_of(column)
            if kind is None:
                yield (
                    f"{table.name}.{column.name} has no kind: write its type as one of suite.declarations.kinds, "
                    "for example Mapped[Email] or Mapped[Moment]."
                )
            else:
                yield from _kind_sentences(f"{table.name}.{column.name}", kind)


def _kind_sentences(where: str, kind: Kind) -> Iterator[str]:
    if kind.category.startswith(_SPECIAL):
        yield (
            f"{where} holds the special category {kind.category!r}: such data are not processed here; "
            "remove the column."
        )
    elif not _known_category(kind.category):
        yield (
            f"{where} has the category {kind.category!r}, which is neither a fideslang key nor a direct child of "
            "one: choose one from suite/declarations/fideslang_categories.txt."
        )


def _records(register: Register) -> Iterator[str]:
    for table in register.metadata.sorted_tables:
        record = record_of(table)
        if record is None:
            yield (
                f"{table.name} has no declaration: write __privacy__ = Record(says=..., keep=..., subject=...) "
                "in its model."
            )
        elif not record.rules:
            yield f"{table.name} has no retention: give its Record a Keep, ByService, WithParent or Unlimited."


def _subjects(register: Register) -> Iterator[str]:
    for table, record in register.tables():
        kinds = {column.name: kind_of(column) for column in table.columns}
        personal = [name for name, kind in kinds.items() if kind is not None and kind.personal]
        if record.statistics:
            continue
        if personal and person_of(table) is None:
            yield (
                f"{table.name} holds personal data ({', '.join(personal)}) but has no path to a person: set "
                "subject= to a column with a foreign key that leads to people.id."
            )
        if personal and any(isinstance(rule, Unlimited) for rule in record.rules) and table.name != "people":
            yield f"{table.name} holds personal data and is kept for ever: give it a Keep, ByService or WithParent."
        if personal and not record.purposes:
            yield f"{table.name} holds personal data for no purpose: name purposes= in its Record."


def _retention(register: Register) -> Iterator[str]:
    for table, record in register.tables():
        for rule in record.rules:
            if isinstance(rule, (Keep, ByService)):
                if register.clock_of(rule.after) is None:
                    yield (
                        f"{table.name} is kept until after {rule.after.name!r}, an event that no module announces: "
                        "add it to announces= of a Declaration with the column that holds its time."
                    )
                if isinstance(rule, ByService) and "service" not in table.c and not rule.through:
                    yield (
                        f"{table.name} follows its service but has no service column: add one, or name "
                        "through='table.column' in ByService."
                    )
            elif isinstance(rule, WithParent):
                keys = table.c[rule.column].foreign_keys if rule.column in table.c else ()
                if not any((key.ondelete or "").upper() == "CASCADE" for key in keys):
                    yield (
                        f"{table.name} goes with its parent through {rule.column!r}, which is no foreign key with "
                        "ondelete='CASCADE': add it, or give the table its own Keep."
                    )


def _statistics(register: Register) -> Iterator[str]:
    for table, record in register.tables():
        if not record.statistics:
            continue
        if record.subject is not None or table.foreign_keys:
            yield f"{table.name} is a statistics table and leads to a person: remove subject= and its foreign keys."
        unique = any(isinstance(one, UniqueConstraint) for one in table.constraints)
        if unique or any(column.unique for column in table.columns):
            yield f"{table.name} is a statistics table with a unique column, which could join it to a person."
        for column in table.columns:
            kind = kind_of(column)
            free = isinstance(column.type, Text) or (isinstance(column.type, String) and not column.type.length)
            if free or (kind is not None and kind.personal):
                yield (
                    f"{table.name}.{column.name} is in a statistics table and is free text or personal: use Label, "
                    "Counter or Moment."
                )


def _purposes(register: Register) -> Iterator[str]:
    uses = _vocabulary("fideslang_uses.txt")
    known = set()
    for declaration in register.declarations:
        asked = {consent.key for consent in declaration.consents if consent.text}
        for purpose in declaration.purposes:
            known.add(purpose.key)
            where = f"The purpose {purpose.key!r} of {declaration.module}"
            if purpose.basis is None:
                yield f"{where} has no legal basis: give it one of Basis."
            if purpose.basis is Basis.CONSENT and purpose.key not in asked:
                yield f"{where} rests on consent but has no text to consent to: add a Consent to consents=."
            if purpose.basis is Basis.LEGITIMATE_INTEREST and not purpose.balance:
                yield f"{where} rests on a legitimate interest without a balancing statement: write balance=."
            if purpose.use not in uses:
                yield f"{where} has the data use {purpose.use!r}, which fideslang does not know."
    for table, record in register.tables():
        for key in record.purposes:
            if key not in known:
                yield f"{table.name} serves the purpose {key!r}, which no module declares."


def _recipients(register: Register) -> Iterator[str]:
    for declaration in register.declarations:
        for recipient in declaration.recipients:
            if not recipient.safeguard or not recipient.country or not recipient.receives:
                yield (
                    f"The recipient {recipient.key!r} of {declaration.module} lacks a country, the categories it "
                    "receives or a safeguard: declare all three."
                )


def _stores(register: Register) -> Iterator[str]:
    declared = {store.key for declaration in register.declarations for store in declaration.stores}
    for table in register.metadata.sorted_tables:
        for column in table.columns:
            kind = kind_of(column)
            if kind is not None and kind.name == "file_key" and table.name not in declared:
                yield (
                    f"{table.name}.{column.name} points into the file store, which is undeclared: add "
                    f"Store({table.name!r}, ...) to stores= of its module."
                )


def _undeclared_letters(register: Register, letters: Iterable[str]) -> list[str]:
    declared = {letter for declaration in register.declarations for letter in declaration.letters}
    return [
        f"The message {letter!r} is sent but undeclared: add it to letters= of its module's Declaration."
        for letter in letters
        if letter not in declared
    ]


def _undeclared_cookies(register: Register, cookies: Iterable[str]) -> list[str]:
    declared = {cookie.name for declaration in register.declarations for cookie in declaration.cookies}
    return [
        f"The cookie {cookie!r} is set but undeclared: add a Cookie with one of the eight categories to cookies=."
        for cookie in cookies
        if cookie not in declared
    ]


_QUESTIONS: tuple[Callable[[Register], Iterator[str]], ...] = (
    _columns,
    _records,
    _subjects,
    _retention,
    _statistics,
    _purposes,
    _recipients,
    _stores,
)
