"""The refusals to start: each sentence says what is undeclared and what to write."""

from collections.abc import Callable, Iterable, Iterator

from sqlalchemy import Engine, inspect

from suite.privacy import table_checks, word_checks
from suite.privacy.exits import recipients
from suite.privacy.register import Register

_OTHER_TABLES = frozenset({"alembic_version"})


class NotDeclared(Exception):
    """Something is undeclared; the program does not start."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__("The privacy declarations are not complete:\n" + "\n".join(f"  {s}" for s in self.sentences))


def check(
    register: Register, *, letters: Iterable[str] = (), cookies: Iterable[str] = (), exits: Iterable[str] = ()
) -> None:
    """Refuse to start on anything undeclared in code."""
    sentences = [sentence for question in _QUESTIONS for sentence in question(register)]
    sentences += _undeclared_letters(register, letters)
    sentences += _undeclared_cookies(register, cookies)
    sentences += _undeclared_exits(register, exits)
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


def _undeclared_exits(register: Register, exits: Iterable[str]) -> list[str]:
    declared = {one.key for one in recipients(register.declarations)}
    return [
        f"Something is sent to {exit_!r}, which is no declared recipient: add a Recipient of that key to recipients= "
        "of its module's Declaration."
        for exit_ in exits
        if exit_ not in declared
    ]


_QUESTIONS: tuple[Callable[[Register], Iterator[str]], ...] = (
    table_checks.columns,
    table_checks.records,
    table_checks.subjects,
    table_checks.retention,
    table_checks.clocks,
    table_checks.statistics,
    table_checks.stores,
    word_checks.purposes,
    word_checks.served,
    word_checks.recipients,
    word_checks.access,
    word_checks.services,
    word_checks.graces,
    word_checks.measures,
    word_checks.cookies,
)
