"""The schema of the database: is it the one this program was written for?"""

import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

FOLDER = Path(__file__).parent.parent.parent / "migrations"


class WrongSchema(Exception):
    """The database is not migrated to what this program needs."""


def newest() -> str:
    """Give the revision of the newest migration, read from the file names (`2026_11_23_0001_ground.py`)."""
    return max(path.stem.split("_")[3] for path in (FOLDER / "versions").glob("[0-9]*.py"))


def present(engine: Engine) -> str | None:
    """Give the revision of the database, None when it was never migrated."""
    try:
        with engine.connect() as connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return str(found) if found else None
    except (OperationalError, ProgrammingError) as problem:
        if "alembic_version" in str(problem):
            return None
        raise


def check(engine: Engine) -> None:
    """Refuse a database with another schema than the newest; WrongSchema says what to do."""
    found = present(engine)
    if found != newest():
        raise WrongSchema(
            f"The database has schema {found or 'none'}, this program needs {newest()}: run `suite db upgrade`."
        )


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate the database; alembic is loaded only here."""
    from alembic import command

    command.upgrade(configuration(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Migrate the database back."""
    from alembic import command

    command.downgrade(configuration(url), revision)


def write_migration(url: str, name: str) -> None:
    """Compare the models with a migrated database and write the next migration."""
    from alembic import command

    command.revision(configuration(url), message=name, autogenerate=True, rev_id=f"{int(newest()) + 1:04d}")


def configuration(url: str) -> Any:
    """Give alembic's configuration for a database."""
    from alembic.config import Config

    config = Config(stdout=sys.stdout)
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(rev)s_%%(slug)s")
    config.attributes["url"] = url
    return config
