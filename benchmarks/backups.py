"""How long making and bringing back a backup takes: `python -m benchmarks.backups --rows 200000 [--url postgresql://…]`.

One person in ten belongs to a service that must not come back, and is bundled under keys.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from suite import app
from suite.accounts.models import Account, KnownDevice, Membership
from suite.backups import create, restore
from suite.kernel import access, clock, db, schema
from suite.kernel.ids import new_id
from suite.privacy import Person
from suite.settings import load, new_key

PER_PERSON = 4


def fill(rows: int) -> None:
    """Write people with an account, a membership and a device each."""
    for start in range(0, rows // PER_PERSON, 5000):
        people = [new_id() for _ in range(min(5000, rows // PER_PERSON - start))]
        with db.transaction() as session:
            session.execute(insert(Person), [{"id": one} for one in people])
            session.execute(insert(Account), [account(one) for one in people])
            session.execute(insert(Membership), [membership(one, start + at) for at, one in enumerate(people)])
            session.execute(insert(KnownDevice), [device(one) for one in people])


def account(one: Any) -> dict[str, Any]:
    address = f"{one.hex}@example.org"
    return {"id": one, "address": address, "email_key": address, "password_hash": "x" * 100} | {
        "language": "en",
        "preferences": {},
        "created_at": clock.now(),
        "seen_at": clock.now(),
    }


def membership(one: Any, at: int) -> dict[str, Any]:
    service = "motorsport" if at % 10 == 0 else "business-hub"
    return {"id": new_id(), "account_id": one, "service": service, "joined_at": clock.now(), "country": "DE"}


def device(one: Any) -> dict[str, Any]:
    seen = clock.now()
    values = {"id": new_id(), "account_id": one, "token_hash": new_id().hex, "user_agent": "Firefox on Linux " * 5}
    return values | {"first_seen": seen, "last_seen": seen}


def timed(what: str, run: Any) -> Any:
    start = time.perf_counter()
    found = run()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{what:<28} {time.perf_counter() - start:7.2f} s   most memory so far {most} MB")
    return found


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--rows", type=int, default=200_000)
    given.add_argument("--url", default="")
    chosen = given.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = {"SUITE_DATA_FOLDER": folder, "SUITE_SECRET_KEYS": new_key(), "SUITE_LOG_LEVEL": "error"}
        url = chosen.url or f"sqlite:///{Path(folder) / 'suite.db'}"
        schema.upgrade(url)
        app.start(load(settings | {"SUITE_DATABASE_URL": url}))
        access.begin(access.SYSTEM, None)
        timed(f"fill {chosen.rows} rows", lambda: fill(chosen.rows))
        backup = timed("create, keys made", create.create)
        print(f"{backup.size / 1e6:.1f} MB")
        timed("create, keys there", create.create)
        timed("restore", lambda: restore.restore(backup, replace=True))


if __name__ == "__main__":
    main()
