"""Many workers at once: each reminder leaves once, whoever plans and sends it, and erasures go on meanwhile."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from suite import reminders
from suite.kernel import access, clock, db, jobs, system
from suite.kernel.http import App
from suite.licenses.models import LicenseHolding
from suite.messages.models import SENT, Message
from suite.privacy import erase
from suite.reminders.models import Reminder
from tests.failures.crowd import at_once
from tests.failures.reminder_driver import END, NOW, due_people
from tests.licenses.holding import move

PEOPLE = 120
DUE = NOW + timedelta(minutes=5)


@pytest.fixture
def due(app: App) -> list[Any]:
    """Give people whose licences are to be reminded of at one time, by a service that needs no consent."""
    return due_people(PEOPLE)


def swept(_which: int) -> None:
    system.use(swept.app.extensions["suite_system"])  # type: ignore[attr-defined]
    access.begin(access.SYSTEM, None)
    reminders.run()


def letters() -> Counter[Any]:
    with db.transaction(reading=True) as session:
        found = session.scalars(select(Message.person_id).where(Message.letter == "license_notice"))
        return Counter(found)


@pytest.mark.policy("BUS-22")
@pytest.mark.parametrize("workers", [2, 8])
def test_workers_that_sweep_the_same_minute_send_one_each(app: App, due: list[Any], workers: int) -> None:
    swept.app = app  # type: ignore[attr-defined]

    with clock.at(DUE):
        at_once(workers, swept)
        swept(0)

    assert set(letters()) == set(due)
    assert set(letters().values()) == {1}
    with db.transaction(reading=True) as session:
        states = session.execute(select(Reminder.outcome, func.count()).group_by(Reminder.outcome)).all()
    assert [tuple(state) for state in states] == [("sent", PEOPLE)]


def test_people_are_erased_while_workers_remind_and_nobody_waits_for_ever(app: App, due: list[Any]) -> None:
    swept.app = app  # type: ignore[attr-defined]
    gone = due[:40]

    def act(which: int) -> None:
        if which < 4:
            swept(which)
            return
        system.use(app.extensions["suite_system"])
        access.begin(access.SYSTEM, None)
        for person in gone[which - 4 :: 4]:
            with db.transaction():
                erase([person])

    with clock.at(DUE):
        at_once(8, act)
        swept(0)

    with db.transaction(reading=True) as session:
        assert session.scalar(select(func.count()).select_from(LicenseHolding)) == PEOPLE + 1 - len(gone)
        assert session.scalar(select(func.count()).where(Reminder.outcome.is_(None))) == 0
    assert set(letters()) == set(due[40:])
    assert set(letters().values()) == {1}


def test_licences_are_extended_while_workers_remind_and_no_letter_tells_an_end_that_was_moved(
    app: App, due: list[Any]
) -> None:
    swept.app = app  # type: ignore[attr-defined]
    with db.transaction(reading=True) as session:
        held = {one.person_id: one.license_id for one in session.scalars(select(LicenseHolding)).all()}
    renewed = due[:40]

    def act(which: int) -> None:
        if which < 4:
            swept(which)
            return
        system.use(app.extensions["suite_system"])
        access.begin(access.SYSTEM, None)
        for person in renewed[which - 4 :: 4]:
            move(held[person], END + timedelta(days=365))

    with clock.at(DUE):
        at_once(8, act)
        swept(0)
        jobs.run_due()

    with db.transaction(reading=True) as session:
        assert session.scalar(select(func.count()).where(Reminder.outcome.is_(None))) == 0
        left = session.scalars(
            select(Message.person_id).where(Message.letter == "license_notice", Message.state == SENT)
        )
        assert set(left) == set(due[40:])
