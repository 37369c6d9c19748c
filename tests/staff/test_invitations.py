"""Accepting an invitation: a password of one's own, an authenticator app, its first code, recovery codes."""

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import func, select

from suite.factors.models import Factor, RecoveryCode
from suite.kernel import clock, db
from suite.privacy import sweeps
from suite.staff import Role
from suite.staff.models import StaffInvitation, StaffMember
from tests.people import PASSWORD, Outbox, People

PATH = "/api/v1/staff/invitations"


def accept(people: People, token: str, password: str = PASSWORD, **options: Any) -> Any:
    return people.stranger.post(f"{PATH}/acceptance", json={"token": token, "password": password}, **options)


def confirm(people: People, token: str, code: str) -> Any:
    return people.stranger.post(f"{PATH}/confirmation", json={"token": token, "code": code})


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def present(added: Any) -> str:
    return pyotp.TOTP(added.json["secret"]).at(clock.now())


def test_an_invited_person_chooses_a_password_adds_an_app_and_gets_recovery_codes(people: People) -> None:
    _, token = people.invite("ada@example.org", Role.OPERATOR)

    added = accept(people, token)
    confirmed = confirm(people, token, present(added))

    assert added.status_code == 200
    assert added.json["uri"].startswith("otpauth://totp/Accounts:ada%40example.org?secret=" + added.json["secret"])
    assert added.json["qr_svg"].startswith("data:image/svg+xml")
    assert added.json["factor"]["confirmed"] is False
    assert confirmed.status_code == 200
    assert len(set(confirmed.json["recovery_codes"])) == 10


def test_the_invitation_is_mailed_in_plain_words_and_holds_no_password(people: People, outbox: Outbox) -> None:
    _, token = people.invite("ada@example.org")

    letter = outbox.last("staff_invitation")

    assert letter.recipient == "ada@example.org"
    assert outbox.invitation_token() == token
    assert letter.subject == "Your access to the internal tools of Accounts"
    assert "72 hours" in letter.text


def test_before_the_first_code_nothing_can_be_signed_in_with(people: People) -> None:
    _, token = people.invite("ada@example.org")
    accept(people, token)

    answer = people.stranger.post("/api/v1/staff/sessions", json={"email": "ada@example.org", "password": PASSWORD})

    assert refused(answer) == (401, "wrong_credentials")


def test_an_invitation_works_once(people: People) -> None:
    _, token = people.invite("ada@example.org")
    people.accept(token)

    assert refused(accept(people, token)) == (404, "invitation_gone")
    assert refused(confirm(people, token, "123456")) == (404, "invitation_gone")


@pytest.mark.parametrize("token", ["A" * 43, "staff_" + "A" * 43, "é" * 30])
def test_a_token_nobody_was_given_opens_nothing(people: People, token: str) -> None:
    assert refused(accept(people, token)) == (404, "invitation_gone")
    assert refused(confirm(people, token, "123456")) == (404, "invitation_gone")


def test_an_invitation_lives_seventy_two_hours(people: People) -> None:
    _, token = people.invite("ada@example.org")
    start = clock.now()

    with clock.at(start + timedelta(hours=71, minutes=59)):
        in_time = accept(people, token)
    with clock.at(start + timedelta(hours=72, seconds=1)):
        late = [refused(accept(people, token)), refused(confirm(people, token, present(in_time)))]
        sweeps.sweep()

    assert in_time.status_code == 200
    assert late == [(404, "invitation_gone")] * 2
    with db.transaction(reading=True) as session:
        assert session.scalar(select(func.count()).select_from(StaffInvitation)) == 0
        assert session.scalar(select(StaffMember.password_hash)) is None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("password", "password_too_common"),
        ("ada@example.org", "password_too_common"),
        ("example", "password_too_short"),
    ],
)
def test_the_rules_of_passwords_hold_for_staff(people: People, password: str, code: str) -> None:
    _, token = people.invite("ada@example.org")

    assert refused(accept(people, token, password)) == (422, code)
    assert accept(people, token).status_code == 200


def test_a_wrong_code_spends_one_of_five_tries_and_accepting_again_gives_new_ones(people: People) -> None:
    _, token = people.invite("ada@example.org")
    first = accept(people, token)

    tries = [refused(confirm(people, token, "000000")) for _ in range(6)]
    used_up = confirm(people, token, present(first))
    second = accept(people, token)
    confirmed = confirm(people, token, present(second))

    assert tries == [(422, "wrong_code")] * 5 + [(409, "challenge_used_up")]
    assert refused(used_up) == (409, "challenge_used_up")
    assert second.json["secret"] != first.json["secret"]
    assert confirmed.status_code == 200


def test_wrong_codes_are_counted_over_all_acceptances(people: People) -> None:
    _, token = people.invite("ada@example.org")
    codes = []
    for _ in range(3):
        accept(people, token)
        codes += [confirm(people, token, "000000").json["code"] for _ in range(4)]

    assert codes == ["wrong_code"] * 10 + ["too_many_wrong_codes"] * 2


def test_accepting_again_replaces_password_and_app(people: People) -> None:
    _, token = people.invite("ada@example.org")
    first = accept(people, token, "five small red bottles")
    second = accept(people, token)

    old = confirm(people, token, present(first))
    new = confirm(people, token, present(second))
    sign_in = {"email": "ada@example.org", "password": "five small red bottles"}

    assert refused(old) == (422, "wrong_code")
    assert new.status_code == 200
    assert refused(people.stranger.post("/api/v1/staff/sessions", json=sign_in)) == (401, "wrong_credentials")
    assert people.staff_challenge()["methods"] == ["totp", "recovery_code"]
    with db.transaction(reading=True) as session:
        assert session.scalar(select(func.count()).select_from(Factor)) == 1
        assert session.scalar(select(func.count()).select_from(RecoveryCode)) == 10


def test_an_acceptance_can_be_tried_twenty_times_an_hour(people: People) -> None:
    _, token = people.invite("ada@example.org")

    answers = [accept(people, token) for _ in range(21)]

    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert answers[-1].json["code"] == "too_many_attempts"


def test_confirming_before_a_password_was_chosen_is_refused(people: People) -> None:
    _, token = people.invite("ada@example.org")

    assert refused(confirm(people, token, "123456")) == (404, "invitation_gone")


def test_a_new_invitation_ends_the_one_before_and_its_unsent_letter(people: People, outbox: Outbox) -> None:
    admin = people.staff(Role.ADMINISTRATOR, email="root@example.org")
    member_id, old = people.invite("ada@example.org")
    accept(people, old)

    again = admin.post(f"/api/v1/staff/members/{member_id}/invitation")
    new = outbox.invitation_token()

    assert again.status_code == 200
    assert refused(accept(people, old)) == (404, "invitation_gone")
    assert refused(confirm(people, old, "123456")) == (404, "invitation_gone")
    assert [letter.letter for letter in outbox.sent if letter.recipient == "ada@example.org"] == ["staff_invitation"]
    assert people.accept(new).recovery_codes


def test_a_disabled_member_cannot_accept(people: People) -> None:
    admin = people.staff(Role.ADMINISTRATOR, email="root@example.org")
    member_id, token = people.invite("ada@example.org")
    accept(people, token)

    admin.post(f"/api/v1/staff/members/{member_id}/disable")

    assert refused(accept(people, token)) == (404, "invitation_gone")
    assert refused(confirm(people, token, "123456")) == (404, "invitation_gone")


def test_letters_follow_the_language_in_which_the_invitation_was_accepted(people: People, outbox: Outbox) -> None:
    _, token = people.invite("ada@example.org")
    added = accept(people, token, headers={"Accept-Language": "de"})
    app = pyotp.TOTP(added.json["secret"])
    with clock.at(clock.now()):
        confirm(people, token, app.at(clock.now(), counter_offset=-1))

    asked = people.staff_challenge()
    body = {"challenge": asked["challenge"], "method": "totp", "code": app.at(clock.now())}
    people.stranger.post("/api/v1/staff/sessions/challenge", json=body)

    assert outbox.last("staff_new_device").subject == "Neue Anmeldung bei den internen Werkzeugen"
