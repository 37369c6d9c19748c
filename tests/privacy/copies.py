"""The copy of somebody's data as text."""

import io
import zipfile
from uuid import UUID

from suite import exports
from suite.exports.models import Export
from suite.kernel import db, jobs, system


def copy_of(person: UUID) -> str:
    """Have a copy made; give everything in it as text."""
    with db.transaction():
        export = exports.begin(person, language="en")
    jobs.run_due()
    with db.transaction(reading=True) as session:
        made = session.get_one(Export, export)
    assert made.state == "ready", made.state
    archive = zipfile.ZipFile(io.BytesIO(b"".join(system.current().files.open(made.file or ""))))
    return "\n".join(archive.read(name).decode() for name in archive.namelist())
