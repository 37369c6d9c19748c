"""Seeing and ending sessions."""

from tests.people import PASSWORD, People


def test_a_person_sees_where_they_are_signed_in(people: People) -> None:
    people.account()
    phone = people.stranger.post(
        "/api/v1/sessions",
        json={"email": "ann@example.org", "password": PASSWORD},
        headers={"User-Agent": "PhoneApp/2"},
    )
    here = people.sign_in()

    listed = here.get("/api/v1/sessions").json["sessions"]

    assert [one["current"] for one in listed] == [True, False]
    assert listed[1]["id"] == phone.json["session_id"]
    assert listed[1]["user_agent"] == "PhoneApp/2"
    assert all("token" not in one for one in listed)


def test_ending_a_session_works_on_its_next_request(people: People) -> None:
    lost, here = people.member(), people.sign_in()

    ended = here.delete(f"/api/v1/sessions/{lost.session_id}")

    assert ended.status_code == 204
    assert lost.get("/api/v1/me").status_code == 401
    assert here.get("/api/v1/me").status_code == 200


def test_signing_out_everywhere_else_keeps_this_session(people: People) -> None:
    others = [people.member(), people.sign_in(), people.sign_in()]
    here = people.sign_in()

    answer = here.delete("/api/v1/sessions")

    assert answer.json == {"ended": 3}
    assert [one.get("/api/v1/me").status_code for one in others] == [401, 401, 401]
    assert here.get("/api/v1/me").status_code == 200


def test_signing_out_ends_this_session_only(people: People) -> None:
    here, other = people.member(), people.sign_in()

    assert here.delete("/api/v1/sessions/current").status_code == 204
    assert here.get("/api/v1/me").status_code == 401
    assert other.get("/api/v1/me").status_code == 200


def test_a_foreign_session_does_not_exist(people: People) -> None:
    ann = people.member("ann@example.org")
    bob = people.member("bob@example.org")

    foreign = bob.delete(f"/api/v1/sessions/{ann.session_id}")
    unknown = bob.delete("/api/v1/sessions/01a20a05-a783-70b0-a380-7a9d00dca3ef")

    same = ({**answer.json, "request_id": ""} for answer in (foreign, unknown))
    assert foreign.status_code == unknown.status_code == 404
    assert next(same) == next(same)
    assert ann.get("/api/v1/me").status_code == 200
