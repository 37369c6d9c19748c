"""Cookie choices: off until opted in, kept in one cookie of the person's own act, and a signal that wins."""

import dataclasses
from uuid import UUID

import pytest
from flask import Response

from suite import consents
from suite.consents import questions
from suite.declarations import Cookie, CookieCategory, Period
from suite.declarations.purposes import CONSENTS
from suite.kernel import db
from suite.kernel.access import public
from suite.kernel.http import cookie
from suite.privacy import may
from tests.people import People, SignedIn

CHOICES = "/api/v1/cookie-choices"
SIGNAL = {"Sec-GPC": "1"}
ASKED = {"site_performance", "statistics", "advertising", "social_modules"}


def allowed(answer) -> dict[str, bool]:
    found = answer.json["categories"] + answer.json["further"]
    return {one["purpose"]: one["allowed"] for one in found if one["purpose"]}


def ledger(member: SignedIn) -> list[tuple[str, str, str]]:
    found = member.get("/api/v1/me/consents/history").json["entries"]
    return [(one["purpose"], one["state"], one["method"]) for one in found]


@pytest.mark.policy("COO-1", "COO-2", "COO-3", "COO-4", "COO-5", "COO-6", "COO-7", "COO-8", "COO-23", "COO-24")
def test_the_eight_categories_are_shown_and_what_is_not_needed_is_off(people: People) -> None:
    shown = people.stranger.get(CHOICES).json

    categories = {one["category"]: one for one in shown["categories"]}
    assert list(categories) == [
        str(one)
        for one in (
            CookieCategory.USER_INPUT,
            CookieCategory.AUTHENTICATION,
            CookieCategory.PREFERENCES,
            CookieCategory.PERFORMANCE,
            CookieCategory.SECURITY,
            CookieCategory.ADVERTISING,
            CookieCategory.ANALYTICS,
            CookieCategory.SOCIAL,
        )
    ]
    assert [key for key, one in categories.items() if one["needed"]] == ["user_input", "authentication", "security"]
    assert {one["purpose"] for one in categories.values() if one["purpose"]} == ASKED
    assert not any(one["allowed"] for one in (*categories.values(), *shown["further"]) if one["purpose"])
    assert not shown["answered"]


def test_every_cookie_of_the_product_is_shown_once(app, people: People) -> None:
    shown = people.stranger.get(CHOICES).json
    names = [cookie["name"] for one in (*shown["categories"], *shown["further"]) for cookie in one["cookies"]]

    # Without TLS a browser takes no cookie named `__Host-`.
    assert sorted(names) == sorted(name for name in app.cookies_allowed if not name.startswith("__Host-"))


@pytest.mark.policy("COO-24")
def test_asking_sets_no_cookie_and_choosing_sets_the_one_that_remembers(people: People) -> None:
    browser = people.browser

    asked = browser.get(CHOICES)
    page = browser.get("/cookies")
    chosen = browser.put(CHOICES, json={"choices": {"statistics": True}})

    assert asked.headers.getlist("Set-Cookie") == page.headers.getlist("Set-Cookie") == []
    assert [one.partition("=")[0] for one in chosen.headers.getlist("Set-Cookie")] == ["suite_choices"]
    again = browser.get(CHOICES)
    assert again.json["answered"]
    assert {purpose for purpose, yes in allowed(again).items() if yes} == {"statistics"}


@pytest.mark.policy("COO-23")
def test_all_can_be_rejected_and_all_can_be_accepted(people: People) -> None:
    browser = people.browser

    accepted = allowed(browser.put(CHOICES, json={"all": True}))
    rejected = allowed(browser.put(CHOICES, json={"all": False}))
    all_but_one = allowed(browser.put(CHOICES, json={"all": True, "choices": {"advertising": False}}))

    assert set(accepted.values()) == {True}
    assert set(rejected.values()) == {False}
    assert [purpose for purpose, yes in all_but_one.items() if not yes] == ["advertising"]


@pytest.mark.policy("COO-10")
def test_the_cookie_is_the_same_for_everybody_who_chose_the_same(people: People) -> None:
    made = {
        people.browser.put(CHOICES, json={"choices": {"statistics": True}}).headers["Set-Cookie"].split(";")[0]
        for _ in range(3)
    }

    assert made == {"suite_choices=1~statistics.1"}


@pytest.mark.parametrize("value", ["", "2~statistics.1", "1~statistics.9~nothing", "x" * 4000, "~~~", '"1'])
def test_a_cookie_nobody_here_wrote_allows_nothing(people: People, value: str) -> None:
    shown = people.stranger.get(CHOICES, headers={"Cookie": f"suite_choices={value}"})

    assert shown.status_code == 200
    assert set(allowed(shown).values()) == {False}


def test_a_new_text_asks_again(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = people.browser
    browser.put(CHOICES, json={"all": True})
    monkeypatch.setitem(CONSENTS, "statistics", dataclasses.replace(CONSENTS["statistics"], version=2))

    assert [purpose for purpose, yes in allowed(browser.get(CHOICES)).items() if not yes] == ["statistics"]


@pytest.mark.parametrize("body", [{"choices": {"nothing": True}}, {"choices": {"statistics": "yes"}}, {"all": 1}, []])
def test_nonsense_is_refused_and_sets_nothing(people: People, body: object) -> None:
    refused = people.stranger.put(CHOICES, json=body)

    assert refused.status_code == 422
    assert "Set-Cookie" not in refused.headers


# --- people who are signed in


@pytest.mark.policy("COO-24", "DEC-5")
def test_the_choice_of_somebody_signed_in_stands_in_the_ledger_too(people: People) -> None:
    member = people.member()

    member.put(CHOICES, json={"choices": {"statistics": True}})
    member.put(CHOICES, json={"choices": {"statistics": True}})
    member.put(CHOICES, json={"all": False})

    said = [one for one in ledger(member) if one[0] == "statistics"]
    assert said == [("statistics", "withdrawn", "cookie_choices"), ("statistics", "given", "cookie_choices")]
    assert ("advertising", "refused", "cookie_choices") in ledger(member)


def test_the_ledger_is_the_same_on_every_device_of_a_person(people: People) -> None:
    people.member().put(CHOICES, json={"choices": {"statistics": True}})

    elsewhere = people.sign_in().get(CHOICES)

    assert elsewhere.json["answered"]
    assert allowed(elsewhere)["statistics"]


# --- Global Privacy Control


@pytest.mark.policy("COO-25")
def test_the_signal_refuses_advertising_and_social_networks_and_wins_over_an_earlier_yes(people: People) -> None:
    browser = people.browser
    browser.put(CHOICES, json={"all": True})

    shown = browser.get(CHOICES, headers=SIGNAL)
    chosen = browser.put(CHOICES, json={"all": True}, headers=SIGNAL)

    for answer in (shown, chosen):
        assert answer.json["signal"]
        assert {purpose for purpose, yes in allowed(answer).items() if not yes} == {"advertising", "social_modules"}
    assert "advertising" not in chosen.headers["Set-Cookie"]


@pytest.mark.policy("COO-25")
def test_the_signal_of_somebody_signed_in_is_recorded_as_such_once(people: People) -> None:
    member = people.member()
    member.put(CHOICES, json={"choices": {"advertising": True}})
    person = UUID(member.get("/api/v1/me").json["id"])

    for _ in range(2):
        member.get(CHOICES, headers=SIGNAL)

    said = [one for one in ledger(member) if one[0] == "advertising"]
    assert said == [("advertising", "withdrawn", "gpc"), ("advertising", "given", "cookie_choices")]
    with db.transaction(reading=True):
        assert not may(person, "advertising")


@pytest.mark.policy("COO-25")
def test_a_signal_before_any_choice_is_a_recorded_refusal(people: People) -> None:
    member = people.member()

    member.get(CHOICES, headers=SIGNAL)

    assert sorted(ledger(member)) == [("advertising", "refused", "gpc"), ("social_modules", "refused", "gpc")]


@pytest.mark.policy("COO-25")
def test_the_site_says_that_it_honours_the_signal(people: People) -> None:
    answer = people.stranger.get("/.well-known/gpc.json")

    assert answer.mimetype == "application/json"
    assert answer.json == {"gpc": True, "lastUpdate": "2026-11-24"}


# --- what leaves the server


@pytest.fixture
def shop(app, monkeypatch: pytest.MonkeyPatch):
    """Give a view that sets cookies of several categories, as a module would."""
    made = {
        "ad": Cookie("ad", CookieCategory.ADVERTISING, "shows advertisements", Period(days=1)),
        "speed": Cookie("speed", CookieCategory.PERFORMANCE, "measures", Period(days=1)),
        "form": Cookie("form", CookieCategory.USER_INPUT, "keeps what you typed", Period(days=1)),
    }
    monkeypatch.setattr(app, "cookies_allowed", app.cookies_allowed | made)

    def view() -> Response:
        from flask import request

        name = request.args["name"]
        response = Response("done")
        if name == "download":
            response.set_data(str(consents.set_download_cookie(response, "scanner-21.3")))
        else:
            response.headers.add("Set-Cookie", cookie(name, "x", seconds=60, secure=False))
        return response

    monkeypatch.setitem(app.view_functions, "healthz", public(view))
    return lambda browser, name, **options: browser.get(f"/healthz?name={name}", **options)


@pytest.mark.policy("COO-9", "COO-24")
def test_a_cookie_without_the_consent_its_category_needs_cannot_leave(people: People, shop) -> None:
    browser = people.browser
    before = {name: shop(browser, name).status_code for name in ("ad", "speed", "form", "undeclared")}
    browser.put(CHOICES, json={"choices": {"advertising": True}})
    after = {name: shop(browser, name).status_code for name in ("ad", "speed", "form", "undeclared")}

    assert before == {"ad": 500, "speed": 500, "form": 200, "undeclared": 500}
    assert after == {"ad": 200, "speed": 500, "form": 200, "undeclared": 500}


@pytest.mark.policy("COO-9", "COO-25")
def test_with_the_signal_an_advertising_cookie_cannot_leave_whatever_was_chosen(people: People, shop) -> None:
    browser = people.browser
    browser.put(CHOICES, json={"all": True})

    refused = shop(browser, "ad", headers=SIGNAL)

    assert (refused.status_code, "Set-Cookie" in refused.headers) == (500, False)
    assert shop(browser, "speed", headers=SIGNAL).status_code == 200


def test_what_is_rejected_later_is_taken_out_of_the_browser(people: People, shop) -> None:
    browser = people.browser
    browser.put(CHOICES, json={"all": True})
    shop(browser, "ad")

    browser.put(CHOICES, json={"all": False})

    assert browser.get_cookie("ad") is None
    assert browser.get_cookie("suite_choices").value == "1"


@pytest.mark.policy("COO-11", "COO-12")
def test_a_download_sets_its_cookie_only_with_explicit_consent(people: People, shop) -> None:
    browser = people.browser

    without = shop(browser, "download")
    browser.put(CHOICES, json={"choices": {"download_cookies": True}})
    with_it = shop(browser, "download")
    browser.put(CHOICES, json={"choices": {"download_cookies": False}})
    after = shop(browser, "download")

    assert [answer.text for answer in (without, with_it, after)] == ["False", "True", "False"]
    assert "Set-Cookie" not in without.headers
    assert with_it.headers["Set-Cookie"].startswith("suite_download=scanner-21.3;")
    assert browser.get_cookie("suite_download") is None


@pytest.mark.policy("COO-11", "COO-13")
def test_the_download_cookie_is_declared_with_its_purpose(app) -> None:
    declared = app.cookies_allowed["suite_download"]

    assert declared.needs == "download_cookies"
    assert CONSENTS[declared.needs].purpose.says == "improve how you work with site and product after a download"


@pytest.mark.policy("COO-14", "COO-24")
def test_a_page_may_hold_a_beacon_only_with_the_consent_of_this_browser(app) -> None:
    def ask(value: str) -> bool:
        with app.test_request_context("/", headers={"Cookie": f"suite_choices={value}"}):
            return consents.cookie_consented("campaign_statistics")

    assert [ask(value) for value in ("", "1", "1~statistics.1", "1~campaign_statistics.1")] == [
        False,
        False,
        False,
        True,
    ]


def test_the_signal_stops_what_it_is_about_and_nothing_else() -> None:
    everything = questions.Chosen(frozenset(questions.QUESTIONS), answered=True, signal=True)

    assert {one for one in questions.QUESTIONS if not everything.allows(one)} == {"advertising", "social_modules"}
    assert questions.read(questions.write(everything), signal=False).given == everything.given - {
        "advertising",
        "social_modules",
    }


@pytest.mark.policy("RIG-18", "COO-23")
@pytest.mark.parametrize(("tongue", "title"), [("en", "Cookies: your choice"), ("de", "Cookies: Ihre Wahl")])
def test_a_page_of_the_site_is_the_tool(people: People, tongue: str, title: str) -> None:
    page = people.stranger.get("/cookies", headers={"Accept-Language": tongue}).text

    assert f"<title>{title}</title>" in page
    assert '"/cookies"' in people.stranger.get("/privacy").text


@pytest.mark.policy("RIG-9")
def test_while_data_are_only_stored_no_yes_is_written_and_a_no_always(people: People) -> None:
    member = people.member()
    member.put(CHOICES, json={"choices": {"statistics": True}})
    assert member.post("/api/v1/me/requests", json={"kind": "restriction", "reason": "accuracy"}).status_code == 201

    yes = member.put(CHOICES, json={"all": True})
    no = member.put(CHOICES, json={"choices": {"statistics": False}})

    assert (yes.status_code, yes.json["code"]) == (409, "data_restricted")
    assert no.status_code == 200
    assert ledger(member)[0] == ("statistics", "withdrawn", "cookie_choices")
