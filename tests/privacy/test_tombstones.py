"""Tombstones: what was erased or chosen is repeated in a restored database, and nobody can change the list unseen."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text, update

from suite.kernel import clock, db, files, jobs, secrets, system
from suite.kernel.ids import new_id
from suite.kernel.models import Job
from suite.privacy import chain, journal, leave_tombstone, tombstones
from suite.privacy.models import Person, Tombstone
from suite.privacy.stones import Stone

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def told() -> Iterator[list[tuple[UUID, datetime, dict[str, Any]]]]:
    """Give what was repeated, for a kind of this test."""
    repeated: list[tuple[UUID, datetime, dict[str, Any]]] = []
    tombstones.REPLAYS["test.happened"] = lambda *happened: repeated.append(happened)
    yield repeated
    del tombstones.REPLAYS["test.happened"]


@pytest.fixture(autouse=True)
def _empty_journal(app: object) -> Iterator[None]:
    _empty()
    yield
    _empty()


def _empty() -> None:
    kept = system.current().journal
    for name in list(kept.names()):
        kept.delete(name)


def person() -> UUID:
    with db.transaction() as session:
        found = Person(id=new_id())
        session.add(found)
    return found.id


def happen(who: UUID, **facts: Any) -> UUID:
    with db.transaction():
        return leave_tombstone("test.happened", who, **facts)


def test_a_tombstone_is_repeated_for_its_person_and_for_nobody_else(app: object, told: list[Any]) -> None:
    others, who = [person() for _ in range(3)], person()
    at = clock.now()
    with clock.at(at):
        happen(who, purpose="news_by_email")

    repeated = tombstones.replay(tombstones.read(LONG_AGO))

    assert others
    assert (repeated, told) == (1, [(who, at, {"purpose": "news_by_email"})])


def test_tombstones_are_repeated_in_the_order_of_their_time(app: object, told: list[Any], monkeypatch: Any) -> None:
    monkeypatch.setattr(tombstones, "_PEOPLE", 2)
    monkeypatch.setattr(tombstones, "_BATCH", 3)
    many = [person() for _ in range(5)]
    for number in range(10):
        with clock.at(LONG_AGO + timedelta(days=number)):
            happen(many[number % 5], number=number)

    assert tombstones.replay(tombstones.read(LONG_AGO + timedelta(days=2))) == 8
    assert sorted(facts["number"] for _, _, facts in told) == [*range(2, 10)]
    for who in many:
        numbers = [facts["number"] for found, _, facts in told if found == who]
        assert numbers == sorted(numbers)


def test_a_tombstone_under_an_older_key_finds_its_person(app: object, told: list[Any], monkeypatch: Any) -> None:
    ring = system.current().keys
    who = person()
    happen(who)
    old, new = "test1:" + "QUFB" * 10 + "QUE=", "test2:" + "QkJC" * 10 + "QkI="
    object.__setattr__(system.current(), "keys", secrets.Keyring(f"{new},{old}"))

    try:
        assert tombstones.replay(tombstones.read(LONG_AGO)) == 1
    finally:
        object.__setattr__(system.current(), "keys", ring)


def test_a_kind_nobody_can_repeat_stops_the_restore(app: object) -> None:
    stone = Stone(new_id(), "from.the.future", "test1.00", {}, clock.now())

    with pytest.raises(LookupError, match=r"cannot repeat tombstones of the kind from\.the\.future"):
        tombstones.replay([stone])


# --- the journal, where no restore reaches


def test_what_a_lost_database_knew_is_repeated_from_the_journal(app: object, told: list[Any]) -> None:
    who = person()
    stone = happen(who, service="motorsport")
    jobs.run_due()
    with db.transaction() as session:
        session.execute(delete(Tombstone))

    assert tombstones.replay(tombstones.unknown(LONG_AGO)) == 1

    assert [one.id for one in tombstones.read(LONG_AGO)] == [stone]
    assert told[0][2] == {"service": "motorsport"}


def test_only_what_the_database_does_not_know_is_repeated_and_only_once(app: object, told: list[Any]) -> None:
    who = person()
    stones = [happen(who, number=number) for number in range(4)]
    jobs.run_due()
    journal.write(journal.read(LONG_AGO))  # what was copied twice
    with db.transaction() as session:
        session.execute(delete(Tombstone).where(Tombstone.id.in_(stones[2:])))

    assert tombstones.replay(tombstones.unknown(LONG_AGO)) == 2

    assert [facts["number"] for _, _, facts in told] == [2, 3]
    assert [*tombstones.unknown(LONG_AGO)] == []
    assert [*journal.read(clock.now() + timedelta(seconds=1))] == []


def test_what_happened_under_a_clock_that_ran_ahead_is_repeated(app: object, told: list[Any]) -> None:
    with clock.at(clock.now() + timedelta(days=9)):
        happen(person())
        jobs.run_due()
    with db.transaction() as session:
        session.execute(delete(Tombstone))

    assert tombstones.replay(tombstones.unknown(clock.now())) == 1


def test_a_replay_that_breaks_off_is_found_again(app: object, told: list[Any]) -> None:
    happen(person())
    jobs.run_due()
    with db.transaction() as session:
        session.execute(delete(Tombstone))
    repeats = tombstones.REPLAYS["test.happened"]
    tombstones.REPLAYS["test.happened"] = lambda *_: 1 / 0  # type: ignore[assignment,return-value]
    with pytest.raises(ZeroDivisionError):
        tombstones.replay(tombstones.unknown(LONG_AGO))

    tombstones.REPLAYS["test.happened"] = repeats

    assert tombstones.replay(tombstones.unknown(LONG_AGO)) == 1


def test_the_journal_is_no_part_of_the_files_and_stands_beside_them(app: object) -> None:
    happen(person())
    jobs.run_due()

    assert list(system.current().files.keys()) == []
    assert [name.split("/")[0] for name in system.current().journal.names()] == ["tombstones"]


def test_a_journal_that_cannot_be_written_is_tried_again_and_nothing_is_lost(app: object, monkeypatch: Any) -> None:
    stone = happen(person())
    broken = OSError("no room")

    def refuse(*_: object) -> None:
        raise broken

    with monkeypatch.context() as patch:
        patch.setattr(files.Journal, "write", refuse)
        jobs.run_due()
    before = [*journal.read(LONG_AGO)]
    with db.transaction() as session:
        session.execute(update(Job).values(due_at=clock.now()))
    jobs.run_due()

    assert (before, [one.id for one in journal.read(LONG_AGO)]) == ([], [stone])


# --- the chain


def chained(number: int) -> None:
    who = person()
    for _ in range(number):
        happen(who)
    jobs.run_due()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE tombstones SET kind = 'other' WHERE sequence = 2",
        "UPDATE tombstones SET subject = 'other' WHERE sequence = 2",
        "UPDATE tombstones SET facts = '{\"a\": 1}' WHERE sequence = 2",
        "DELETE FROM tombstones WHERE sequence = 2",
    ],
)
def test_a_tombstone_that_was_changed_or_taken_out_is_noticed(app: object, change: str) -> None:
    chained(4)
    before = [*chain.broken_links()]
    with db.transaction() as session:
        session.execute(text(change))

    assert (before, len([*chain.broken_links()])) == ([], 1)


def test_the_oldest_tombstones_may_go_without_breaking_the_chain(app: object) -> None:
    chained(4)
    with db.transaction() as session:
        session.execute(text("DELETE FROM tombstones WHERE sequence <= 2"))
    chained(1)

    with db.transaction(reading=True) as session:
        numbers = session.scalars(select(Tombstone.sequence).order_by(Tombstone.sequence)).all()
    assert (numbers, [*chain.broken_links()]) == ([3, 4, 5], [])
