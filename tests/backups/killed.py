"""`python -m tests.backups.killed create|restore|resume NAME POINT`: does it, and dies by SIGKILL at that point."""

import os
import signal
import sys
from typing import Any

from suite import app as application
from suite.backups import create, databases, listing, restore
from suite.kernel import access, system

POINTS: dict[str, tuple[Any, str]] = {
    "copied": (create, "_bundle"),
    "written": (create, "_write_files"),
    "storing": (listing, "place"),
    "loading": (restore, "_without_parent"),
    "loaded": (restore, "finish"),
    "files": (restore, "_bring_files"),
    "repeated": (restore, "sweep"),
    "swept": (restore, "_drop_strange_files"),
}


def main(what: str, name: str, point: str) -> None:
    application.start()
    access.begin(access.SYSTEM, None)
    if what == "resume":
        restore.finish()
        return
    if point == "taking place":
        module = databases._module()
        before = module.Load.take_place

        def half(self: Any) -> None:
            if not system.current().database.sqlite:
                self._section("post-data")
                self._psql.stdin.flush()
                die()
            staged = self.staged
            staged.commit()
            import sqlite3

            present = sqlite3.connect(module._file())
            present.execute("PRAGMA journal_mode=DELETE")
            staged.backup(present, pages=3, progress=lambda *_: die())

        assert before
        module.Load.take_place = half
    else:
        where, function = POINTS[point]
        setattr(where, function, die)
    if what == "create":
        create.create()
    else:
        backup = next(one for one in listing.backups() if one.name == name)
        restore.restore(backup, replace=True)


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
