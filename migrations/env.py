"""Alembic's entry: migrates the database that `suite db` names, in one transaction."""

from typing import Any

from alembic import context
from alembic.operations import ops
from sqlalchemy import event

import suite.app  # noqa: F401 - makes every table known
from suite.declarations.kinds import UtcDateTime
from suite.kernel.db import Base, Database


def run() -> None:
    database = Database(context.config.attributes["url"], pool=1)
    if database.sqlite:
        event.listen(database.engine, "connect", _without_foreign_keys)
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=database.sqlite,
            compare_type=True,
            render_item=_render,
            process_revision_directives=_without_declarations,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    database.close()


def _render(kind: str, item: object, _context: object) -> str | bool:
    """Write plain column types: a migration must not change when the declarations do."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def _without_declarations(_context: object, _revision: object, directives: list[Any]) -> None:
    for script in directives:
        for operation in script.upgrade_ops.ops:
            if isinstance(operation, ops.CreateTableOp):
                operation.info.clear()
        for operation in script.downgrade_ops.ops:
            if isinstance(operation, ops.DropTableOp):
                operation.info.clear()


def _without_foreign_keys(connection: object, _record: object) -> None:
    """SQLite rebuilds tables to change them; rows that hang on a rebuilt table must stay."""
    connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]


run()
