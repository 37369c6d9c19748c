"""Erasure: a person goes with everything, files too; a receipt stays that names nobody; nothing comes back."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import Table, insert, select, text, update

from suite.accounts.models import Account, Membership
from suite.kernel import clock, db, jobs, system
from suite.kernel.files import new_key
from suite.kernel.ids import new_id
from suite.privacy import doom_files, doomed, erase, stores, sweeps, tombstones
from suite.privacy.models import Person, Tombstone
from tests.people import Outbox, People
from tests.privacy import planted
from tests.privacy.rows import AHEAD, Rows, count, personal_tables

START = datetime(2027, 1, 31, 12, tzinfo=UTC)


def left(table: str) -> int:
    with db.transaction(reading=True) as session:
        return count(session, table)


def receipts(kind: str = "person.erased") -> list[Tombstone]:
    with db.transaction(reading=True) as session:
        return list(session.scalars(select(Tombstone).where(Tombstone.kind == kind).order_by(Tombstone.id)))


# --- receipts


def test_an_erasure_leaves_a_receipt_with_the_rows_per_table_and_no_personal_data(
    people: People, outbox: Outbox
) -> None:
    member = people.member("ann@example.org", "motorsport")
    account = member.get("/api/v1/me").json["id"]
    member.post("/api/v1/me/closure")
    outbox.empty()

    with clock.at(clock.now() + timedelta(hours=24)):
        sweeps.sweep()

    (receipt,) = receipts()
    assert {"accounts": 1, "memberships": 1, "known_devices": 1}.items() <= receipt.facts["rows"].items()
    assert "files" in receipt.facts["stores"]
    written = json.dumps([str(receipt.id), receipt.kind, receipt.subject, receipt.facts])
    for personal in (account, UUID(account).hex, "ann", "example.org", "speedy"):
        assert personal not in written


def test_the_receipt_stands_or_falls_with_the_deletion(app: object) -> None:
    with db.transaction() as session:
        person = Rows(session).person()

    with pytest.raises(RuntimeError, match="dies"), db.transaction():
        erase([person])
        raise RuntimeError("dies")

    assert (left("people"), receipts()) == (1, [])


def test_whoever_is_not_due_any_more_leaves_no_receipt(app: object) -> None:
    with db.transaction() as session:
        person = Rows(session).person()
        erase([person], provided=Person.id != person)

    assert (left("people"), receipts()) == (1, [])


# --- a restored backup


def everything(table: str = "accounts") -> list[Any]:
    with db.transaction(reading=True) as session:
        return [tuple(row) for row in session.execute(text(f"SELECT * FROM {table}"))]


@pytest.mark.policy("DEC-11")
def test_whoever_was_erased_after_the_backup_is_erased_from_the_restored_database(app: object) -> None:
    with db.transaction() as session:
        gone, stays = Rows(session).person(), Rows(session).person()
    with db.transaction():
        erase([gone])
    jobs.run_due()
    with db.transaction() as session:  # the backup of before is restored
        session.execute(text("DELETE FROM tombstones"))
        session.add(Person(id=gone))

    assert tombstones.replay(tombstones.unknown(clock.now() - timedelta(days=1))) == 1

    with db.transaction(reading=True) as session:
        assert session.scalars(select(Person.id)).all() == [stays]


def test_a_closed_account_and_a_left_service_are_closed_and_left_again(people: People, outbox: Outbox) -> None:
    first, second = people.member("ann@example.org", "business-hub"), people.member("bob@example.org", "business-hub")
    second.post("/api/v1/me/services", json={"service": "my-account", "profile": {}, "consents": []})
    first.post("/api/v1/me/closure")
    second.delete("/api/v1/me/services/my-account")
    stones = [*tombstones.read(clock.now() - timedelta(hours=1))]
    with db.transaction() as session:  # the backup of before is restored
        session.execute(update(Account).values(closed_at=None))
        session.execute(update(Membership).values(ended_at=None))

    tombstones.replay(stones)

    with db.transaction(reading=True) as session:
        closed = session.scalars(select(Account.address).where(Account.closed_at.is_not(None))).all()
        ended = session.scalars(select(Membership.service).where(Membership.ended_at.is_not(None))).all()
        at = session.scalars(select(Account.closed_at).where(Account.closed_at.is_not(None))).one()
    assert (closed, ended) == (["ann@example.org"], ["my-account"])
    assert at == next(stone.at for stone in stones if stone.kind == "account.closed")


def test_a_closing_that_was_taken_back_stays_taken_back(people: People, outbox: Outbox) -> None:
    member = people.member("ann@example.org", "business-hub")
    member.post("/api/v1/me/closure")
    token = outbox.undo_token("account_closed_for_now")
    undone = people.stranger.post("/api/v1/undo", json={"token": token})

    tombstones.replay(tombstones.read(clock.now() - timedelta(hours=1)))

    assert undone.status_code < 300, undone.json
    with db.transaction(reading=True) as session:
        assert session.scalars(select(Account.closed_at)).all() == [None]


# --- files


@pytest.fixture
def licenses(app: object) -> Iterator[Table]:
    """Plant a module with files."""
    with planted.licenses() as table:
        yield table


def stored() -> str:
    return system.current().files.put([b"a private text"], most=100).key


def filed(table: Table, person: UUID, **given: Any) -> str:
    key = stored()
    values = {"id": new_id(), "person_id": person, "service": "office-365", "file": key} | given
    with db.transaction() as session:
        session.execute(insert(table).values(**values))
    return key


def keys() -> set[str]:
    return set(system.current().files.keys())


@pytest.fixture(autouse=True)
def _no_files(app: object) -> None:
    for key in keys():
        system.current().files.delete(key)


def person() -> UUID:
    with db.transaction() as session:
        return Rows(session).person()


def test_the_files_of_a_person_go_with_the_person_and_nobody_elses(licenses: Table) -> None:
    gone, stays = person(), person()
    filed(licenses, gone)
    other = filed(licenses, stays)

    with db.transaction():
        erase([gone])
    jobs.run_due()

    assert (keys(), left("doomed_files")) == ({other}, 0)


def test_a_file_goes_when_its_row_is_due(licenses: Table) -> None:
    who = person()
    filed(licenses, who, filed_at=START)
    later = filed(licenses, who, filed_at=START + timedelta(seconds=1))

    with clock.at(START + timedelta(days=90)):
        sweeps.sweep(daily=False)

    assert (keys(), left("planted_licenses"), left("doomed_files")) == ({later}, 1, 0)


def test_a_file_that_another_row_still_names_stays(licenses: Table) -> None:
    who = person()
    key = filed(licenses, who, filed_at=START)
    with db.transaction() as session:
        session.execute(insert(licenses).values(id=new_id(), person_id=who, service="office-365", file=key))

    with clock.at(START + timedelta(days=90)):
        sweeps.sweep(daily=False)

    assert keys() == {key}


def test_a_process_that_dies_before_the_file_is_deleted_leaves_its_name_to_the_next(
    licenses: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = person()
    filed(licenses, who)
    with db.transaction():
        erase([who])

    def die(_key: str) -> None:
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(type(system.current().files._found), "delete", lambda _self, key: die(key))
        doomed.delete_files.run()
    between = (len(keys()), left("doomed_files"))
    sweeps.sweep(daily=False)

    assert (between, len(keys()), left("doomed_files")) == ((1, 1), 0, 0)


def test_a_file_no_row_names_goes_after_a_day_and_not_before(licenses: Table) -> None:
    named, forgotten = filed(licenses, person()), stored()

    with clock.at(clock.now() + timedelta(hours=23)):
        sweeps.sweep()
    before = keys()
    with clock.at(clock.now() + timedelta(hours=25)):
        sweeps.sweep()

    assert (before, keys()) == ({named, forgotten}, {named})


def test_what_a_killed_upload_had_written_goes_after_a_day_and_not_before(licenses: Table) -> None:
    named = filed(licenses, person())
    begun = Path(urlsplit(system.current().settings.files_url).path, f"{new_key()}#1")
    begun.parent.mkdir(parents=True, exist_ok=True)
    begun.write_bytes(b"half a private t")

    with clock.at(clock.now() + timedelta(hours=23)):
        sweeps.sweep()
    before = begun.exists()
    with clock.at(clock.now() + timedelta(hours=25)):
        sweeps.sweep()

    assert (before, begun.exists(), keys()) == (True, False, {named})


def test_a_deletion_that_is_taken_back_keeps_the_file(licenses: Table) -> None:
    key = filed(licenses, person())

    with pytest.raises(RuntimeError, match="dies"), db.transaction() as session:
        session.execute(text("DELETE FROM planted_licenses"))
        doom_files([key])
        raise RuntimeError("dies")
    jobs.run_due()

    assert (keys(), left("doomed_files")) == ({key}, 0)


# --- what nothing hangs on


def test_a_person_nothing_hangs_on_goes_a_day_later(app: object) -> None:
    person()
    with db.transaction() as session:
        rows = Rows(session)
        account = rows.person()
        rows.add("accounts", account)

    with clock.at(clock.now() + timedelta(hours=23)):
        sweeps.sweep()
    before = left("people")
    with clock.at(clock.now() + timedelta(hours=25)):
        sweeps.sweep()

    with db.transaction(reading=True) as session:
        assert (before, session.scalars(select(Person.id)).all()) == (2, [account])


def test_a_number_goes_without_a_receipt_only_where_no_table_holds_anything_about_it(app: object) -> None:
    with db.transaction() as session:
        rows = Rows(session)
        nobody = rows.person()
        for table in personal_tables():
            if table.name != "people":
                rows.add(table, rows.person())
        session.execute(update(Account).values(seen_at=AHEAD))
    before = left("people")

    with clock.at(clock.now() + timedelta(hours=25)):
        gone = sweeps.sweep()

    with db.transaction(reading=True) as session:
        assert session.get(Person, nobody) is None
    assert (gone, before - left("people"), receipts()) == (1, 1, [])


# --- within a minute, over the journal of SQLite and the stores


def test_every_store_says_what_it_holds(licenses: Table) -> None:
    who = person()
    key = filed(licenses, who)
    with db.transaction():
        tombstones.write("person.erased", who)
    jobs.run_due()

    held = {store.key: store for store in stores()}
    with db.transaction(reading=True):
        assert list(held["files"].of(who)) == [key]
        assert list(held["journal"].of(who)) == []
    assert dict(held["files"].bytes()) == {key: b"a private text"}
    assert any(b"person.erased" in content for _, content in held["journal"].bytes())


def test_the_journal_forgets_with_the_receipts(app: object) -> None:
    with clock.at(START), db.transaction():
        tombstones.write("person.erased", new_id())
    with clock.at(START):
        jobs.run_due()
    limit = datetime(2028, 1, 31, 12, tzinfo=UTC)

    def names() -> list[str]:
        return [name for name in system.current().journal.names() if "2027-01-31" in name]

    with clock.at(limit - timedelta(seconds=1)):
        sweeps.sweep()
        before = (len(names()), len(receipts()))
    with clock.at(limit + timedelta(days=1)):
        sweeps.sweep()

    assert (before, len(names()), len(receipts())) == ((1, 1), 0, 0)


@pytest.mark.policy("PAR-22", "PAR-23", "MYK-66")
@pytest.mark.parametrize("service", ["partner-portal", "my-account"])
def test_the_first_request_erases_within_a_minute(people: People, outbox: Outbox, service: str) -> None:
    member = people.member("ann@example.org", service)

    closed = member.post("/api/v1/me/closure")
    with clock.at(clock.now() + timedelta(seconds=60)):
        outbox.deliver()

    assert closed.status_code == 200, closed.json
    assert [left(table) for table in ("accounts", "memberships", "sessions", "known_devices")] == [0] * 4
    assert len(receipts()) == 1
