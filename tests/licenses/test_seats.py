"""A licence is connected to as many devices as it allows, and a device connected again is the same connection."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from suite.kernel import clock, db, system
from suite.kernel.http import App
from suite.kernel.secrets import Keyring
from suite.licenses.models import License
from tests.conftest import KEY
from tests.licenses.making import issued
from tests.licenses.using import Product, activations, holder, refused
from tests.people import People

START = datetime(2026, 11, 24, 12, tzinfo=UTC)


def change(license_id: UUID, **values: object) -> None:
    with db.transaction() as session:
        session.execute(update(License).where(License.id == license_id).values(**values))


@pytest.fixture
def product(people: People) -> Callable[..., tuple[UUID, Product]]:
    """Give the maker of a licence and of a product on a device that uses it."""

    def make(product: str = "total-protection", policy: str = "subscription-year", **term: object):
        license_id, code = issued(product, policy, **term)
        return license_id, Product(people.stranger, code, product=product)

    return make


def test_the_same_device_again_is_the_same_activation_with_the_same_answer(product: Callable) -> None:
    license_id, laptop = product()
    with clock.at(START):
        first, again = laptop.activate(), laptop.activate()

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert len(activations(license_id)) == 1


def test_a_licence_that_waits_for_its_first_use_begins_with_its_first_activation(product: Callable) -> None:
    license_id, laptop = product()
    with clock.at(START):
        first = laptop.activate().json
    with clock.at(START + timedelta(days=5)):
        later = laptop.activate().json

    assert first["expires_at"] == later["expires_at"] == "2027-11-24T12:00:00.000Z"
    assert first["grace_until"] == "2027-12-01T12:00:00.000Z"
    assert (first["trusted_until"], later["trusted_until"]) == ("2026-12-24T12:00:00.000Z", "2026-12-29T12:00:00.000Z")


def test_a_full_licence_refuses_another_device_until_one_is_released(product: Callable) -> None:
    _, laptop = product()
    laptop.activate()
    phone = laptop.on("phone")

    full = phone.activate()
    released, again = laptop.release(), laptop.release()
    taken = phone.activate()

    assert refused(full) == (409, "no_seat")
    assert (released.status_code, again.status_code, taken.status_code) == (204, 204, 201)
    assert laptop.validate() == (False, "no_seat")


def test_a_released_seat_is_taken_again_and_what_was_stays_known(product: Callable) -> None:
    license_id, one = product("endpoint-security", "business-year", seats=3)
    seats = [one.on(f"pc{number}").activate().json["seat"] for number in range(3)]
    one.on("pc1").release()
    next_one = one.on("pc9").activate().json["seat"]

    assert (seats, next_one) == ([1, 2, 3], 2)
    assert [(row.seat, row.released_by) for row in activations(license_id)] == [
        (1, None),
        (2, "product"),
        (3, None),
        (2, None),
    ]


def test_overuse_is_let_in_as_far_as_the_policy_says_and_is_told(product: Callable) -> None:
    _, one = product("endpoint-security", "business-year", seats=2)
    statuses = [one.on(f"pc{number}").activate().status_code for number in range(4)]

    assert statuses == [201, 201, 201, 409]
    assert one.on("pc0").validate() == (True, "valid")
    assert one.on("pc2").validate() == (True, "over_seats")
    assert one.on("pc3").validate() == (False, "no_seat")

    one.on("pc0").release()

    assert one.on("pc2").validate() == (True, "valid")


def test_a_licence_for_fewer_devices_than_are_connected_refuses_the_last_ones(product: Callable) -> None:
    license_id, one = product("endpoint-security", "business-year", seats=4)
    for number in range(4):
        one.on(f"pc{number}").activate()

    change(license_id, seats=1)

    assert one.on("pc0").validate() == (True, "valid")
    assert one.on("pc3").validate() == (False, "no_seat")


@pytest.mark.parametrize(
    ("days", "judged", "activated"),
    [
        (0, (True, "valid"), 201),
        (364, (True, "valid"), 201),
        (366, (True, "grace"), 201),
        (371, (True, "grace"), 201),
        (373, (False, "expired"), 409),
    ],
)
def test_a_subscription_is_valid_then_in_grace_then_over(
    product: Callable, days: int, judged: tuple[bool, str], activated: int
) -> None:
    _, laptop = product()
    with clock.at(START):
        laptop.activate()
    with clock.at(START + timedelta(days=days)):
        assert laptop.validate() == judged
        assert laptop.activate().status_code == activated


def test_a_trial_has_no_grace_and_a_licence_without_an_end_none_either(product: Callable) -> None:
    _, trial = product(policy="trial-month")
    _, vault = product("password-vault", "perpetual")
    with clock.at(START):
        trial.activate()
        unending = vault.activate().json
    with clock.at(START + timedelta(days=30)):
        assert trial.validate() == (False, "expired")
    with clock.at(START + timedelta(days=3000)):
        assert vault.validate() == (True, "valid")
    assert (unending["expires_at"], unending["grace_until"]) == (None, None)


def test_every_outcome_has_a_code_word(product: Callable) -> None:
    license_id, laptop = product()
    _, other = product("password-vault", "perpetual")

    assert laptop.validate() == (False, "not_activated")
    assert laptop.validate(license="23456-78923-45678-92345-67892") == (False, "unknown_license")
    assert laptop.validate(license="x") == (False, "unknown_license")
    assert laptop.validate(license=other.code) == (False, "wrong_product")
    change(license_id, voided_at=clock.now())
    assert laptop.validate() == (False, "void")
    assert refused(laptop.activate()) == (409, "license_void")


def test_a_licence_of_one_product_is_never_good_for_another(product: Callable) -> None:
    license_id, mine = product()
    activation = mine.activate().json

    for meant in ({"license": mine.code}, {"license": None, "activation": activation["id"]}):
        assert mine.validate(product="password-vault", **meant) == (False, "wrong_product")
    assert mine.validate(license=activation["license_file"], product="password-vault") == (False, "wrong_product")
    assert refused(mine.activate(product="password-vault")) == (409, "wrong_product")
    assert refused(mine.release(product="password-vault")) == (409, "wrong_product")
    assert len(activations(license_id)) == 1


def test_a_device_may_say_which_licence_it_means_by_code_by_activation_or_by_its_file(product: Callable) -> None:
    _, laptop = product()
    told = laptop.activate().json

    for way in ("code", "file", "activation"):
        meant = {
            "code": {"license": laptop.code.lower().replace("-", " ")},
            "file": {"license": told["license_file"]},
            "activation": {"license": None, "activation": told["id"]},
        }[way]
        assert laptop.validate(**meant) == (True, "valid")
        assert laptop.on("phone").validate(**meant) == (False, "no_seat")
        assert laptop.release(**meant).status_code == 204
        assert laptop.validate(**meant) == (False, "not_activated")
        assert laptop.activate().status_code == 201
        told = laptop.activate().json


def test_another_device_cannot_release_one_by_its_number(product: Callable) -> None:
    license_id, laptop = product()
    told = laptop.activate().json

    answer = laptop.on("phone").release(license=None, activation=told["id"])

    assert refused(answer) == (404, "unknown_license")
    assert activations(license_id)[0].released_at is None


def test_exactly_one_of_licence_and_activation_is_named(product: Callable) -> None:
    _, laptop = product()

    for body in ({"license": None}, {"activation": "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d"}):
        assert refused(laptop.send("validations", **body)) == (422, "invalid_input")


def test_devices_change_only_so_often_in_a_day(product: Callable) -> None:
    _, laptop = product()
    with clock.at(START):
        for number in range(13):
            assert laptop.on(f"pc{number}").activate().status_code == 201
            laptop.on(f"pc{number}").activate()
            laptop.on(f"pc{number}").release()
        refusal = laptop.on("one more").activate()
    with clock.at(START + timedelta(days=1)):
        tomorrow = laptop.on("one more").activate()

    assert refused(refusal) == (429, "too_many_activations")
    assert int(refusal.headers["Retry-After"]) > 0
    assert tomorrow.status_code == 201


def test_wrong_codes_of_a_network_are_counted_and_right_ones_never(product: Callable) -> None:
    _, laptop = product()
    laptop.activate()
    with clock.at(START):
        answers = [laptop.send("validations", license="23456-78923-45678-92345-67892") for _ in range(121)]
        for _ in range(3):
            assert laptop.validate() == (True, "valid")

    assert {answer.status_code for answer in answers[:120]} == {200}
    assert refused(answers[120]) == (429, "too_many_license_codes")


def test_an_activation_is_found_after_the_keys_changed_and_moves_to_the_newest(product: Callable, app: App) -> None:
    license_id, laptop = product()
    told = laptop.activate().json
    before = activations(license_id)[0].device_hash
    running = system.current()
    ring = Keyring("test2:" + KEY.split(":")[1].replace("Q", "R") + "," + KEY)
    system.use(dataclasses.replace(running, keys=ring))

    assert laptop.validate() == (True, "valid")
    assert laptop.validate(license=None, activation=told["id"]) == (True, "valid")
    assert laptop.validate(license=told["license_file"]) == (True, "valid")
    assert laptop.activate().json["id"] == told["id"]
    assert activations(license_id)[0].device_hash.startswith("test2.")
    assert before.startswith("test1.")


def test_a_device_is_kept_as_a_hash_and_its_name_only_where_a_person_holds_the_licence(
    product: Callable, people: People
) -> None:
    nobodys, one = product()
    anns, two = product()
    holder(people, anns)
    for laptop in (one, two):
        laptop.activate(device="serial-4711", device_name="Ann's laptop")

    assert [row.device_name for row in (*activations(nobodys), *activations(anns))] == [None, "Ann's laptop"]
    assert "4711" not in activations(anns)[0].device_hash


def test_every_answer_has_every_field_whatever_is_judged(people: People) -> None:
    laptop = Product(people.stranger, issued()[1])
    fields = {"valid", "code", "activation_id", "expires_at", "grace_until", "trusted_until", "license_file"}

    unused = laptop.send("validations").json
    laptop.activate()

    assert set(laptop.send("validations").json) == set(unused) == fields
    assert [name for name, value in unused.items() if value is not None] == ["valid", "code"]
