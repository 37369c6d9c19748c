"""The file of an embedded database."""

import os
from pathlib import Path

from suite.kernel import schema
from suite.kernel.db import Database


def test_the_embedded_database_and_its_logs_are_for_their_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "data" / "suite.db"
    before = os.umask(0o022)

    try:
        schema.upgrade(f"sqlite:///{file}")
        database = Database(f"sqlite:///{file}")
        with database.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM jobs")
            modes = {one.name: one.stat().st_mode & 0o777 for one in file.parent.iterdir()}
        database.close()
    finally:
        os.umask(before)

    assert modes == {"suite.db": 0o600, "suite.db-shm": 0o600, "suite.db-wal": 0o600}
