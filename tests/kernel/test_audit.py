"""The audit trail: with the act or not at all, without personal data, and every change to it is seen."""

import json
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update

from suite.kernel import audit, clock, db
from suite.kernel.errors import NotFound, TooManyAttempts
from suite.kernel.ids import new_id
from suite.kernel.models import AuditEntry
from suite.privacy import sweeps
from tests.people import PASSWORD, Outbox, People


def entries() -> list[AuditEntry]:
    with db.transaction(reading=True) as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def actions() -> list[str]:
    return [entry.action for entry in entries()]


def written(number: int) -> None:
    """Write entries and seal them, in two goes."""
    for half in (number // 2, number - number // 2):
        with db.transaction():
            for at in range(half):
                audit.write(f"test.{at % 5}", subject=at, count=at, word="ü")
        with db.transaction():
            audit.seal()


def broken() -> list[int]:
    with db.transaction(reading=True):
        return list(audit.broken_links())


# --- with the act


def test_an_entry_stands_and_falls_with_its_transaction(app: object) -> None:
    with db.transaction():
        audit.write("test.kept")
    with pytest.raises(NotFound), db.transaction():
        audit.write("test.lost")
        raise NotFound
    with pytest.raises(TooManyAttempts), db.transaction():
        audit.write("test.counted")
        raise TooManyAttempts(1)

    assert actions() == ["test.kept", "test.counted"]


def test_an_act_that_cannot_be_recorded_does_not_happen(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    member = people.member()
    monkeypatch.setattr(audit, "_WRITE", text("INSERT INTO a_trail_that_is_not_there VALUES (:id)"))

    refused = member.delete(f"/api/v1/sessions/{member.session_id}")
    monkeypatch.undo()

    assert refused.status_code == 500
    assert member.get("/api/v1/me").status_code == 200


def test_an_entry_says_who_did_what_to_whom_in_which_request(people: People) -> None:
    member = people.member()
    account = member.get("/api/v1/me").json["id"]
    member.delete("/api/v1/sessions/current", headers={"X-Request-ID": "request-7"})

    entry = entries()[-1]
    key = audit.subject_key(account)
    assert (entry.action, entry.actor_kind, entry.request) == ("session.ended", "account", "request-7")
    assert (entry.actor, entry.subject) == (key, key)


def test_a_sign_in_with_an_old_credential_at_hand_still_works_and_is_recorded(people: People) -> None:
    people.account()
    body = {"email": "ann@example.org", "password": PASSWORD, "client": "browser"}
    browser = people.browser
    browser.post("/api/v1/sessions", json=body)

    again = browser.post("/api/v1/sessions", json=body)
    stale = people.stranger.post("/api/v1/sessions", json=body, headers={"Authorization": "Bearer gone"})

    assert (again.status_code, stale.status_code) == (201, 201)
    assert [entry.actor_kind for entry in entries()[-2:]] == ["nobody", "nobody"]


# --- without personal data


def test_no_story_writes_personal_data_into_the_trail(people: People, outbox: Outbox) -> None:
    canary = "qx7canaryqx7"
    profile = {"user_name": canary, "first_name": canary, "last_name": canary}
    account = people.account(f"{canary}@example.org", "motorsport", profile=profile)
    member = people.sign_in(f"{canary}@example.org")
    other = people.sign_in(f"{canary}@example.org")
    member.post("/api/v1/me/services", json={"service": "business-hub", "profile": {"country": "DE"}})
    member.post("/api/v1/me/services", json={"service": "office-365", "profile": {"company_name": canary}})
    member.delete("/api/v1/me/services/office-365")
    member.post("/api/v1/sessions/current/confirmation", json={"password": canary + canary})
    member.delete(f"/api/v1/sessions/{other.session_id}")
    member.delete("/api/v1/sessions")
    member.post("/api/v1/me/closure")
    outbox.deliver()
    with clock.at(clock.now() + timedelta(days=40)):
        sweeps.sweep()

    found = entries()
    assert {entry.action.partition(".")[0] for entry in found} >= {
        "account",
        "service",
        "session",
        "sessions",
        "retention",
    }
    plain = json.dumps(
        [[e.action, e.actor_kind, e.actor, e.subject, e.request, e.facts] for e in found], ensure_ascii=False
    ).lower()
    hidden = [canary, account["id"], account["id"].replace("-", ""), member.session_id, member.token, PASSWORD, "@"]
    assert [one for one in hidden if one in plain] == []


# --- the chain


def test_the_chain_grows_in_order_and_fits(app: object) -> None:
    written(20)

    assert broken() == []
    assert sorted(entry.sequence or 0 for entry in entries()) == list(range(1, 21))
    assert len({entry.seal for entry in entries()}) == 20


def test_sealing_again_changes_nothing(app: object) -> None:
    written(4)
    before = [(entry.sequence, entry.seal) for entry in entries()]
    with db.transaction():
        again = audit.seal()

    assert (again, [(entry.sequence, entry.seal) for entry in entries()]) == (0, before)


def test_sealing_goes_on_in_steps_of_any_size(app: object) -> None:
    with db.transaction():
        for at in range(7):
            audit.write("test", count=at)
    steps = []
    for _ in range(4):
        with db.transaction():
            steps.append(audit.seal(limit=3))

    assert (steps, broken()) == ([3, 3, 1, 0], [])


def test_the_last_seal_is_logged_so_that_a_lost_end_shows_outside(
    app: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(audit.log, "info", lambda event, **facts: told.append({"event": event, **facts}), raising=False)
    written(6)
    with db.transaction() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.sequence > 4))

    assert broken() == []
    assert (told[-1]["event"], told[-1]["sequence"]) == ("audit_sealed", 6)
    assert told[-1]["seal"] not in {entry.seal for entry in entries()}


def test_entries_that_went_with_their_time_do_not_break_the_chain(app: object) -> None:
    written(12)
    with db.transaction() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.sequence <= 5))

    assert broken() == []


Change = Callable[[Any, random.Random, int], None]


def edited(session: Any, chance: random.Random, at: int) -> None:
    values = chance.choice(
        [
            {"action": "test.other"},
            {"actor_kind": "staff"},
            {"actor": "somebody"},
            {"subject": "somebody else"},
            {"subject": None},
            {"request": "another"},
            {"facts": {"count": -1}},
            {"facts": {}},
            {"at": clock.now() - timedelta(days=1)},
            {"seal": "0" * 64},
            {"id": new_id()},
        ]
    )
    session.execute(update(AuditEntry).where(AuditEntry.sequence == at).values(**values))


def deleted(session: Any, _chance: random.Random, at: int) -> None:
    session.execute(delete(AuditEntry).where(AuditEntry.sequence == at))


def swapped(session: Any, chance: random.Random, at: int) -> None:
    other = at + 1 if chance.random() < 0.5 else (at % 10) + 12
    for old, new in ((at, -1), (other, at), (-1, other)):
        session.execute(update(AuditEntry).where(AuditEntry.sequence == old).values(sequence=new))


def swapped_with_their_seals(session: Any, chance: random.Random, at: int) -> None:
    swapped(session, chance, at)
    seals = dict(session.execute(select(AuditEntry.sequence, AuditEntry.seal)).all())
    for old, new in ((at, at + 1), (at + 1, at)):
        session.execute(update(AuditEntry).where(AuditEntry.sequence == old).values(seal=seals[new]))


@pytest.mark.parametrize("first", [1, 4])
def test_two_hundred_random_changes_are_each_noticed(app: object, first: int) -> None:
    chance = random.Random(first)
    written(26)
    with db.transaction() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.sequence < first))
    changes: list[Change] = [edited, edited, deleted, swapped, swapped_with_their_seals]

    unnoticed = []
    for number in range(100):
        change = chance.choice(changes)
        at = chance.randint(first + (change is deleted), 21)
        with db.transaction() as session:
            change(session, chance, at)
            session.flush()
            if not list(audit.broken_links()):
                unnoticed.append((number, change.__name__, at))
            session.rollback()

    assert unnoticed == []
    assert broken() == []
    with db.transaction(reading=True) as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 27 - first
