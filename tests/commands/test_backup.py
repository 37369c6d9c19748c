"""`suite backup`: what an operator types and reads."""

import re

from suite.backups import listing, shredding
from suite.kernel import db
from suite.kernel.http import App
from tests.commands.conftest import Terminal
from tests.people import People


def empty_places() -> None:
    for shelf in (listing.place(), shredding.KeyStore().shelf):
        shelf.delete([entry.name for entry in shelf.entries()])


def test_a_backup_is_made_listed_checked_and_brought_back(app: App, people: People, terminal: Terminal) -> None:
    empty_places()
    people.account("ann@example.org")

    made, listed, checked = (terminal("backup", word) for word in ("create", "list", "verify"))
    tried = terminal("backup", "verify", "--trial")
    with db.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM people")
    app.extensions["suite_system"].database.close()
    back = terminal("backup", "restore")

    assert [done.code for done in (made, listed, checked, back)] == [0, 0, 0, 0]
    assert re.search(r"Z-[0-9a-f]{8}\.age was made, .* It will be gone at \d{4}-", made.out)
    assert re.search(r"backup +age +size +gone at\n.*\.age", listed.out)
    assert "is whole" in checked.out
    assert re.search(r"the trial held [1-9]\d* people", tried.out)
    assert "The backup is brought back" in back.out
    assert "ann@example.org" not in made.out + made.err + listed.out + checked.out + back.out + back.err
    assert people.sign_in("ann@example.org").get("/api/v1/me").status_code == 200


def test_a_mistake_is_one_sentence_that_says_what_to_do(app: App, people: People, terminal: Terminal) -> None:
    empty_places()
    people.account("ann@example.org")

    none = terminal("backup", "list")
    unknown = terminal("backup", "restore", "yesterday.age")
    terminal("backup", "create")
    app.extensions["suite_system"].database.close()
    full = terminal("backup", "restore")
    resumed = terminal("backup", "restore", "--resume")

    assert "`suite backup create` makes one" in none.out
    assert (unknown.code, unknown.err) == (
        1,
        "suite: There is no backup yesterday.age: `suite backup list` shows those there are.\n",
    )
    assert (full.code, "--replace" in full.err) == (1, True)
    assert (resumed.code, "No restore waits" in resumed.err) == (1, True)


def test_a_new_key_is_printed_and_the_doctor_asks_for_one_in_production(terminal: Terminal) -> None:
    key = terminal("backup", "key").out.strip()
    production = {"environment": "production", "public_url": "https://accounts.example.com", "mail": "smtp"}
    production |= {"mail_from": "Accounts <no-reply@example.com>", "smtp_host": "127.0.0.1", "sms": "off"}

    without, given = (terminal("doctor", **production, backup_key=one) for one in ("", key))

    assert key.startswith("AGE-SECRET-KEY-1")
    assert "suite backup key" in _line(without.out, "backup key")
    assert _line(given.out, "backup key").startswith("OK")
    assert key not in given.out


def _line(out: str, check: str) -> str:
    return next(line for line in out.splitlines() if f" {check} " in line)
