"""Passwords: the work is bounded, alike for everybody, and never done inside a transaction."""

import threading
import time
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import update

from suite.accounts.models import Account
from suite.kernel import db, passwords, system
from suite.kernel.errors import Busy
from suite.kernel.passwords import HashPool
from suite.kernel.secrets import Keyring
from suite.privacy import declared
from suite.settings import new_key
from tests.conftest import DECIDED_COST
from tests.kernel.conftest import Started
from tests.people import PASSWORD, People

OLD, NEW = new_key(), new_key()


@pytest.fixture(autouse=True)
def _the_decided_cost(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(passwords, "MEMORY_KIB", DECIDED_COST[0])
    monkeypatch.setattr(passwords, "ROUNDS", DECIDED_COST[1])
    passwords._context.cache_clear()
    yield
    passwords._context.cache_clear()


@pytest.fixture
def pool() -> Any:
    made = HashPool(Keyring(OLD), threads=1, queue=1)
    yield made
    made.close()


def test_a_password_fits_its_hash_and_no_other(pool: HashPool) -> None:
    stored = pool.hash("four tall green bottles")

    assert pool.verify("four tall green bottles", stored)
    assert not pool.verify("four tall green bottle", stored)
    assert not pool.verify("", stored)


def test_the_hash_is_argon2id_with_the_decided_cost_and_names_its_pepper(pool: HashPool) -> None:
    stored = pool.hash("four tall green bottles")

    assert stored.startswith(OLD.partition(":")[0] + "$argon2id$v=19$m=19456,t=2,p=1$")
    assert stored != pool.hash("four tall green bottles")
    assert len(stored) <= 255


def test_every_one_of_128_characters_matters(pool: HashPool) -> None:
    longest = "x" * 127
    stored = pool.hash(longest + "a")

    assert pool.verify(longest + "a", stored)
    assert not pool.verify(longest + "b", stored)
    assert not pool.verify(longest, stored)


def test_a_nul_does_not_end_a_password(pool: HashPool) -> None:
    assert not pool.verify("bottles\0green", pool.hash("bottles\0brown"))


def test_no_password_fits_nobody_and_the_work_is_the_same(pool: HashPool, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = pool.hash("four tall green bottles")
    work: list[str] = []
    context = passwords._context()
    hashing, verifying = context.hash, context.verify
    monkeypatch.setattr(context, "hash", lambda *given: work.append("hash") or hashing(*given))
    monkeypatch.setattr(context, "verify", lambda *given: work.append("verify") or verifying(*given))

    answers = [pool.verify(word, one) for one in (None, stored) for word in ("wrong", "nobody's password")]

    assert answers == [False] * 4
    assert work == ["verify"] * 4


def test_an_unknown_and_a_known_address_take_the_same_time(pool: HashPool) -> None:
    stored = pool.hash("four tall green bottles")

    def best(one: str | None) -> float:
        times = []
        for _ in range(7):
            begun = time.perf_counter()
            pool.verify("wrong", one)
            times.append(time.perf_counter() - begun)
        return min(times)

    fresh = HashPool(Keyring(OLD), threads=1, queue=1)
    first_ever = time.perf_counter()
    fresh.verify("wrong", None)
    first_ever = time.perf_counter() - first_ever
    fresh.close()

    assert 0.5 < best(None) / best(stored) < 2
    assert first_ever < 20 * best(stored)


def test_a_full_pool_says_when_to_come_again(pool: HashPool, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    monkeypatch.setattr(pool, "_hash", lambda _password: (gate.wait(10), "done")[1])
    results: list[str] = []
    threads = [threading.Thread(target=lambda: results.append(pool.hash("x"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    while pool.computed < 2:
        time.sleep(0.001)

    with pytest.raises(Busy) as refused:
        pool.hash("x")
    gate.set()
    for thread in threads:
        thread.join()

    assert (refused.value.status, refused.value.headers["Retry-After"]) == (503, "2")
    assert results == ["done", "done"]
    assert pool.hash("x") == "done"


def test_a_full_pool_is_a_503_to_the_caller_and_stops_nothing_else(app: Any, people: People) -> None:
    member = people.member()
    hashes = system.current().hashes
    taken = 0
    while hashes._room.acquire(blocking=False):
        taken += 1
    try:
        refused = people.stranger.post("/api/v1/sessions", json={"email": "ann@example.org", "password": PASSWORD})
        others = member.get("/api/v1/me")
    finally:
        hashes._room.release(taken)

    assert (refused.status_code, refused.json["code"]) == (503, "busy")
    assert int(refused.headers["Retry-After"]) >= 1
    assert others.status_code == 200
    assert people.sign_in()


def test_a_failed_hash_gives_its_place_back(pool: HashPool) -> None:
    for _ in range(5):
        with pytest.raises(ValueError):
            pool.verify("x", "k1$nonsense")

    assert pool.hash("still here")


def test_a_password_is_never_hashed_inside_a_transaction(app: object) -> None:
    hashes = system.current().hashes

    with db.transaction() as session:
        session.execute(update(Account).values(language="en"))
        with pytest.raises(RuntimeError, match=r"db.settle\(\)"):
            hashes.hash("four tall green bottles")
        with pytest.raises(RuntimeError, match=r"db.settle\(\)"):
            hashes.verify("four tall green bottles", None)
        db.settle()
        assert hashes.hash("four tall green bottles")


# --- other peppers, other parameters


def test_after_a_rotation_old_hashes_fit_and_are_outdated() -> None:
    old, both, new = (HashPool(Keyring(text), 1, 1) for text in (OLD, f"{NEW},{OLD}", NEW))
    stored = old.hash("four tall green bottles")

    assert both.verify("four tall green bottles", stored)
    assert both.outdated(stored)
    assert not both.outdated(both.hash("four tall green bottles"))
    assert not new.verify("four tall green bottles", stored)
    for one in (old, both, new):
        one.close()


def test_a_hash_with_other_parameters_is_outdated(pool: HashPool) -> None:
    stored = pool.hash("four tall green bottles")

    assert not pool.outdated(stored)
    assert pool.outdated(stored.replace("t=2", "t=1"))
    assert pool.outdated(stored.replace("m=19456", "m=9728"))


def stored_hash(change: str | None = None) -> str:
    with db.transaction() as session:
        if change is not None:
            session.execute(update(Account).values(password_hash=change))
        return session.query(Account).one().password_hash


def test_a_sign_in_makes_an_outdated_hash_new(people: People, app: object) -> None:
    people.account()
    first = stored_hash()
    people.sign_in()
    untouched = stored_hash()
    weaker = passwords._context().using(argon2__time_cost=1)
    key_id = first.partition("$")[0]
    pepper = system.current().keys.pepper(PASSWORD, key_id)
    stored_hash(key_id + weaker.hash(pepper))

    people.sign_in()

    assert untouched == first
    assert "t=2" in stored_hash()


def test_a_sign_in_after_a_rotation_moves_the_hash_to_the_new_pepper(people: People, started: Started) -> None:
    from tests.conftest import KEY

    people.account()
    old = stored_hash()
    client = started(SUITE_SECRET_KEYS=f"{NEW},{KEY}").test_client()

    answer = client.post("/api/v1/sessions", json={"email": "ann@example.org", "password": PASSWORD})

    assert answer.status_code == 201
    assert old.startswith("test1$")
    assert stored_hash().startswith(NEW.partition(":")[0] + "$")


# --- which passwords are taken


@pytest.mark.parametrize("password", ["short", "1234567", "p4ssw0r", "\u0308" * 7])
def test_seven_characters_are_too_few(people: People, password: str) -> None:
    answer = people.register(password=password)

    assert (answer.status_code, answer.json["code"], answer.json["least"]) == (422, "password_too_short", 8)


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "PASSWORD",
        "password1",
        "Password123!",
        "12345678",
        "aaaaaaaa",
        "abababab",
        "qwertyuiop",
        "ann@example.org",
        "Ann@Example.org1",
    ],
)
def test_passwords_an_attacker_tries_first_are_refused(people: People, password: str) -> None:
    answer = people.register(password=password)

    assert (answer.status_code, answer.json["code"]) == (422, "password_too_common")


@pytest.mark.parametrize("ending", ["", "2026", "!"])
def test_the_name_of_the_service_is_refused(people: People, ending: str) -> None:
    title = declared().services["my-account"].title

    answer = people.register(password=title + ending)

    assert (answer.status_code, answer.json["code"]) == (422, "password_too_common")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse",
        "üüüöööäää!",
        "x9$kLm2p",
        "日本語のパスワード",
        "👍🎉🚀🌍🍕🎸📚🔑",
        " leading and trailing ",
        "a" * 60 + "bc" * 34,
    ],
)
def test_no_kinds_of_characters_are_asked_for(people: People, password: str) -> None:
    assert people.register(password=password).status_code == 202


def test_129_characters_are_refused_and_never_cut(people: People) -> None:
    longest = "x9$k" * 32
    refused = people.register(password=longest + "x")
    people.account(password=longest)

    shorter = people.stranger.post("/api/v1/sessions", json={"email": "ann@example.org", "password": longest[:-1]})

    assert (refused.status_code, refused.json["code"]) == (422, "invalid_input")
    assert shorter.status_code == 401
    assert people.sign_in(password=longest)


def test_a_password_is_the_same_from_every_keyboard(people: People) -> None:
    composed, decomposed, wide = (
        "Überfluß an Käse",
        unicodedata.normalize("NFD", "Überfluß an Käse"),
        "ｂｏｔｔｌｅｓ ４",
    )
    people.account(password=decomposed)
    people.account("bob@example.org", password=wide)

    assert people.sign_in(password=composed)
    assert people.sign_in("bob@example.org", unicodedata.normalize("NFKC", wide))


def test_blanks_and_case_belong_to_a_password(people: People) -> None:
    people.account(password=" Leading blank ")

    for wrong in ("Leading blank", " leading blank "):
        answer = people.stranger.post("/api/v1/sessions", json={"email": "ann@example.org", "password": wrong})
        assert answer.status_code == 401
