"""Activation codes: mistakes are found before anything is looked up, and a code outlives the key it is hashed with."""

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, text

from suite.kernel import db, sealed, system
from suite.kernel.http import App
from suite.kernel.secrets import Keyring
from suite.licenses import codes
from suite.licenses.models import License
from suite.settings import new_key
from tests.conftest import KEY
from tests.licenses.making import issued, several
from tests.licenses.test_listing import explained
from tests.licenses.using import Product
from tests.people import People

SAMPLE = [codes.new_code() for _ in range(60)]
NEW = "fresh:" + new_key().partition(":")[2]


def test_a_code_has_120_random_bits_and_no_letter_that_is_taken_for_another() -> None:
    assert math.log2(len(codes.ALPHABET)) * (codes.LENGTH - 1) >= 120
    assert not set(codes.ALPHABET) & set("01OIl")


def test_every_letter_of_a_code_is_random() -> None:
    places = zip(*(codes.new_code() for _ in range(2000)), strict=True)

    assert all(len(set(letters)) == len(codes.ALPHABET) for letters in places)


def test_no_right_code_is_called_mistyped() -> None:
    assert not any(codes.mistyped(codes.new_code()) for _ in range(1000))


def test_every_single_wrong_character_is_found() -> None:
    wrong = [
        code[:place] + letter + code[place + 1 :]
        for code in SAMPLE
        for place in range(codes.LENGTH)
        for letter in codes.ALPHABET
        if letter != code[place]
    ]

    assert len(wrong) == len(SAMPLE) * codes.LENGTH * (len(codes.ALPHABET) - 1)
    assert all(map(codes.mistyped, wrong))


def test_nearly_every_exchange_of_neighbours_is_found() -> None:
    exchanged = [
        code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        for code in [*SAMPLE, *(codes.new_code() for _ in range(2000))]
        for place in range(codes.LENGTH - 1)
        if code[place] != code[place + 1]
    ]

    assert sum(map(codes.mistyped, exchanged)) / len(exchanged) >= 0.99


@pytest.mark.parametrize(
    "change", [str.lower, str.upper, lambda text: text.replace("-", " "), lambda text: f" {text}\n"]
)
def test_a_code_is_read_in_lower_case_with_blanks_and_dashes(change: Any) -> None:
    assert all(codes.normal(change(codes.written(code))) == code for code in SAMPLE)


@pytest.mark.parametrize(
    "text",
    ["", "-", SAMPLE[0][:-1], SAMPLE[0] + "A", "0" + SAMPLE[0][1:], "Ä" + SAMPLE[0][1:], "ß" * 25, "\u2163" * 25],
    ids=["nothing", "a dash", "short", "long", "a zero", "an umlaut", "grows as a capital", "a Roman number"],
)
def test_what_can_be_no_code_is_none(text: str) -> None:
    assert codes.normal(text) == ""


# --- keys


@pytest.fixture
def rotated(app: App) -> Iterator[None]:
    """Issue under the old key first: what follows runs with a new one in front."""
    yield
    system.use(app.extensions["suite_system"])


def with_keys(keys: str) -> None:
    system.use(dataclasses.replace(system.current(), keys=Keyring(keys)))


def hash_of_the_licence() -> str:
    with db.transaction(reading=True) as session:
        return session.scalars(select(License.code_hash)).one()


@pytest.mark.usefixtures("rotated")
def test_a_code_issued_under_an_older_key_works_and_is_hashed_with_the_newest_when_it_is_used(people: People) -> None:
    member, other = people.member(), people.member("bob@example.org")
    key, code = issued()
    before = hash_of_the_licence()
    with_keys(f"{NEW},{KEY}")

    added = member.post("/api/v1/me/licenses", json={"service": "my-account", "code": code})

    assert (added.status_code, added.json["id"]) == (201, str(key))
    assert before.startswith("test1.")
    assert hash_of_the_licence().startswith("fresh.")
    with_keys(NEW)
    removed = member.delete(f"/api/v1/me/licenses/{key}")
    again = other.post("/api/v1/me/licenses", json={"service": "my-account", "code": code})
    assert (removed.status_code, again.status_code) == (204, 201)


@pytest.mark.usefixtures("rotated")
def test_codes_nobody_used_need_the_key_they_were_issued_under(people: People) -> None:
    member = people.member()
    _, code = issued()
    with_keys(f"{NEW},{KEY}")
    needed = {place.name: (place.use, count) for place, count in sealed.needing("test1").items()}

    with_keys(NEW)
    refused = member.post("/api/v1/me/licenses", json={"service": "my-account", "code": code})

    assert needed["licenses.code_hash"] == (sealed.Use.CODE, 1)
    assert refused.json["code"] == "license_not_accepted"


@pytest.mark.usefixtures("rotated")
def test_a_licence_that_products_alone_use_moves_to_the_newest_key_too(people: People) -> None:
    laptop = Product(people.stranger, issued()[1])
    with_keys(f"{NEW},{KEY}")
    asked = laptop.validate()
    before = hash_of_the_licence()

    activated = laptop.activate()

    assert (asked, activated.status_code) == ((False, "not_activated"), 201)
    assert (before.partition(".")[0], hash_of_the_licence().partition(".")[0]) == ("test1", "fresh")
    assert not any(place.name == "licenses.code_hash" for place in sealed.needing("test1"))
    with_keys(NEW)
    assert laptop.on("another").validate() == (False, "no_seat")


@pytest.mark.usefixtures("rotated")
def test_codes_whose_key_is_not_there_are_counted(app: App) -> None:
    several(3)
    keys = [
        KEY,
        f"{NEW},{KEY}",
        NEW,
        "a:" + NEW.partition(":")[2],
        "zz:" + NEW.partition(":")[2],
        ",".join(f"{name}:{NEW.partition(':')[2]}" for name in ("test", "test11", "tesu")),
    ]

    missing = [
        {place.name: count for place, count in sealed.homeless(Keyring(ring)).items()}.get("licenses.code_hash", 0)
        for ring in keys
    ]

    assert missing == [0, 0, 3, 3, 3, 3]
    assert (sealed.needed("test1"), sealed.needed("test"), sealed.needed("zz")) == (True, False, False)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: sealed.needing("fresh"),
        lambda: sealed.needed("fresh"),
        lambda: sealed.homeless(system.current().keys),
    ],
    ids=["counting", "asking whether", "looking for missing keys"],
)
def test_what_keys_millions_of_codes_need_is_read_from_an_index(app: App, ask: Any) -> None:
    several(2000)
    with db.transaction() as session:
        session.execute(text("ANALYZE licenses"))

    with explained() as plans:
        ask()

    assert plans
    assert not any("Seq Scan on licenses" in plan or plan == "SCAN licenses" for plan in plans), plans
