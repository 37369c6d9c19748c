"""Runs of reminders as processes: killed between any two steps they lose no plan and send nothing twice."""

import random

from tests.failures.reminder_driver import due_people, run_and_die, wrong


def test_runs_killed_at_a_dozen_places_remind_everybody_once(app: object) -> None:
    people = due_people(20)
    chance = random.Random(5)

    killed = [run_and_die(after) for after in (0, 1, 2, 3, 5, *(chance.randrange(60) for _ in range(7)))]
    ended = not run_and_die(10**9)

    assert sum(killed) >= 6
    assert ended
    assert wrong(people) == []
