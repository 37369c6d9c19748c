"""Issuing licences, by whoever sells."""

from datetime import UTC, datetime, timedelta

import pytest

from suite.kernel import clock, db
from suite.licenses import issue
from suite.licenses.errors import NoSuchProduct, NotSoldSo, TermImpossible
from suite.licenses.finding import of_code, readable
from suite.licenses.models import License, LicenseBatch
from tests.licenses.making import issued, several

pytestmark = pytest.mark.usefixtures("app")

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def license_of(key: object) -> License:
    with db.transaction(reading=True) as session:
        found = session.get(License, key)
        assert found is not None
        return found


def test_every_code_given_opens_its_licence() -> None:
    made = several(5)

    with db.transaction(reading=True):
        assert [getattr(of_code(readable(code)), "id", None) for _, code in made] == [key for key, _ in made]
    assert len({code for _, code in made}) == 5


def test_a_batch_counts_what_was_issued_and_the_policy_says_on_how_many_devices() -> None:
    (one, _), *_ = several(3, product="endpoint-security", policy="business-year")

    found = license_of(one)
    with db.transaction(reading=True) as session:
        batch = session.get(LicenseBatch, found.batch_id)
        assert batch is not None
        assert (batch.count, batch.product, batch.policy) == (3, "endpoint-security", "business-year")
    assert found.seats == 10


def test_a_licence_that_begins_with_its_issue_has_its_term_and_another_waits_for_its_first_use() -> None:
    with clock.at(NOW):
        begun, _ = issued(product="endpoint-security", policy="business-year")
        waiting, _ = issued()
        endless, _ = issued(product="password-vault", policy="perpetual")

    assert (license_of(begun).begins_at, license_of(begun).expires_at) == (NOW, NOW.replace(year=2027))
    assert (license_of(waiting).begins_at, license_of(waiting).expires_at) == (None, None)
    assert (license_of(endless).begins_at, license_of(endless).expires_at) == (NOW, None)


def test_whoever_sells_may_say_the_seats_and_the_term() -> None:
    ends = NOW + timedelta(days=100)

    with clock.at(NOW):
        key, _ = issued(seats=7, expires_at=ends)

    found = license_of(key)
    assert (found.seats, found.begins_at, found.expires_at) == (7, NOW, ends)


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"product": "no-such"}, NoSuchProduct),
        ({"policy": "business-year"}, NotSoldSo),
        ({"policy": "no-such"}, NotSoldSo),
        ({"begins_at": NOW, "expires_at": NOW}, TermImpossible),
        ({"expires_at": NOW - timedelta(days=1)}, TermImpossible),
        ({"begins_at": datetime.max.replace(tzinfo=UTC)}, TermImpossible),
        ({"expires_at": datetime.max.replace(tzinfo=UTC)}, TermImpossible),
    ],
)
def test_what_is_not_sold_or_cannot_be_meant_is_refused(asked: dict[str, object], refusal: type[Exception]) -> None:
    with clock.at(NOW), pytest.raises(refusal):
        issued(**asked)  # type: ignore[arg-type]


def test_a_licence_is_given_only_when_it_stands_in_the_database() -> None:
    with pytest.raises(RuntimeError), db.transaction():
        made = issue("total-protection", "subscription-year", 3000, source="command")
        committed = [next(made) for _ in range(1000)]
        db.settle()
        lost = next(made)
        raise RuntimeError("the power is cut")

    with db.transaction(reading=True) as session:
        assert all(session.get(License, one.license_id) for one in committed)
        assert session.get(License, lost.license_id) is None
        batch = session.get(LicenseBatch, lost.batch_id)
        assert batch is not None
        assert batch.count == 1000
