"""Second factors: phones, authenticator apps and recovery codes, at the sign-in and before sensitive acts."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from suite.factors.models import Challenge, Factor, RecoveryCode, TextDecision
from suite.kernel import clock, db
from tests.people import PHONE, Outbox, People

ANSWER = "/api/v1/sessions/challenge"
FACTORS = "/api/v1/me/factors"


def answer(people: People, challenge: dict[str, Any], method: str, code: str) -> Any:
    return people.stranger.post(ANSWER, json={"challenge": challenge["challenge"], "method": method, "code": code})


@pytest.mark.policy("MYK-22", "BUS-16", "SCC-15")
def test_a_phone_counts_when_its_code_was_typed_and_gets_a_code_at_the_next_sign_in(
    people: People, outbox: Outbox
) -> None:
    member = people.member()
    factor = people.with_phone(member)

    challenge = people.challenged()
    with clock.at(clock.now() + timedelta(seconds=61)):
        sent = people.stranger.post(
            "/api/v1/challenges/code", json={"challenge": challenge["challenge"], "factor": factor}
        )
        entered = answer(people, challenge, "sms", outbox.texted())

    assert challenge["methods"] == ["sms", "recovery_code"]
    assert challenge["factors"] == [{"id": factor, "kind": "sms", "name": "my phone", "hint": "•• 78"}]
    assert sent.status_code == 202
    assert entered.status_code == 201
    assert entered.json["token"]


def test_a_challenge_opens_nothing(people: People) -> None:
    people.with_app(people.member())
    token = people.challenged()["challenge"]

    got = people.stranger.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})

    assert (got.status_code, got.json["code"]) == (401, "sign_in_needed")


def test_an_app_signs_in_and_its_code_works_once(people: People) -> None:
    app = people.with_app(people.member())
    code = app.at(clock.now())

    first = answer(people, people.challenged(), "totp", code)
    again = answer(people, people.challenged(), "totp", code)

    assert first.status_code == 201
    assert (again.status_code, again.json["code"], again.json["left"]) == (422, "wrong_code", 4)


def test_a_code_of_the_step_before_still_works_and_an_older_one_does_not(people: People) -> None:
    app = people.with_app(people.member())

    with clock.at(clock.now() + timedelta(minutes=2)):
        older = answer(people, people.challenged(), "totp", app.at(clock.now(), counter_offset=-2))
        before = answer(people, people.challenged(), "totp", app.at(clock.now(), counter_offset=-1))

    assert (older.status_code, before.status_code) == (422, 201)


def test_each_recovery_code_works_once_in_any_writing(people: People) -> None:
    member = people.member()
    people.with_app(member)
    code = member.recovery_codes[3]

    first = answer(people, people.challenged(), "recovery_code", code.lower().replace("-", " "))
    again = answer(people, people.challenged(), "recovery_code", code)

    assert len(set(member.recovery_codes)) == 10
    assert (first.status_code, again.status_code) == (201, 422)
    assert member.get(FACTORS).json["recovery_codes_left"] == 9


def test_new_recovery_codes_end_the_older_ones(people: People) -> None:
    member = people.member()
    people.with_app(member)

    fresh = member.post(f"{FACTORS}/recovery-codes").json["recovery_codes"]

    assert answer(people, people.challenged(), "recovery_code", member.recovery_codes[0]).status_code == 422
    assert answer(people, people.challenged(), "recovery_code", fresh[0]).status_code == 201


def test_five_wrong_codes_use_a_challenge_up_and_the_owner_hears_of_it(people: People, outbox: Outbox) -> None:
    app = people.with_app(people.member())
    challenge = people.challenged()

    codes = [answer(people, challenge, "totp", "000000").json["code"] for _ in range(6)]
    right = answer(people, challenge, "totp", app.at(clock.now()))

    assert codes == ["wrong_code"] * 5 + ["challenge_used_up"]
    assert right.json["code"] == "challenge_used_up"
    assert outbox.last("second_factor_guessed").recipient == "ann@example.org"


def test_ten_wrong_codes_an_hour_are_enough_over_all_challenges_and_factors(people: People) -> None:
    member = people.member()
    people.with_app(member)

    codes = []
    for _ in range(3):
        challenge = people.challenged()
        codes += [answer(people, challenge, "recovery_code", "AAAA-AAAA-AAAA-AAAA").json["code"] for _ in range(4)]

    assert codes == ["wrong_code"] * 10 + ["too_many_wrong_codes"] * 2


def test_a_known_device_gets_in_while_strangers_guess(people: People) -> None:
    member = people.member()
    app = people.with_app(member)
    for _ in range(3):
        challenge = people.challenged()
        for _ in range(4):
            answer(people, challenge, "totp", "000000")

    stranger = answer(people, people.challenged(), "totp", app.at(clock.now()))
    known = people.challenged(device_token=member.device_token)
    owner = answer(people, known, "totp", app.at(clock.now()))

    assert stranger.json["code"] == "too_many_wrong_codes"
    assert owner.status_code == 201


def test_a_number_is_stored_encrypted_and_no_decision_holds_it(people: People) -> None:
    people.with_phone(people.member())

    with db.transaction(reading=True) as session:
        factor = session.scalars(select(Factor)).one()
        decision = session.scalars(select(TextDecision)).one()

    assert PHONE.encode() not in (factor.phone or b"")
    assert (decision.country, decision.outcome, decision.used_at is not None) == ("DE", "sent", True)
    assert PHONE[:-4] not in decision.prefix


def test_a_sensitive_act_asks_for_the_factor_and_not_for_the_password(people: People) -> None:
    member = people.member()
    app = people.with_app(member)

    with clock.at(clock.now() + timedelta(minutes=6)):
        refused = member.post("/api/v1/me/closure")
        how = member.get("/api/v1/sessions/current/confirmation").json["methods"]
        by_password = member.post("/api/v1/sessions/current/confirmation", json={"password": "four tall green bottles"})
        asked = member.post("/api/v1/sessions/current/challenge").json
        body = {"challenge": asked["challenge"], "method": "totp", "code": app.at(clock.now())}
        confirmed = member.post("/api/v1/sessions/current/challenge/answer", json=body)
        closed = member.post("/api/v1/me/closure")

    assert refused.json["code"] == "sign_in_again"
    assert how == ["totp", "recovery_code"]
    assert by_password.json["code"] == "second_factor_needed"
    assert confirmed.status_code == 204
    assert closed.status_code == 200


def test_a_step_up_challenge_belongs_to_its_session_and_signs_nobody_in(people: People) -> None:
    member = people.member()
    app = people.with_app(member)
    asked = member.post("/api/v1/sessions/current/challenge").json
    entered = answer(people, people.challenged(), "totp", app.at(clock.now()))
    other = {"Authorization": f"Bearer {entered.json['token']}"}

    with clock.at(clock.now() + timedelta(seconds=31)):
        code = app.at(clock.now())
        elsewhere = people.stranger.post(
            "/api/v1/sessions/current/challenge/answer",
            json={"challenge": asked["challenge"], "method": "totp", "code": code},
            headers=other,
        )
        as_sign_in = answer(people, asked, "totp", code)

    assert elsewhere.json["code"] == "challenge_gone"
    assert as_sign_in.json["code"] == "challenge_gone"


def test_removing_the_last_factor_leaves_the_password_alone_and_is_told(people: People, outbox: Outbox) -> None:
    member = people.member()
    factor = people.with_phone(member)

    removed = member.delete(f"{FACTORS}/{factor}")

    assert removed.status_code == 204
    assert people.sign_in().get("/api/v1/me").status_code == 200
    assert outbox.last("factor_removed").text.count("my phone") == 1
    with db.transaction(reading=True) as session:
        assert session.scalars(select(RecoveryCode)).all() == []
        assert session.scalars(select(Challenge).where(Challenge.use != "enrol")).all() == []


@pytest.mark.parametrize(
    "phone", ["+49 30 1234567", "015112345678", "+4915112345678x1", "+491511234567８", "+80012345678", "abcdefgh"]
)
def test_what_is_no_mobile_number_is_refused(people: People, phone: str) -> None:
    refused = people.member().post(f"{FACTORS}/phones", json={"phone": phone, "name": "my phone"})

    assert (refused.status_code, refused.json["code"]) == (422, "phone_not_usable")


def test_an_authenticator_app_comes_with_address_and_pictures(people: People) -> None:
    added = people.member().post(f"{FACTORS}/apps", json={"name": "authenticator"}).json

    assert added["uri"].startswith("otpauth://totp/Accounts:ann%40example.org?secret=" + added["secret"])
    assert added["qr_svg"].startswith("data:image/svg+xml")
    assert added["qr_png"].startswith("data:image/png;base64,")
    assert added["factor"]["confirmed"] is False
