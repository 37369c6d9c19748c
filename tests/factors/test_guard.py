"""Which text messages leave: limits per number, person, network and country, the breaker, the caps of a day."""

import dataclasses
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from suite.factors import guard, phones
from suite.factors.models import TextDecision
from suite.kernel import clock, db, system
from suite.kernel.db import Base
from suite.kernel.errors import Later, Refusal
from suite.kernel.ids import new_id
from suite.kernel.secrets import Keyring
from suite.privacy import Person
from suite.settings import new_key
from tests.conftest import KEY
from tests.people import PHONE, Outbox, People

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Configure = Callable[..., None]


@dataclass(frozen=True)
class Ask:
    """One wish for a text message."""

    at: timedelta = timedelta()
    person: int = 0
    number: str = PHONE
    network: str = "10.0.0.1"
    proven: bool = False
    known: bool = True


_people: dict[int, UUID] = {}


@pytest.fixture(autouse=True)
def _nobody_yet(app: object) -> None:
    _people.clear()


def person(which: int) -> UUID:
    if which not in _people:
        _people[which] = new_id()
        with db.transaction() as session:
            session.add(Person(id=_people[which]))
    return _people[which]


def asked(ask: Ask) -> str:
    """Give "sent" or the code of the refusal, in a transaction that goes on."""
    who = _people[ask.person]
    with clock.at(NOON + ask.at):
        try:
            phone = phones.read(ask.number)
            guard.decide(who, phone, proven=ask.proven, known=ask.known, network=ask.network)
        except Refusal as refusal:
            return refusal.code
    return "sent"


def decide(ask: Ask) -> str:
    """Give "sent" or the code of the refusal, in a transaction that ends as that of a request does."""
    who, phone = person(ask.person), phones.read(ask.number)
    with clock.at(NOON + ask.at):
        try:
            with db.transaction():
                guard.decide(who, phone, proven=ask.proven, known=ask.known, network=ask.network)
        except Refusal as refusal:
            return refusal.code
    return "sent"


def decided(asks: list[Ask]) -> list[str]:
    return [decide(one) for one in asks]


def number(which: int, prefix: str = "+49151") -> str:
    """Give a mobile number; so many thousand share a beginning."""
    return f"{prefix}{which:08d}"


def use_all(share: int = 1) -> None:
    """Let every so many-th code sent so far come back."""
    with db.transaction() as session:
        found = session.scalars(select(TextDecision.id).where(TextDecision.outcome == "sent")).all()
        for one in found[::share]:
            guard.used(one)


def decisions(*conditions: Any) -> Counter[str]:
    with db.transaction(reading=True) as session:
        rows = session.execute(
            select(TextDecision.outcome, func.count()).where(*conditions).group_by(TextDecision.outcome)
        )
        return Counter({row[0]: row[1] for row in rows})


# --- a table of cases: wishes, and what becomes of the last ones

SENT, SOON, MANY, PAUSED = "sent", "text_too_soon", "too_many_texts", "texts_paused"
EVERY_11 = [timedelta(minutes=11) * turn for turn in range(30)]


def spread(times: int, **fields: Any) -> list[Ask]:
    """Wish so many times, far enough apart for the gap and the ten minutes."""
    return [Ask(at=EVERY_11[turn], **fields) for turn in range(times)]


def different(times: int, **fields: Any) -> list[Ask]:
    """Wish for so many numbers of as many people, from as many networks, at one moment."""
    return [Ask(person=turn, number=number(turn * 10_000), network=f"10.0.{turn}.1", **fields) for turn in range(times)]


CASES: dict[str, tuple[list[Ask], list[str]]] = {
    "one": ([Ask()], [SENT]),
    "two in a minute": ([Ask(), Ask(at=MINUTE - timedelta(seconds=1))], [SENT, SOON]),
    "two a minute apart": ([Ask(), Ask(at=MINUTE)], [SENT, SENT]),
    "two people want the same number": ([Ask(), Ask(person=1)], [SENT, SOON]),
    "four in ten minutes": ([Ask(at=MINUTE * turn) for turn in (0, 1, 2, 3)], [SENT, SENT, SENT, MANY]),
    "the fourth after ten minutes": ([Ask(at=MINUTE * turn) for turn in (0, 1, 2, 10)], [SENT] * 4),
    "eleven a day for a number": (
        [Ask(at=EVERY_11[turn], person=turn) for turn in range(11)],
        [SENT] * 10 + [MANY],
    ),
    "the eleventh a day later": (
        [*(Ask(at=EVERY_11[turn], person=turn) for turn in range(10)), Ask(at=DAY, person=11)],
        [SENT] * 11,
    ),
    "eleven a day for a person with many numbers": (
        [Ask(at=EVERY_11[turn], number=number(turn * 10_000)) for turn in range(11)],
        [SENT] * 10 + [MANY],
    ),
    "twenty-one an hour from a network": (
        [Ask(person=turn, number=number(turn * 10_000)) for turn in range(21)],
        [SENT] * 20 + [MANY],
    ),
    "the twenty-first an hour later": (
        [*(Ask(person=turn, number=number(turn * 10_000)) for turn in range(20)), Ask(at=HOUR, person=21)],
        [SENT] * 21,
    ),
    "a country that is not served": ([Ask(number="+79161234567")], ["country_not_served"]),
    # A proven number is its owner's; others who try to add it take nothing away.
    "its owner, after others wanted the number ten times": (
        [*(Ask(at=EVERY_11[turn], person=turn) for turn in range(10)), Ask(at=EVERY_11[10], person=20, proven=True)],
        [SENT] * 11,
    ),
    "its owner, after others wanted the number three times in a row": (
        [*(Ask(at=MINUTE * turn, person=turn) for turn in range(3)), Ask(at=MINUTE * 3, person=20, proven=True)],
        [SENT] * 4,
    ),
    "its owner, four times in ten minutes": (
        [Ask(at=MINUTE * turn, proven=True) for turn in range(4)],
        [SENT] * 3 + [MANY],
    ),
    # Who knows the password only gets a part of the owner's messages.
    "a stranger three times in ten minutes, then the owner": (
        [*(Ask(at=MINUTE * turn, proven=True, known=False) for turn in range(3)), Ask(at=MINUTE * 3, proven=True)],
        [SENT, SENT, MANY, SENT],
    ),
    "a stranger seven times a day, then the owner": (
        [*spread(7, proven=True, known=False), Ask(at=EVERY_11[8], proven=True)],
        [SENT] * 6 + [MANY, SENT],
    ),
    "a stranger over three phones of one person": (
        [Ask(at=EVERY_11[turn], number=number(turn % 3 * 10_000), proven=True, known=False) for turn in range(7)],
        [SENT] * 6 + [MANY],
    ),
    "an owner's device, and then a stranger, in a network that used up its twenty": (
        [
            *(Ask(person=turn, number=number(turn * 10_000)) for turn in range(20)),
            Ask(person=50, proven=True),
            Ask(at=MINUTE, person=50, proven=True, known=False),
        ],
        [SENT] * 21 + [MANY],
    ),
    "an owner eleven times a day": (spread(11, proven=True), [SENT] * 10 + [MANY]),
}


@pytest.mark.parametrize("case", CASES)
def test_the_guard_lets_through_what_the_table_says(case: str) -> None:
    asks, expected = CASES[case]

    assert decided(asks) == expected


def test_a_refusal_says_when_to_try_again(app: object) -> None:
    decide(Ask())
    with clock.at(NOON + timedelta(seconds=20)), pytest.raises(Later) as refused, db.transaction():
        guard.decide(person(0), phones.read(PHONE), proven=False, known=True, network="10.0.0.1")

    assert refused.value.headers["Retry-After"] == "41"


def test_what_is_refused_costs_nothing(app: object) -> None:
    decided([Ask(at=timedelta(seconds=second)) for second in range(30)])

    assert decided([Ask(at=MINUTE), Ask(at=MINUTE * 2), Ask(at=MINUTE * 3)]) == [SENT, SENT, MANY]


def test_after_too_many_the_next_wish_is_not_told_that_one_was_just_sent(app: object) -> None:
    decided([Ask(at=MINUTE * turn) for turn in range(3)])

    assert decided([Ask(at=MINUTE * 3), Ask(at=MINUTE * 3)]) == [MANY, MANY]


def test_switched_off_nothing_leaves_and_that_is_recorded(configure: Configure) -> None:
    configure(sms="off")

    assert decided([Ask(), Ask(proven=True)]) == ["texts_off"] * 2
    assert decisions() == {"texts_off": 2}


# --- caps of a day


def test_a_country_has_a_cap_for_numbers_that_are_not_proven(configure: Configure) -> None:
    configure(sms_country_limit=5)
    swiss = Ask(person=50, number="+41791234567", network="10.9.0.1")

    assert decided(different(7)) == [SENT] * 5 + [PAUSED] * 2
    assert decided([swiss, Ask(person=60, proven=True, network="10.9.1.1")]) == [SENT, SENT]
    assert decided([Ask(at=DAY, person=70, network="10.9.2.1")]) == [SENT]


def test_of_the_day_a_share_is_kept_for_proven_numbers(configure: Configure) -> None:
    configure(sms_daily_limit=10, sms_reserve=30)

    unproven = decided(different(12))
    proven = decided(
        [
            Ask(person=100 + turn, number=number(turn * 10_000, "+49170"), network=f"10.9.{turn}.1", proven=True)
            for turn in range(5)
        ]
    )

    assert unproven == [SENT] * 7 + [PAUSED] * 5
    assert proven == [SENT] * 3 + [PAUSED] * 2


def test_what_proven_numbers_used_is_not_sent_again_to_others(configure: Configure) -> None:
    configure(sms_daily_limit=10, sms_reserve=30)
    owners = [
        Ask(person=100 + turn, number=number(turn * 10_000, "+49170"), network=f"10.9.{turn}.1", proven=True)
        for turn in range(8)
    ]

    assert decided(owners) == [SENT] * 8
    assert decided(different(3)) == [SENT] * 2 + [PAUSED]


# --- the breaker


def one_prefix(times: int, **fields: Any) -> list[Ask]:
    """Wish for so many numbers that were bought together."""
    return [Ask(person=turn, number=number(turn), network=f"10.0.{turn}.1", **fields) for turn in range(times)]


def test_twenty_texts_to_a_prefix_of_which_none_comes_back_pause_it(app: object) -> None:
    asked = decided(one_prefix(22))
    elsewhere = decided([Ask(person=50, number=number(10_000), network="10.9.0.1")])

    assert asked == [SENT] * 20 + [PAUSED] * 2
    assert elsewhere == [SENT]


def test_a_prefix_whose_codes_come_back_is_not_paused(app: object) -> None:
    first = decided(one_prefix(20))
    use_all(share=5)

    assert first == [SENT] * 20
    assert decided([Ask(person=50, number=number(500), network="10.9.0.1")]) == [SENT]


def test_a_prefix_of_which_too_few_come_back_is_paused(app: object) -> None:
    decided(one_prefix(20))
    use_all(share=6)  # four of twenty
    at_the_edge = decided([Ask(person=50, number=number(500), network="10.9.0.1")])

    assert at_the_edge == [SENT]
    assert decided([Ask(person=51, number=number(501), network="10.9.1.1")]) == [PAUSED]


def test_a_paused_prefix_heals_after_a_day(app: object) -> None:
    decided(one_prefix(20))

    later = [Ask(at=at, person=50, number=number(500), network="10.9.0.1") for at in (DAY - MINUTE, DAY)]

    assert decided(later) == [PAUSED, SENT]


def test_a_proven_number_is_never_paused_by_its_prefix(app: object) -> None:
    decided(one_prefix(20))

    assert decided([Ask(person=50, number=number(500), network="10.9.0.1", proven=True)]) == [SENT]


def test_what_owners_of_proven_numbers_leave_unused_pauses_nobody(app: object) -> None:
    decided(one_prefix(25, proven=True))

    assert decided([Ask(person=50, number=number(500), network="10.9.0.1")]) == [SENT]


def test_the_breaker_remembers_over_a_change_of_keys(app: object) -> None:
    decided(one_prefix(20))
    running = system.current()
    system.use(dataclasses.replace(running, keys=Keyring(f"{new_key()},{KEY}")))
    try:
        assert decided([Ask(person=50, number=number(500), network="10.9.0.1")]) == [PAUSED]
    finally:
        system.use(running)


# --- what is recorded


def test_every_decision_stands_with_country_outcome_and_a_hash(app: object) -> None:
    decided([Ask(), Ask(), Ask(number="+79161234567", network="10.0.0.2")])

    with db.transaction(reading=True) as session:
        rows = session.scalars(select(TextDecision).order_by(TextDecision.id)).all()
    assert [(one.country, one.outcome, one.proven) for one in rows] == [
        ("DE", SENT, False),
        ("DE", SOON, False),
        ("RU", "country_not_served", False),
    ]
    assert all(one.prefix.startswith("test1.") and len(one.prefix) == 64 for one in rows)


def test_neither_number_nor_prefix_stands_in_any_table_outside_its_seal(people: People, outbox: Outbox) -> None:
    member = people.member()
    people.with_phone(member)
    member.post("/api/v1/me/factors/phones", json={"phone": "+4915112345679", "name": "second"})

    # The inbox of development shows what left, and stays empty in production.
    tables = [table for table in Base.metadata.sorted_tables if table.name != "inbox_messages"]
    with db.transaction(reading=True) as session:
        rows = [(table.name, value) for table in tables for row in session.execute(select(table)) for value in row]
    for table, value in rows:
        shown = value if isinstance(value, bytes) else str(value).encode()
        for plain in (PHONE[1:], PHONE[1:-4], "4915112345679"):
            assert plain.encode() not in shown, table


def test_who_hammers_fills_no_table(app: object) -> None:
    decided([Ask(at=timedelta(seconds=turn % 50)) for turn in range(100)])

    assert decisions() == {SENT: 1, SOON: 20}


# --- an attack


def test_a_pumping_attack_is_bounded_and_a_person_with_a_proven_number_still_gets_the_code(
    configure: Configure,
) -> None:
    configure(sms_daily_limit=100, sms_reserve=30, sms_country_limit=40)
    tries = 500
    beginnings = ("+49151", "+49170", "+447700", "+44752")
    for which in range(200):
        person(which)

    def attack(turn: int) -> Ask:
        """First many numbers that were bought together, then many that were not; fifteen hundred networks."""
        bought = number(turn) if turn < tries else number(turn * 7919 % 10**6, beginnings[turn % 4])
        return Ask(timedelta(seconds=40 * turn), turn % 200, bought, f"10.{turn % 250}.{turn // 250}.1")

    outcomes: Counter[str] = Counter()
    for first in range(0, 3 * tries, 50):
        with db.transaction():
            outcomes.update(asked(attack(turn)) for turn in range(first, first + 50))
    sent = decisions(TextDecision.proven.is_(False))[SENT]
    owner = Ask(timedelta(hours=18), 900, number(999), "10.250.0.1", proven=True)

    assert outcomes.total() == 3 * tries
    assert 40 <= sent == outcomes[SENT] <= 70
    assert set(outcomes) == {SENT, PAUSED, "phone_not_usable"}
    assert decide(owner) == SENT
