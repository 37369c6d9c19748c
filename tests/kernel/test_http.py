"""The HTTP surface: every error alike, safe headers everywhere, no door left open."""

import itertools
import random
import re
from typing import Any

import pytest
from flask import Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from suite.kernel.access import public
from suite.kernel.http import App, client_network, outside_transaction
from suite.services.vendor import VendorFileUnusable
from tests.kernel.conftest import Started
from tests.people import PASSWORD, People

FRONT_END = "https://app.example.com"
SESSIONS = "/api/v1/sessions"


@pytest.fixture
def client(app: App) -> FlaskClient:
    return app.test_client(use_cookies=False)


def is_problem(answer: TestResponse, status: int, code: str) -> bool:
    body = answer.json
    assert answer.status_code == status, answer.data
    assert answer.content_type == "application/problem+json"
    assert body["status"] == status
    assert body["code"] == code
    assert body["title"]
    assert body["type"] == "about:blank"
    assert body["request_id"] == answer.headers["X-Request-ID"] != ""
    return True


# --- errors


def test_an_unknown_host_is_refused_on_every_path(client: FlaskClient) -> None:
    for path, host in itertools.product(
        ["/", "/healthz", "/api/v1/me", "/nowhere"],
        [
            "evil.example",
            "",
            "localhost.evil.example",
            "evil.example:80",
            "localhost@evil.example",
            "[::1",
            "localhost:evil.example",
        ],
    ):
        answer = client.get(path, headers={"Host": host})
        assert is_problem(answer, 400, "unknown_host"), (path, host)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost:8000", "127.0.0.1:1", "[::1]:8000"])
def test_a_known_host_is_served_in_any_writing(client: FlaskClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_a_stranger_is_asked_to_sign_in(client: FlaskClient) -> None:
    answer = client.get("/api/v1/me")

    assert is_problem(answer, 401, "sign_in_needed")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header", ["Bearer nonsense", "Bearer ", "Bearer", "bearer x y", "Basic YTpi", "Bearer \xe9", ""]
)
def test_a_credential_that_opens_nothing_is_refused(client: FlaskClient, header: str) -> None:
    assert is_problem(client.get("/api/v1/me", headers={"Authorization": header}), 401, "sign_in_needed")


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/api/v1", "/api/v2/me", "/api/v1/sessions/not-a-number", "/api/v1/registrations/1" + "0" * 400],
)
def test_what_is_not_there_is_a_404(client: FlaskClient, path: str) -> None:
    assert is_problem(client.get(path), 404, "not_found")


def test_a_method_that_is_not_there_names_those_that_are(client: FlaskClient) -> None:
    answer = client.put(SESSIONS)

    assert is_problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "BREW"])
def test_strange_methods_are_refused(client: FlaskClient, method: str) -> None:
    assert is_problem(client.open("/api/v1/me", method=method), 405, "method_not_allowed")


def test_a_body_that_is_too_large_is_refused(client: FlaskClient) -> None:
    answer = client.post(SESSIONS, data=b'{"a":"' + b"x" * 300_000 + b'"}', content_type="application/json")

    assert is_problem(answer, 413, "too_large")


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", ""],
)
def test_a_body_of_another_kind_is_refused(client: FlaskClient, kind: str) -> None:
    assert is_problem(client.post(SESSIONS, data=b"{}", content_type=kind), 415, "wrong_media_type")


def test_wrong_values_are_named_by_pointers(client: FlaskClient) -> None:
    body = {"email": "nobody", "client": "toaster", "is_admin": True, "a/b~c": 1}
    answer = client.post(SESSIONS, json=body)

    assert is_problem(answer, 422, "invalid_input")
    assert {one["pointer"] for one in answer.json["errors"]} == {
        "/email",
        "/password",
        "/client",
        "/is_admin",
        "/a~1b~0c",
    }
    assert all(one["message"] for one in answer.json["errors"])


@pytest.mark.parametrize("body", ["[]", '"text"', "1", "null", "true", "[{}]"])
def test_a_body_that_is_no_object_is_refused(client: FlaskClient, body: str) -> None:
    assert is_problem(client.post(SESSIONS, data=body, content_type="application/json"), 422, "invalid_input")


def test_too_much_traffic_is_told_when_to_come_again(started: Started) -> None:
    client = started(SUITE_REQUEST_LIMIT="3/minute").test_client()

    answers = [client.get(path) for path in ("/healthz", "/docs", "/healthz", "/openapi.json")]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert is_problem(answers[-1], 429, "too_many_requests")
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61


def test_traffic_is_counted_for_each_network_apart(started: Started) -> None:
    client = started(SUITE_REQUEST_LIMIT="2/minute").test_client()

    def ask(address: str) -> int:
        return client.get("/healthz", environ_base={"REMOTE_ADDR": address}).status_code

    assert [ask("192.0.2.1") for _ in range(3)] == [200, 200, 429]
    assert ask("192.0.2.2") == 200
    assert [ask(f"2001:db8::{host:x}") for host in range(3)] == [200, 200, 429]
    assert ask("2001:db8:0:1::1") == 200


def test_too_many_attempts_are_told_when_to_come_again(client: FlaskClient) -> None:
    body = {"email": "ann@example.org", "password": "wrong but long"}
    answers = [client.post(SESSIONS, json=body) for _ in range(11)]

    assert is_problem(answers[-1], 429, "too_many_attempts")
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 901


def test_what_nobody_foresaw_shows_nothing_of_itself(started: Started, capsys: pytest.CaptureFixture[str]) -> None:
    app = started()

    @app.get("/breaks")
    @public
    @outside_transaction
    def breaks() -> Response:
        raise LookupError("ann@example.org has the password hunter2")

    answer = app.test_client().get("/breaks")

    assert is_problem(answer, 500, "internal_error")
    assert not re.search(rb"hunter2|LookupError|Traceback|test_http|breaks", answer.data)
    logged = capsys.readouterr().err
    assert "LookupError" in logged
    assert not re.search("hunter2|ann@example", logged)


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*", "application/json"])
def test_errors_are_problems_whatever_the_caller_accepts(client: FlaskClient, accept: str) -> None:
    assert is_problem(client.get("/nowhere", headers={"Accept": accept}), 404, "not_found")


# --- headers

EVERYWHERE = [
    "/",
    "/healthz",
    "/metrics",
    "/docs",
    "/docs/swagger-ui.css",
    "/openapi.json",
    "/privacy",
    "/confirm",
    "/api/v1/services",
    "/dev/inbox",
]
REFUSED = [
    ("GET", "/nowhere"),
    ("GET", "/api/v1/me"),
    ("PUT", SESSIONS),
    ("POST", SESSIONS),
    ("OPTIONS", SESSIONS),
    ("HEAD", "/nowhere"),
]


@pytest.mark.parametrize(("method", "path"), [*(("GET", path) for path in EVERYWHERE), *REFUSED])
def test_every_answer_carries_the_safe_headers_once(client: FlaskClient, method: str, path: str) -> None:
    answer = client.open(path, method=method)
    answer.close()

    for name, value in {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }.items():
        assert answer.headers.getlist(name) == [value], name
    policy = answer.headers.getlist("Content-Security-Policy")
    assert len(policy) == len(answer.headers.getlist("Cache-Control")) == 1
    assert "default-src 'none'" in policy[0]
    assert "unsafe" not in policy[0]
    assert "Server" not in answer.headers
    assert answer.status_code < 500


def test_over_tls_browsers_are_told_to_stay_there(started: Started, client: FlaskClient) -> None:
    secure = started(SUITE_PUBLIC_URL="https://localhost").test_client()

    for path in ("/healthz", "/nowhere", "/docs/swagger-ui.css"):
        with secure.get(path) as answer:
            assert "max-age=63072000" in answer.headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in client.get("/healthz").headers


def test_over_tls_the_session_cookie_belongs_to_this_host_alone(started: Started, people: People) -> None:
    people.account()
    answer = (
        started(SUITE_PUBLIC_URL="https://localhost")
        .test_client()
        .post(SESSIONS, json={"email": "ann@example.org", "password": PASSWORD, "client": "browser"})
    )

    name, *attributes = answer.headers["Set-Cookie"].split("; ")
    assert name.startswith("__Host-session=")
    assert set(attributes) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_answers_about_people_are_never_kept_on_the_way(people: People) -> None:
    assert people.member().get("/api/v1/me").headers["Cache-Control"] == "no-store"


# --- request ids and languages


@pytest.mark.parametrize("given", ["abc", "A-b_c.9", "x" * 64])
def test_a_sound_request_id_is_kept(client: FlaskClient, given: str) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "<script>", "a\u00e9", "{}"])
def test_any_other_request_id_is_replaced(client: FlaskClient, given: str) -> None:
    found = client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]

    assert re.fullmatch("[0-9a-f]{16}", found)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("en;q=0.3, ru;q=0.9", "ru"),
        ("en; q=0.3, ru; q=0.9", "ru"),
        ("fr, de;q=0.1", "de"),
        ("de;q=0", "en"),
        ("fr", "en"),
        ("*", "en"),
        ("", "en"),
        ("de;q=nonsense", "en"),
        ("de;q=nan", "en"),
        ("x" * 5000, "en"),
    ],
)
def test_an_error_speaks_the_language_of_the_caller(client: FlaskClient, asked: str, answered: str) -> None:
    answer = client.get("/api/v1/me", headers={"Accept-Language": asked})

    assert answer.headers["Content-Language"] == answered
    assert "Accept-Language" in answer.headers["Vary"]


def test_the_words_of_an_error_are_translated_and_its_code_is_not(client: FlaskClient) -> None:
    bodies = [client.get("/api/v1/me", headers={"Accept-Language": one}).json for one in ("en", "de", "ru")]

    assert len({body["title"] for body in bodies}) == 3
    assert {body["code"] for body in bodies} == {"sign_in_needed"}


# --- browsers: origins, CSRF, two credentials


def test_only_declared_front_ends_may_read_answers_from_elsewhere(started: Started) -> None:
    client = started(SUITE_CORS_ORIGINS=FRONT_END).test_client()

    own, foreign = (
        client.get("/api/v1/services", headers={"Origin": one}) for one in (FRONT_END, "https://evil.example")
    )

    assert own.headers["Access-Control-Allow-Origin"] == FRONT_END
    assert own.headers["Access-Control-Allow-Credentials"] == "true"
    assert "ETag" in own.headers["Access-Control-Expose-Headers"]
    assert "Origin" in own.headers["Vary"]
    assert "Origin" in foreign.headers["Vary"]
    assert not [name for name, _ in foreign.headers if name.startswith("Access-Control")]


def test_without_declared_front_ends_nobody_may(client: FlaskClient) -> None:
    answer = client.get("/api/v1/services", headers={"Origin": FRONT_END})

    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_a_preflight_is_answered_for_declared_front_ends_only(started: Started) -> None:
    client = started(SUITE_CORS_ORIGINS=FRONT_END).test_client()
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-csrf-token"}

    own, foreign = (client.options(SESSIONS, headers={"Origin": one, **asked}) for one in (FRONT_END, "null"))

    assert own.status_code == 200
    assert "POST" in own.headers["Access-Control-Allow-Methods"]
    assert {"X-CSRF-Token", "If-Match"} <= set(own.headers["Access-Control-Allow-Headers"].split(", "))
    assert "Access-Control-Allow-Origin" not in foreign.headers


def test_errors_can_be_read_by_declared_front_ends_too(started: Started) -> None:
    answer = started(SUITE_CORS_ORIGINS=FRONT_END).test_client().get("/api/v1/me", headers={"Origin": FRONT_END})

    assert is_problem(answer, 401, "sign_in_needed")
    assert answer.headers["Access-Control-Allow-Origin"] == FRONT_END


class Browser:
    """A signed-in browser."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        body = {"email": "ann@example.org", "password": PASSWORD, "client": "browser"}
        self.csrf = client.post(SESSIONS, json=body).json["csrf_token"]

    def change(self, **headers: str) -> TestResponse:
        """Sign out everywhere else: a change that can be repeated."""
        return self.client.delete(SESSIONS, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_a_browser_changes_something_only_with_its_own_token(people: People) -> None:
    people.account()
    browser, other = Browser(people.browser), Browser(people.browser)

    for token in ("", "wrong", other.csrf, browser.csrf + "x", browser.csrf[:-1], "\xe9"):
        assert is_problem(browser.change(X_CSRF_Token=token), 403, "csrf_token_missing"), token
    assert is_problem(browser.change(), 403, "csrf_token_missing")
    assert browser.change(X_CSRF_Token=browser.csrf).status_code == 200


def test_reading_needs_no_token(people: People) -> None:
    people.account()

    assert Browser(people.browser).client.get("/api/v1/me").status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost.evil.example", "http://[::1", "", "http://"]
)
def test_a_change_from_a_foreign_site_is_refused_even_with_the_token(people: People, origin: str) -> None:
    people.account()
    browser = Browser(people.browser)

    assert is_problem(browser.change(X_CSRF_Token=browser.csrf, Origin=origin), 403, "foreign_origin")


def test_a_cross_site_request_without_an_origin_is_refused(people: People) -> None:
    people.account()
    browser = Browser(people.browser)

    assert is_problem(browser.change(X_CSRF_Token=browser.csrf, Sec_Fetch_Site="cross-site"), 403, "foreign_origin")
    assert browser.change(X_CSRF_Token=browser.csrf, Sec_Fetch_Site="same-origin").status_code == 200


def test_production_does_not_start_with_a_notice_that_lacks_contacts(started: Started) -> None:
    production = {
        "SUITE_ENVIRONMENT": "production",
        "SUITE_PUBLIC_URL": "https://accounts.example.com",
        "SUITE_MAIL": "smtp",
        "SUITE_MAIL_FROM": "Accounts <a@example.com>",
        "SUITE_SMS": "off",
    }

    with pytest.raises(VendorFileUnusable, match=r"The notice lacks .*data_protection_officer\.email"):
        started(**production, SUITE_VENDOR_FILE="")


def test_in_production_even_this_machine_is_a_foreign_site(started: Started) -> None:
    client = started(
        SUITE_ENVIRONMENT="production",
        SUITE_PUBLIC_URL="https://accounts.example.com",
        SUITE_MAIL="smtp",
        SUITE_MAIL_FROM="Accounts <a@example.com>",
        SUITE_SMS="off",
    ).test_client()

    def post(origin: str) -> TestResponse:
        return client.post(SESSIONS, json={}, headers={"Host": "accounts.example.com", "Origin": origin})

    assert is_problem(post("http://localhost:8000"), 403, "foreign_origin")
    assert is_problem(post("https://accounts.example.com"), 422, "invalid_input")


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/v1/me"), ("POST", SESSIONS), ("GET", "/api/v1/services")])
def test_cookie_and_bearer_together_are_refused_everywhere(people: People, method: str, path: str) -> None:
    people.account()
    browser, app = Browser(people.browser), people.sign_in()

    answer = browser.client.open(path, method=method, json={}, headers={"Authorization": f"Bearer {app.token}"})

    assert is_problem(answer, 400, "two_credentials")


# --- methods and addresses


def test_head_gives_the_headers_of_get_and_no_body(client: FlaskClient) -> None:
    head, get = client.head("/api/v1/services"), client.get("/api/v1/services")

    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


def test_head_opens_nothing_that_get_does_not(client: FlaskClient) -> None:
    assert client.head("/api/v1/me").status_code == 401


def test_options_says_which_methods_there_are_and_does_nothing(client: FlaskClient) -> None:
    answer = client.options("/api/v1/me/services")

    assert (answer.status_code, answer.data) == (200, b"")
    assert {one.strip() for one in answer.headers["Allow"].split(",")} == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/me/",
        "/api//v1/me",
        "/api/v1/me;x=1",
        "/api/v1/me;.css",
        "/api/v1/./me",
        "/api/v1/services/../me",
        "/api/v1/services/%2e%2e/me",
        "/api/v1/%2e%2e/v1/me",
        "/api/v1/services%2f..%2fme",
        "/API/V1/ME",
        "/api/v1/me%00",
        "/api/v1/me%20",
        "/api/v1/me.json",
        "/docs/../api/v1/me",
        "/docs/%2e%2e/%2e%2e/pyproject.toml",
        "/docs/..%2fswagger-ui.css",
        "/docs/swagger-ui.css/..",
    ],
)
def test_other_writings_of_an_address_open_nothing(people: People, path: str) -> None:
    signed_in = people.member()

    for answer in (people.stranger.get(path), signed_in.get(path)):
        assert is_problem(answer, 404, "not_found")


def test_an_address_is_not_moved_elsewhere(client: FlaskClient) -> None:
    for path in ("/docs/", "//evil.example/docs", "/\\evil.example", "/%5Cevil.example"):
        assert "Location" not in client.get(path).headers


# --- proxies


def networks(app: App, **headers: str) -> tuple[str, bool]:
    """Give the network and the scheme that a request seems to come from and by."""
    seen: list[Any] = []

    @app.get("/seen")
    @public
    @outside_transaction
    def seen_() -> Response:
        from flask import request

        seen.extend((client_network(), request.is_secure))
        return Response("")

    app.test_client().get(
        "/seen",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        environ_base={"REMOTE_ADDR": "198.51.100.7"},
    )
    return seen[0], seen[1]


FORWARDED = {
    "X_Forwarded_For": "203.0.113.9, 192.0.2.5",
    "X_Forwarded_Proto": "https",
    "X_Real_IP": "203.0.113.9",
    "True_Client_IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9",
}


def test_nobody_is_believed_about_where_a_request_comes_from(started: Started) -> None:
    assert networks(started(), **FORWARDED) == ("198.51.100.7", False)


def test_declared_proxies_are_believed_and_not_one_more(started: Started) -> None:
    assert networks(started(SUITE_TRUSTED_PROXIES="1"), **FORWARDED) == ("192.0.2.5", True)


def test_a_forwarded_host_is_never_believed(started: Started) -> None:
    client = started(SUITE_TRUSTED_PROXIES="1").test_client()

    assert is_problem(
        client.get("/healthz", headers={"Host": "evil.example", "X-Forwarded-Host": "localhost"}), 400, "unknown_host"
    )
    assert client.get("/healthz", headers={"X-Forwarded-Host": "evil.example"}).status_code == 200


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("2001:db8:0:0:1:2:3:4", "2001:db8::/64"),
        ("2001:db8:1:2:3::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_a_network_is_one_whatever_address_in_it_is_used(app: App, address: str, network: str) -> None:
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
        assert client_network() == network


# --- metrics


def test_the_labels_of_metrics_come_from_fixed_sets_whatever_is_asked(app: App, client: FlaskClient) -> None:
    def labels() -> dict[str, set[str]]:
        page = client.get("/metrics").text
        return {name: set(re.findall(rf'[{{,]{name}="([^"]*)"', page)) for name in ("route", "method", "status")}

    before, chance = labels(), random.Random(3)
    for _ in range(200):
        path = "/" + "".join(chance.choices("abcdef/%0123456789.", k=chance.randrange(1, 20)))
        client.open(path, method="".join(chance.choices("ABCDEFGH", k=5)))
        client.get(path, headers={"X-Request-ID": path})

    after = labels()
    known = {rule.rule for rule in app.url_map.iter_rules()} | {"unknown"}
    assert after["route"] - before["route"] <= known
    assert after["method"] <= {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"}
    assert after["status"] <= {"2xx", "3xx", "4xx", "5xx"}
    assert "unknown" in after["route"]
    assert "OTHER" in after["method"]


def test_metrics_name_routes_and_never_addresses(people: People) -> None:
    member = people.member()
    member.delete(f"{SESSIONS}/{member.session_id}")

    page = people.stranger.get("/metrics").text

    assert 'route="/api/v1/sessions/<uuid:session_id>"' in page
    assert member.session_id not in page
    assert "ann@example.org" not in page


def test_metrics_of_real_people_are_shown_to_nobody_without_the_token(started: Started) -> None:
    production = {
        "SUITE_ENVIRONMENT": "production",
        "SUITE_PUBLIC_URL": "https://localhost",
        "SUITE_MAIL": "smtp",
        "SUITE_MAIL_FROM": "Accounts <a@example.com>",
        "SUITE_SMS": "off",
    }
    closed = started(**production).test_client()
    guarded = started(**production, SUITE_METRICS_TOKEN="watcher").test_client()

    assert closed.get("/metrics").status_code == 404
    assert closed.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    assert guarded.get("/metrics").status_code == 404
    assert guarded.get("/metrics", headers={"Authorization": "Bearer watche"}).status_code == 404
    assert guarded.get("/metrics", headers={"Authorization": "Bearer watcher"}).status_code == 200
