"""Making a copy in the background: begun again after a crash, and no file is ever without a row."""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import update

from suite import accounts
from suite.exports import archive
from suite.exports.asking import READY
from suite.exports.content import Content
from suite.exports.letters import export_ready
from suite.exports.models import FAILED, MADE, MAKING, STAYS, Export
from suite.kernel import audit, clock, db, jobs, system
from suite.kernel.errors import NotFound
from suite.kernel.files import StoredFile, new_key
from suite.messages import post
from suite.privacy import Person

MOST = 2**31 - 1
"""Bytes of a copy; what is larger is handed over by the privacy officer."""

_EVERY = 0.5


def make(export_id: UUID) -> None:
    """Make a copy that was asked for, or make it again when a worker died over it."""
    export = _begun(export_id)
    if export is None or export.file is None:
        return
    content, job, files = Content(export.person_id, export.language), jobs.running(), system.current().files
    content.step = progress = Progress(export, job, archive.PARTS * len(content.listed()))
    try:
        stored = files.put(archive.pieces(content), most=MOST, key=export.file)
        if not _finished(export, stored, progress.of):
            files.delete(export.file)
    except jobs.LostLease:
        raise
    except Exception:
        if job.attempts >= job.kind.attempts:
            with db.transaction():
                _change(export, state=FAILED)
        raise


@dataclass
class Progress:
    """Notes how far a copy is, and keeps the job meanwhile; LostLease when another worker has taken it over."""

    export: Export
    job: jobs.Claimed
    of: int
    done: int = 0
    noted: float = field(default_factory=time.monotonic)

    def __call__(self, steps: int) -> None:
        self.done += steps
        if time.monotonic() - self.noted < _EVERY:
            return
        with db.transaction():
            jobs.hold(self.job)
            _change(self.export, done=self.done, of=self.of)
        self.noted = time.monotonic()


def write_copy(person_id: UUID, target: Path, language: str) -> int:
    """Write a copy to a file of the operator that was not there before; return its size. No half file stays."""
    with db.transaction() as session:
        if session.get(Person, person_id) is None:
            raise NotFound
        audit.write("export.written", subject=person_id)
    try:
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            return sum(map(file.write, archive.pieces(Content(person_id, language))))
    except FileExistsError:
        raise
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _begun(export_id: UUID) -> Export | None:
    """Write down where the file will stand, after deleting what an earlier try left."""
    with db.transaction(reading=True) as session:
        export = session.get(Export, export_id)
    if export is None or export.state != MAKING:
        return None
    if export.file is not None:
        system.current().files.delete(export.file)
    key = new_key()
    with db.transaction():
        if not _change(export, file=key):
            return None
    export.file = key
    return export


def _finished(export: Export, stored: StoredFile, steps: int) -> bool:
    """Let the copy be fetched, and tell; False when it is not wanted any more."""
    now = clock.now()
    with db.transaction():
        facts = {"size": stored.size, "sha256": stored.sha256, "done": steps, "of": steps}
        if not _change(export, state=MADE, made_at=now, **facts):
            return False
        audit.write("export.made", subject=export.person_id)
        for tell in READY:
            tell(export.id, export.person_id, export.request_id)
        found = accounts.mailbox(export.person_id)
        if found is not None:
            address, language = found
            until = clock.written(STAYS.after(now))
            post(export_ready, person_id=export.person_id, to=address, language=language, facts={"until": until})
        jobs.finish(jobs.running())
    return True


def _change(export: Export, **values: Any) -> bool:
    """Change a copy that is being made, unless it is gone or another worker makes it."""
    mine = (Export.id == export.id, Export.state == MAKING, Export.file.is_not_distinct_from(export.file))
    changed = db.session.execute(
        update(Export).where(*mine).values(**values).execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount == 1)  # type: ignore[attr-defined]
