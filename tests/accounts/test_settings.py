"""Settings: language, preferences, what services were told, consents, the password."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from suite.accounts.models import Account, Membership, Recovery
from suite.accounts.schemas.settings import DATE_FORMATS, THEMES
from suite.declarations import Basis
from suite.kernel import clock, db
from suite.kernel.models import AuditEntry
from suite.privacy import declared, may
from suite.privacy.models import ConsentEntry
from suite.services import SERVICES
from tests.failures.crowd import at_once
from tests.people import PASSWORD, PROFILES, Outbox, People, SignedIn

SETTINGS, SERVICE, CONSENTS = "/api/v1/me/settings", "/api/v1/me/services", "/api/v1/me/consents"
NEW = "five small red kettles"
CROWD = 50


def change(member: SignedIn, path: str, body: dict[str, Any], tag: str | None = None) -> Any:
    """Change what stands at a path, as somebody who just looked at it, or with another ETag."""
    return member.patch(path, json=body, headers={"If-Match": tag or member.get(path).headers["ETag"]})


def facts(action: str) -> list[dict[str, Any]]:
    with db.transaction(reading=True) as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id))
        return [entry.facts for entry in found]


# --- settings


@pytest.mark.parametrize(
    "service",
    [
        pytest.param("my-account", marks=pytest.mark.policy("MYK-23")),
        pytest.param("business-hub", marks=pytest.mark.policy("BUS-18")),
        pytest.param("cloud-console", marks=pytest.mark.policy("SCC-17")),
        pytest.param("office-365", marks=pytest.mark.policy("O365-15")),
    ],
)
def test_an_owner_looks_at_everything_about_the_account_at_any_time(people: People, service: str) -> None:
    member = people.member("ann@example.org", service)

    with clock.at(clock.now() + timedelta(days=3)):
        seen = member.get(SETTINGS)
        told = member.get(f"{SERVICE}/{service}")

    assert seen.status_code == told.status_code == 200
    assert seen.json | {"created_at": "then"} == {
        "email": "ann@example.org",
        "pending_email": None,
        "language": "en",
        "preferences": {},
        "created_at": "then",
        "frozen_until": None,
        "security_question": False,
        "second_factors": 0,
    }
    assert (told.json["service"], told.json["profile"]) == (service, PROFILES[service])


def test_settings_show_confirmed_factors_and_the_address_that_waits(people: People) -> None:
    member = people.member()
    people.with_app(member)
    member.post("/api/v1/me/factors/apps", json={"name": "not confirmed"})

    with clock.at(clock.now()):
        member.post("/api/v1/me/email", json={"email": "new@example.org"})
        waits = member.get(SETTINGS).json["pending_email"]
        start = clock.now()
    with clock.at(start + timedelta(minutes=30)):
        over = member.get(SETTINGS).json["pending_email"]

    assert member.get(SETTINGS).json["second_factors"] == 1
    assert waits["email"] == "new@example.org"
    assert over is None


@pytest.mark.policy("MYK-26", "O365-18")
@pytest.mark.parametrize("service", ["my-account", "office-365"])
def test_preferences_change_one_by_one_and_null_takes_one_back(people: People, service: str) -> None:
    member = people.member("ann@example.org", service)

    first = change(member, SETTINGS, {"preferences": {"theme": "dark", "time_zone": "Europe/Berlin"}})
    second = change(
        member,
        SETTINGS,
        {"language": "de", "preferences": {"theme": None, "reduced_motion": False}},
        first.headers["ETag"],
    )

    assert first.json["preferences"] == {"theme": "dark", "time_zone": "Europe/Berlin"}
    assert second.json["preferences"] == {"time_zone": "Europe/Berlin", "reduced_motion": False}
    assert member.get(SETTINGS).json == second.json
    assert member.get(SETTINGS).headers["ETag"] == second.headers["ETag"] != first.headers["ETag"]
    assert facts("settings.changed")[-1] == {"fields": ["language", "preferences.reduced_motion", "preferences.theme"]}


def test_letters_are_written_in_the_language_of_the_settings(people: People, outbox: Outbox) -> None:
    member = people.member()
    member.post(SERVICE, json={"service": "cloud-console"})
    change(member, SETTINGS, {"language": "ru"})

    member.delete(f"{SERVICE}/cloud-console")

    assert outbox.last("service_left_for_now").subject.startswith("Вы вышли")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("date_format", DATE_FORMATS)
def test_every_preference_on_the_list_is_taken(people: People, theme: str, date_format: str) -> None:
    wanted = {"theme": theme, "date_format": date_format, "time_zone": "UTC", "reduced_motion": True}

    changed = change(people.member(), SETTINGS, {"preferences": wanted})

    assert changed.json["preferences"] == wanted


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"language": "fr"}, "/language"),
        ({"language": None}, "/language"),
        ({"preferences": None}, "/preferences"),
        ({"preferences": {"theme": "pink"}}, "/preferences/theme"),
        ({"preferences": {"theme": 1}}, "/preferences/theme"),
        ({"preferences": {"date_format": "YY"}}, "/preferences/date_format"),
        ({"preferences": {"reduced_motion": "yes"}}, "/preferences/reduced_motion"),
        ({"preferences": {"colour": "red"}}, "/preferences/colour"),
        ({"preferences": {"time_zone": "Europe/Nowhere"}}, "/preferences/time_zone"),
        ({"preferences": {"time_zone": "../../etc/passwd"}}, "/preferences/time_zone"),
        ({"preferences": {"time_zone": "localtime"}}, "/preferences/time_zone"),
        ({"email": "new@example.org"}, "/email"),
        ({"password": NEW}, "/password"),
        ({"frozen_until": None}, "/frozen_until"),
        ({"version": 7}, "/version"),
        ({"id": "x"}, "/id"),
    ],
)
def test_what_cannot_be_set_is_refused_and_nothing_changes(people: People, body: dict[str, Any], pointer: str) -> None:
    member = people.member()
    before = member.get(SETTINGS)

    refused = change(member, SETTINGS, {"language": "de"} | body)

    assert (refused.status_code, refused.json["code"]) == (422, "invalid_input")
    assert [one["pointer"] for one in refused.json["errors"]] == [pointer]
    assert (member.get(SETTINGS).json, member.get(SETTINGS).headers["ETag"]) == (before.json, before.headers["ETag"])


# --- whose change counts


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "*",
        "1",
        '"1"',
        '"nonsense"',
        '"' + "0" * 32 + '.1", "x"',
        '"' + "0" * 32 + '.-1"',
        '"' + "0" * 32 + '.1"\u0664',
    ],
)
def test_a_change_without_a_usable_etag_is_asked_for_one(people: People, given: str | None) -> None:
    member = people.member()
    headers = {} if given is None else {"If-Match": given.encode().decode("latin-1")}

    for path, body in ((SETTINGS, {"language": "de"}), (f"{SERVICE}/my-account", {"profile": {}})):
        refused = member.patch(path, json=body, headers=headers)
        assert (refused.status_code, refused.json["code"]) == (428, "if_match_needed")


def test_a_tag_marked_as_weak_by_a_proxy_says_as_much(people: People) -> None:
    member = people.member()
    tag = member.get(SETTINGS).headers["ETag"]

    assert change(member, SETTINGS, {"language": "de"}, f"W/{tag}").status_code == 200


def test_a_change_of_something_that_changed_meanwhile_is_refused(people: People) -> None:
    member = people.member("ann@example.org", "business-hub")
    settings, profile = (member.get(path).headers["ETag"] for path in (SETTINGS, f"{SERVICE}/business-hub"))
    change(member, SETTINGS, {"language": "ru"})
    change(member, f"{SERVICE}/business-hub", {"profile": {"country": "AT"}})

    answers = [
        change(member, SETTINGS, {"language": "de"}, settings),
        change(member, f"{SERVICE}/business-hub", {"profile": {"country": "FR"}}, profile),
    ]

    assert [(one.status_code, one.json["code"]) for one in answers] == [(412, "changed_meanwhile")] * 2
    assert all("ETag" not in one.headers for one in answers)
    assert member.get(SETTINGS).json["language"] == "ru"
    assert member.get(f"{SERVICE}/business-hub").json["profile"] == {"country": "AT"}


def test_the_tag_of_somebody_else_changes_nothing_of_anybody(people: People) -> None:
    ann, bob = people.member(), people.member("bob@example.org")

    refused = change(ann, SETTINGS, {"language": "de"}, bob.get(SETTINGS).headers["ETag"])

    assert refused.status_code == 412
    assert [one.get(SETTINGS).json["language"] for one in (ann, bob)] == ["en", "en"]


def test_the_tag_of_a_membership_that_was_left_does_not_fit_the_one_joined_anew(people: People) -> None:
    member, path = people.member(), f"{SERVICE}/business-hub"
    joined = {"service": "business-hub", "profile": {"country": "DE"}}
    member.post(SERVICE, json=joined)
    old = member.get(path).headers["ETag"]
    member.delete(path)
    member.post(SERVICE, json=joined)

    assert change(member, path, {"profile": {"country": "AT"}}, old).status_code == 412


def test_of_fifty_changes_with_one_tag_one_wins(people: People) -> None:
    member = people.member()
    tag = member.get(SETTINGS).headers["ETag"]

    answers = at_once(
        CROWD, lambda which: change(member, SETTINGS, {"preferences": {"time_zone": ("UTC", "GMT")[which % 2]}}, tag)
    )

    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: CROWD - 1}
    with db.transaction(reading=True) as session:
        assert session.scalars(select(Account.version)).one() == 2


# --- what a service was told


@pytest.mark.parametrize(
    ("service", "given", "then"),
    [
        pytest.param("business-hub", {"country": "AT"}, {"country": "AT"}, marks=pytest.mark.policy("BUS-19")),
        pytest.param(
            "office-365",
            {"company_name": "Ann & Co"},
            {"company_name": "Ann & Co"},
            marks=pytest.mark.policy("O365-16"),
        ),
        ("motorsport", {"user_name": "racer"}, PROFILES["motorsport"] | {"user_name": "racer"}),
        ("partner-portal", {"full_name": "A. Lee"}, {"full_name": "A. Lee"}),
    ],
)
def test_what_a_service_was_told_can_be_corrected(
    people: People, service: str, given: dict[str, str], then: dict[str, str]
) -> None:
    member = people.member("ann@example.org", service)

    changed = change(member, f"{SERVICE}/{service}", {"profile": given})

    assert changed.status_code == 200
    assert member.get(f"{SERVICE}/{service}").json["profile"] == changed.json["profile"] == then
    assert facts("profile.changed") == [{"service": service, "fields": sorted(given)}]


def optional_field() -> tuple[str, str]:
    """Give a service with an optional profile field, and that field."""
    return next(
        (key, ask.field.name)
        for key, service in SERVICES.items()
        for ask in service.asks
        if not ask.required and ask.field.name in Membership.__table__.c and key in PROFILES
    )


def test_a_field_the_service_needs_cannot_be_taken_back_and_an_optional_one_can(people: People) -> None:
    needed = people.member("ann@example.org", "business-hub")
    service, field = optional_field()
    free = people.member("bob@example.org", service, profile=PROFILES[service] | {field: "Somewhere"})

    refused = change(needed, f"{SERVICE}/business-hub", {"profile": {"country": None}})
    taken = change(free, f"{SERVICE}/{service}", {"profile": {field: None}})

    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/profile/country")
    assert needed.get(f"{SERVICE}/business-hub").json["profile"] == {"country": "DE"}
    assert taken.json["profile"] == PROFILES[service]


@pytest.mark.parametrize("value", ["DE", None])
def test_a_service_takes_no_field_it_does_not_ask_for_when_it_is_changed_either(
    people: People, value: str | None
) -> None:
    refused = change(people.member(), f"{SERVICE}/my-account", {"profile": {"country": value}})

    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/profile/country")


def test_only_a_service_one_is_in_can_be_looked_at_and_changed(people: People) -> None:
    member = people.member()
    member.post(SERVICE, json={"service": "cloud-console"})
    tag = member.get(f"{SERVICE}/cloud-console").headers["ETag"]
    member.delete(f"{SERVICE}/cloud-console")

    for service in ("cloud-console", "motorsport", "nothing"):
        path = f"{SERVICE}/{service}"
        answers = (member.get(path), change(member, path, {"profile": {}}, tag))
        assert [(one.status_code, one.json["code"]) for one in answers] == [(404, "not_found")] * 2


# --- consents


def every_consent(member: SignedIn, **headers: str) -> dict[tuple[str, str], dict[str, Any]]:
    found = member.get(CONSENTS, headers=headers).json["consents"]
    return {(one["service"], one["purpose"]): one for one in found}


def allowed(purpose: str, service: str, address: str = "ann@example.org") -> bool:
    """Ask the ledger, as whoever is about to act does."""
    with db.transaction(reading=True) as session:
        return may(session.scalars(select(Account.id).where(Account.email_key == address)).one(), purpose, service)


OPEN = ["my-account", "business-hub", "cloud-console", "motorsport", "office-365", "partner-portal"]


@pytest.mark.policy("MYK-20", "BUS-14", "SCC-13", "O365-10")
@pytest.mark.parametrize("service", OPEN)
def test_every_purpose_that_rests_on_consent_is_off_until_the_person_says_yes_to_it_alone(
    people: People, service: str
) -> None:
    member = people.member("ann@example.org", service)
    asked = {one.key for one in declared().services[service].purposes if one.basis is Basis.CONSENT}
    before = every_consent(member)

    assert {purpose for _, purpose in before} == asked
    assert [(one["given"], one["since"]) for one in before.values()] == [(False, None)] * len(asked)
    for purpose in asked:
        assert not allowed(purpose, service)
        said = member.put(f"{CONSENTS}/{service}/{purpose}", json={"given": True})
        assert (said.status_code, said.json["given"]) == (200, True)
        assert [other for other in asked if allowed(other, service)] == [purpose]
        member.put(f"{CONSENTS}/{service}/{purpose}", json={"given": False})
        assert not allowed(purpose, service)


@pytest.mark.policy("BUS-12", "BUS-13")
def test_news_and_being_asked_about_reviews_are_two_separate_consents(people: People) -> None:
    member = people.member("ann@example.org", "business-hub")

    member.put(f"{CONSENTS}/business-hub/news_by_email", json={"given": True})
    news_alone = [allowed(purpose, "business-hub") for purpose in ("news_by_email", "product_reviews_contact")]
    member.put(f"{CONSENTS}/business-hub/product_reviews_contact", json={"given": True})
    member.put(f"{CONSENTS}/business-hub/news_by_email", json={"given": False})
    reviews_alone = [allowed(purpose, "business-hub") for purpose in ("news_by_email", "product_reviews_contact")]

    assert (news_alone, reviews_alone) == ([True, False], [False, True])


def test_a_consent_belongs_to_its_service(people: People) -> None:
    member = people.member()
    member.post(SERVICE, json={"service": "business-hub", "profile": {"country": "DE"}})

    member.put(f"{CONSENTS}/my-account/news_by_email", json={"given": True})

    assert [allowed("news_by_email", service) for service in ("my-account", "business-hub")] == [True, False]
    assert every_consent(member)["business-hub", "news_by_email"]["given"] is False


def test_saying_the_same_again_writes_nothing(people: People) -> None:
    member = people.member()
    path = f"{CONSENTS}/my-account/news_by_email"

    never = member.put(path, json={"given": False}).json
    answers = [member.put(path, json={"given": given}).json for given in (True, True, False, False)]

    with db.transaction(reading=True) as session:
        entries = session.scalars(select(ConsentEntry).order_by(ConsentEntry.id)).all()
    assert never["since"] is None
    assert answers[0] == answers[1]
    assert answers[2] == answers[3] == every_consent(member)["my-account", "news_by_email"]
    assert [(entry.state, entry.method) for entry in entries] == [("given", "settings"), ("withdrawn", "settings")]
    assert [one["given"] for one in facts("consent.changed")] == [True, False]


def test_of_fifty_yeses_at_once_one_is_written(people: People) -> None:
    member = people.member()

    answers = at_once(CROWD, lambda _: member.put(f"{CONSENTS}/my-account/news_by_email", json={"given": True}))

    with db.transaction(reading=True) as session:
        assert len(session.scalars(select(ConsentEntry)).all()) == 1
    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.parametrize(
    ("service", "purpose"),
    [
        ("my-account", "motorsport_news"),
        ("my-account", "sign_in"),
        ("my-account", "nothing"),
        ("motorsport", "motorsport_news"),
        ("cloud-console", "statistics"),
        ("nothing", "news_by_email"),
    ],
)
def test_what_no_service_of_the_person_asks_does_not_exist(people: People, service: str, purpose: str) -> None:
    member = people.member()
    member.post(SERVICE, json={"service": "cloud-console"})
    member.delete(f"{SERVICE}/cloud-console")

    refused = member.put(f"{CONSENTS}/{service}/{purpose}", json={"given": True})

    assert (refused.status_code, refused.json["code"]) == (404, "not_found")
    assert {service for service, _ in every_consent(member)} == {"my-account"}


@pytest.mark.parametrize("given", [None, "true", 1, "on"])
def test_only_yes_or_no_is_an_answer(people: People, given: object) -> None:
    refused = people.member().put(f"{CONSENTS}/my-account/news_by_email", json={"given": given})

    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/given")


def test_the_ledger_says_in_which_language_the_text_was_shown(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    from suite.kernel import words

    member, german = people.member(), {"Accept-Language": "de"}
    shown = every_consent(member, **german)["my-account", "news_by_email"]["text"]
    member.put(f"{CONSENTS}/my-account/news_by_email", json={"given": True}, headers=german)
    monkeypatch.setattr(words, "_catalogue", lambda _language: {})
    member.put(f"{CONSENTS}/my-account/license_reminders", json={"given": True}, headers=german)

    with db.transaction(reading=True) as session:
        entries = session.execute(select(ConsentEntry.purpose, ConsentEntry.language)).all()
    assert shown == "Senden Sie mir Neuigkeiten über Produkte und Dienste per E-Mail."
    assert dict(tuple(entry) for entry in entries) == {"license_reminders": "en", "news_by_email": "de"}


# --- the password


def set_password(member: SignedIn, password: str = NEW, **fields: Any) -> Any:
    return member.put("/api/v1/me/password", json={"password": password} | fields)


def signs_in(people: People, password: str, network: int = 0) -> bool:
    body = {"email": "ann@example.org", "password": password}
    answer = people.stranger.post(
        "/api/v1/sessions", json=body, environ_overrides={"REMOTE_ADDR": f"198.51.{network}.7"}
    )
    return bool(answer.status_code == 201)


@pytest.mark.parametrize(
    "service",
    [
        pytest.param("my-account", marks=pytest.mark.policy("MYK-25")),
        pytest.param("office-365", marks=pytest.mark.policy("O365-17")),
        pytest.param("report-parser", marks=pytest.mark.policy("GSI-13")),
        "business-hub",
    ],
)
def test_the_password_is_changed_at_any_time_with_the_present_one(people: People, outbox: Outbox, service: str) -> None:
    member = people.member("ann@example.org", service)

    with clock.at(clock.now() + timedelta(days=2)):
        changed = set_password(member, current=PASSWORD)
        signed_in = [signs_in(people, password) for password in (PASSWORD, NEW)]
        told = outbox.last("password_changed")

    assert changed.status_code == 204
    assert signed_in == [False, True]
    assert member.get(SETTINGS).status_code == 200
    assert told.recipient == "ann@example.org"
    assert facts("password.changed") == [{}]


def test_a_fresh_session_needs_no_present_password_and_an_older_one_does(people: People) -> None:
    member = people.member()
    start = clock.now()

    with clock.at(start + timedelta(minutes=6)):
        refused = set_password(member)
        wrong = set_password(member, current="not this one")
    with clock.at(start + timedelta(minutes=4)):
        changed = set_password(member)

    assert (refused.status_code, refused.json["code"]) == (403, "sign_in_again")
    assert (wrong.status_code, wrong.json["code"]) == (422, "wrong_password")
    assert changed.status_code == 204


def test_a_wrong_present_password_is_refused_in_a_fresh_session_too(people: People) -> None:
    member = people.member()

    refused = set_password(member, current="not this one")

    assert refused.json["code"] == "wrong_password"
    assert signs_in(people, PASSWORD)


def test_wrong_present_passwords_are_counted_before_they_are_judged(people: People) -> None:
    member = people.member()

    codes = Counter(
        answer.json["code"] for answer in at_once(CROWD, lambda _: set_password(member, current="not this one"))
    )
    right = set_password(member, current=PASSWORD)

    assert codes == {"wrong_password": 10, "too_many_attempts": CROWD - 10}
    assert right.json["code"] == "too_many_attempts"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("password", "password_too_common"),
        ("ann@example.org", "password_too_common"),
        ("{title}", "password_too_common"),
        ("Lee Ltd 2026!", "password_too_common"),
        ("x" * 129, "invalid_input"),
    ],
)
def test_a_new_password_keeps_the_rules_of_registration(people: People, password: str, code: str) -> None:
    member = people.member("ann@example.org", "office-365", profile={"company_name": "Lee Ltd"})

    refused = set_password(member, password.replace("{title}", declared().services["office-365"].title))

    assert (refused.status_code, refused.json["code"]) == (422, code)
    assert signs_in(people, PASSWORD)


def test_other_sessions_end_if_asked_and_not_otherwise(people: People) -> None:
    here, elsewhere = people.member(), people.sign_in()

    set_password(here)
    still = elsewhere.get(SETTINGS).status_code
    set_password(here, "six large blue kettles", end_other_sessions=True)

    assert still == 200
    assert [one.get(SETTINGS).status_code for one in (here, elsewhere)] == [200, 401]


def test_with_a_second_factor_the_password_alone_changes_nothing(people: People) -> None:
    member = people.member()
    people.with_app(member)

    with clock.at(clock.now() + timedelta(minutes=6)):
        refused = set_password(member, current=PASSWORD)
    confirmed = set_password(member, current=PASSWORD)

    assert (refused.status_code, refused.json["code"]) == (409, "second_factor_needed")
    assert confirmed.status_code == 204


def test_a_new_password_ends_what_was_asked_with_the_old_one(people: People) -> None:
    member = people.member()
    app = people.with_app(member)
    challenge = people.challenged()
    with db.transaction() as session:
        account = session.scalars(select(Account)).one()
        values = {"account_id": account.id, "asked_at": clock.now(), "code_hash": "x", "link_hash": "y"}
        more = {"language": "en", "address_hash": "z"}
        session.add(Recovery(**values, **{key: more[key] for key in more if key in Recovery.__table__.c}))

    set_password(member)
    body = {"challenge": challenge["challenge"], "method": "totp", "code": app.at(clock.now())}

    assert people.stranger.post("/api/v1/sessions/challenge", json=body).json["code"] == "challenge_gone"
    with db.transaction(reading=True) as session:
        recovery = session.scalars(select(Recovery)).one()
    assert (recovery.code_hash, recovery.link_hash, recovery.ticket_hash) == (None, None, None)


def test_of_fifty_new_passwords_at_once_one_counts(people: People) -> None:
    member = people.member()

    answers = at_once(CROWD, lambda which: set_password(member, f"kettle number {which} of many"))
    won = [which for which, answer in enumerate(answers) if answer.status_code == 204]

    codes = Counter((answer.json or {}).get("code") for answer in answers)
    assert codes[None] == len(won) >= 1
    assert set(codes) <= {None, "sign_in_again"}
    # Each is tried from a network of its own: from one, the eleventh try would be refused, right or wrong.
    assert [signs_in(people, f"kettle number {which} of many", which) for which in won].count(True) == 1
