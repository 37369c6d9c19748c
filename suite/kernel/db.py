"""The database: SQLite or PostgreSQL through SQLAlchemy, one transaction per request or job.

Stories use `session` and only flush. Reading requests run without a transaction (each SELECT stands
alone); writing ones run in one, on SQLite begun with BEGIN IMMEDIATE.
"""

import re
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, Engine, MetaData, Select, UniqueConstraint, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from werkzeug.local import LocalProxy

from suite.declarations import Record
from suite.kernel import system
from suite.kernel.errors import Refusal

if TYPE_CHECKING:
    from sqlalchemy.dialects.sqlite import Insert

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
_UNIQUE_SQLITE = re.compile(r"UNIQUE constraint failed: (.+)$")


class Base(DeclarativeBase):
    """The base of every table; a table without `__privacy__` stops the start."""

    metadata = MetaData(naming_convention=_NAMES)
    __privacy__: Record

    @classmethod
    def __table_cls__(cls, *args: Any, **options: Any) -> Any:
        """Put the declaration on the table, where the readers of tables find it."""
        from sqlalchemy import Table

        return Table(*args, info={"privacy": cls.__dict__.get("__privacy__")}, **options)


class Database:
    """An engine with the rules of the house."""

    def __init__(self, url: str, pool: int = 20) -> None:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.sqlite = parsed.get_backend_name() == "sqlite"
        self.url = parsed
        options: dict[str, Any] = {"pool_size": pool, "max_overflow": pool, "pool_timeout": 10, "hide_parameters": True}
        if self.sqlite:
            if parsed.database and parsed.database != ":memory:":
                _make_private(Path(parsed.database))
        else:
            options |= {"pool_pre_ping": False, "pool_recycle": 1800, "connect_args": {"connect_timeout": 5}}
        if self.sqlite:
            self.engine = create_engine(parsed, **options)
            event.listen(self.engine, "connect", _sqlite_connect)
            event.listen(self.engine, "begin", _sqlite_begin)
            self.reading: Engine = self.engine.execution_options(suite_reads=True)
        else:
            # Reading is what connections do by themselves: only a transaction pays for changing that.
            self.reading = create_engine(parsed, isolation_level="AUTOCOMMIT", **options)
            self.engine = self.reading.execution_options(isolation_level="READ COMMITTED")
        self._writes = sessionmaker(self.engine, expire_on_commit=False)
        self._reads = sessionmaker(self.reading, expire_on_commit=False, autoflush=False)

    def new_session(self, *, reading: bool) -> Session:
        """Make a session outside any request; prefer `transaction()`."""
        return (self._reads if reading else self._writes)()

    def insert(self, table: Any) -> "Insert":
        """Begin an INSERT that can say ON CONFLICT, in the words of this database."""
        if self.sqlite:
            from sqlalchemy.dialects.sqlite import insert as chosen  # an installation needs one of the two
        else:
            from sqlalchemy.dialects.postgresql import insert as chosen  # type: ignore[assignment]
        return chosen(table)

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _make_private(file: Path) -> None:
    """Make the file for its owner only, as SQLite then makes its logs; connecting says what is wrong."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        file.touch(mode=0o600)


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "busy_timeout=10000",
        "foreign_keys=ON",
        "synchronous=FULL",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    if not connection.get_execution_options().get("suite_reads"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


class reads:  # noqa: N801 - used like `transaction`
    """Let a request read; the session is made when somebody asks for it, many never do."""

    def __init__(self) -> None:
        self._made: Session | None = None

    def __enter__(self) -> None:
        if _session.get() is not None:
            raise RuntimeError("There is already a transaction here; stories never open their own.")
        self._token = _session.set(self)

    def __exit__(self, *_: object) -> None:
        _session.reset(self._token)
        if self._made is not None:
            self._made.close()

    def session(self) -> Session:
        """Give the session."""
        if self._made is None:
            self._made = system.current().database.new_session(reading=True)
        return self._made


_session: ContextVar[Session | reads | None] = ContextVar("session", default=None)


def _current() -> Session:
    found = _session.get()
    if isinstance(found, reads):
        return found.session()
    if found is None:
        raise RuntimeError("There is no transaction here; use `with db.transaction():`.")
    return found


session: Session = cast("Session", LocalProxy(_current))


@contextmanager
def transaction(*, reading: bool = False) -> Iterator[Session]:
    """Open the transaction of a request, a job or a command; commit at the end, roll back on an error.

    A refusal marked `keeps_work` commits and is raised on.
    """
    if _session.get() is not None:
        raise RuntimeError("There is already a transaction here; stories never open their own.")
    own = system.current().database.new_session(reading=reading)
    token = _session.set(own)
    try:
        yield own
        _commit(own)
    except Refusal as refusal:
        if refusal.keeps_work:
            _commit(own)
        raise
    finally:
        _session.reset(token)
        own.close()


def settle() -> None:
    """Commit what was done so far, so that nothing is locked during the slow work that follows."""
    _commit(_current())


def holds_nothing() -> bool:
    """Say whether slow work may begin: no transaction of this context is open."""
    found = _session.get()
    return found is None or isinstance(found, reads) or not found.in_transaction()


def after_commit(listener: Callable[[], None]) -> None:
    """Call `listener` once, right after the present transaction is committed; it must not raise.

    It is called when the connection is back in the pool: one that needs its own never waits for ours.
    """
    waiting = _current().info.setdefault("after_commit", [])
    if listener not in waiting:
        waiting.append(listener)


def _commit(own: Session) -> None:
    own.commit()
    for listener in own.info.pop("after_commit", ()):
        listener()


@event.listens_for(Session, "after_rollback")
def _forget(finished: Session) -> None:
    finished.info.pop("after_commit", None)


@contextmanager
def reading() -> Iterator[Connection]:
    """Give a connection on which each SELECT stands alone, without a transaction."""
    with system.current().database.reading.connect() as connection:
        yield connection


class Prepared:
    """One SELECT asked at every request: compiled once, run on a pooled connection without the bookkeeping around it.

    Costs a third of the same SELECT through `reading()`. Whatever goes wrong is asked again that way, where a broken
    connection is taken out of the pool and problems have their usual classes.
    """

    def __init__(self, statement: Any) -> None:
        self._statement: Select[Any] = statement
        names: Any = namedtuple  # noqa: PYI024 - known at run time only
        self._row = names("Row", [column.name for column in statement.selected_columns])
        self._made: dict[Database, _Ready] = {}

    def first(self, **values: Any) -> Any:
        """Give the first row as a tuple with the names of the columns, None when there is none."""
        database = system.current().database
        ready = self._made.get(database) or self._made.setdefault(database, _Ready(database, self._statement))
        try:
            found = ready.first(values)
        except ready.problems:
            with reading() as connection:
                return connection.execute(self._statement, values).first()
        return None if found is None else self._row._make(found)


class _Ready:
    """A SELECT in the words of one database, with what turns its values into ours."""

    def __init__(self, database: Database, statement: Select[Any]) -> None:
        dialect = database.reading.dialect
        compiled = statement.compile(dialect=dialect)
        self.problems: type[Exception] = dialect.loaded_dbapi.Error
        self._pool, self._sql, self._names = database.reading, compiled.string, compiled.positiontup
        self._readers = [
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in statement.selected_columns
        ]

    def first(self, values: dict[str, Any]) -> list[Any] | None:
        given = tuple(values[name] for name in self._names) if self._names is not None else values
        connection = self._pool.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(self._sql, given)
            row = cursor.fetchone()
            cursor.close()
        except BaseException:
            connection.invalidate()
            raise
        finally:
            connection.close()
        if row is None:
            return None
        return [value if read is None else read(value) for read, value in zip(self._readers, row, strict=True)]


@contextmanager
def translated(refusals: Mapping[str, type[Refusal]]) -> Iterator[None]:
    """Turn a broken constraint into the refusal that belongs to its name."""
    try:
        yield
    except IntegrityError as problem:
        refusal = refusals.get(constraint_name(problem))
        if refusal is None:
            raise
        raise refusal from problem


def constraint_name(problem: IntegrityError) -> str:
    """Give the name of the broken constraint on both databases; empty when there is none."""
    diagnosis = getattr(problem.orig, "diag", None)
    if diagnosis is not None:
        return diagnosis.constraint_name or ""
    match = _UNIQUE_SQLITE.search(str(problem.orig))
    if not match:
        return ""
    wanted = [part.strip().partition(".") for part in match[1].split(",")]
    table = Base.metadata.tables.get(wanted[0][0])
    columns = {column for _, _, column in wanted}
    if table is None:
        return ""
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint) and {c.name for c in constraint.columns} == columns:
            return str(constraint.name)
    for index in table.indexes:
        if index.unique and {c.name for c in index.columns} == columns:
            return str(index.name)
    return ""
