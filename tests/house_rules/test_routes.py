"""Every route, asked the same questions: who may call, what comes in, and whether a stranger's rows exist."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from werkzeug.routing import Rule

from suite.kernel.access import PERMISSIONS, ActorKind, Permission, rule_of
from suite.kernel.http import App
from suite.kernel.ids import new_id
from suite.staff import Role
from tests import callers
from tests.licenses.making import issued
from tests.licenses.using import Product, give
from tests.people import People, SignedIn, profile_of

# Routes that are no API: operations, documents and pages for people.
OUTSIDE = {
    "/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/docs",
    "/docs/<any('swagger-ui.css', 'swagger-ui-bundle.js'):name>",
    "/privacy",
    "/privacy/versions/<version>",
    "/confirm",
    "/recover",
    "/staff/invitation",
    "/export",
    "/undo",
    "/cookies",
    "/unsubscribe",
    "/.well-known/gpc.json",
    "/privacy/request",
    "/dev/inbox",
    "/dev/inbox/messages",
    "/dev/inbox/messages/<uuid:message_id>.html",
}


# What strangers may do; everything else in the API wants a sign-in.
OPEN = {
    ("GET", "/api/v1/privacy/catalogue"),
    ("GET", "/api/v1/privacy/versions"),
    ("GET", "/api/v1/privacy/versions/<version>"),
    ("GET", "/api/v1/privacy/authority"),
    ("GET", "/api/v1/products"),
    ("GET", "/api/v1/services"),
    ("GET", "/api/v1/services/<key>"),
    ("POST", "/api/v1/registrations"),
    ("POST", "/api/v1/registrations/<uuid:registration_id>/confirmation"),
    ("POST", "/api/v1/registrations/<uuid:registration_id>/resend"),
    ("POST", "/api/v1/registrations/confirmation"),
    ("POST", "/api/v1/sessions"),
    ("POST", "/api/v1/sessions/challenge"),
    ("POST", "/api/v1/challenges/code"),
    ("POST", "/api/v1/callbacks/twilio/<uuid:message_id>"),
    ("GET", "/api/v1/security-questions"),
    ("POST", "/api/v1/recoveries"),
    ("POST", "/api/v1/recoveries/<uuid:recovery_id>/proof"),
    ("POST", "/api/v1/recoveries/proof"),
    ("POST", "/api/v1/recoveries/answer"),
    ("POST", "/api/v1/recoveries/second-factor"),
    ("POST", "/api/v1/recoveries/password"),
    ("POST", "/api/v1/recoveries/wait"),
    ("POST", "/api/v1/staff/invitations/acceptance"),
    ("POST", "/api/v1/staff/invitations/confirmation"),
    ("POST", "/api/v1/staff/sessions"),
    ("POST", "/api/v1/staff/sessions/challenge"),
    ("POST", "/api/v1/exports/handover"),
    ("POST", "/api/v1/undo"),
    ("POST", "/api/v1/undo/details"),
    ("GET", "/api/v1/cookie-choices"),
    ("PUT", "/api/v1/cookie-choices"),
    ("GET", "/api/v1/unsubscribe/<token>"),
    ("POST", "/api/v1/unsubscribe/<token>"),
    ("POST", "/api/v1/products/<product>/events"),
    ("POST", "/api/v1/licenses/activations"),
    ("POST", "/api/v1/licenses/validations"),
    ("POST", "/api/v1/licenses/releases"),
    ("GET", "/api/v1/licenses/keys"),
    ("POST", "/api/v1/visits"),
    ("GET", "/api/v1/beacons/<campaign>.gif"),
    ("POST", "/api/v1/privacy/requests"),
    ("POST", "/api/v1/privacy/requests/information"),
    ("POST", "/api/v1/privacy/requests/proof"),
}


# What other servers post as forms, signed; everything else in the API takes JSON. Here no such server is in use.
FORMS = {("POST", "/api/v1/callbacks/twilio/<uuid:message_id>")}


# What other servers post as JSON, signed: nobody reads the body before.
SIGNED = {("POST", "/api/v1/products/<product>/events")}


# Files that are sent as they are, so that no parser puts them anywhere.
UPLOADS = {("POST", "/api/v1/me/licenses/key-file")}


FILE = "application/octet-stream"


FORM = "application/x-www-form-urlencoded"


MALFORMED = {"data": b"{malformed", "content_type": "application/json"}


ID = {"X-Request-ID": "the-same"}


SEEN = {"If-Match": f'"{new_id().hex}.1"'}


SOME_STATE = {"If-Match": f'"{"0" * 32}.1"'}


def routes(app: App) -> Iterator[tuple[str, Rule, Any]]:
    """Give every route with its method and its view."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        view_class = getattr(view, "view_class", None)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule, getattr(view_class, method.lower()) if view_class else view


def api(app: App) -> list[tuple[str, Rule, Any]]:
    return [one for one in routes(app) if one[1].rule.startswith("/api/")]


def protected(app: App) -> list[tuple[str, Rule]]:
    return [(method, rule) for method, rule, view in api(app) if not rule_of(view).public]  # type: ignore[union-attr]


def for_staff(view: Any) -> bool:
    """Say whether a route is one of the internal tools: no person may call it."""
    return not PERMISSIONS[ActorKind.ACCOUNT].issuperset(rule_of(view).permissions)  # type: ignore[union-attr]


def of_persons(app: App) -> list[tuple[str, Rule]]:
    """Give the protected routes that a signed-in person may call."""
    return [
        (method, rule)
        for method, rule, view in api(app)
        if not rule_of(view).public and not for_staff(view)  # type: ignore[union-attr]
    ]


def of_staff(app: App) -> list[tuple[str, Rule]]:
    """Give the routes of the internal tools."""
    return [(method, rule) for method, rule, view in api(app) if for_staff(view)]


def callers_of(app: App, people: People) -> dict[tuple[str, str], SignedIn]:
    """Give somebody who may call it for every route, by method and described path."""
    member, staff = people.member(), people.staff(*Role)
    return {(method.lower(), described(rule)): staff if for_staff(view) else member for method, rule, view in api(app)}


def address(rule: Rule, value: object = None) -> str:
    """Fill the places of a route: with a random row number, or with the value."""
    with_values = {
        name: value if value is not None else (new_id() if type(converter).__name__ == "UUIDConverter" else "nothing")
        for name, converter in rule._converters.items()
    }
    return str(rule.build(with_values, append_unknown=False)[1])  # type: ignore[index]


def described(rule: Rule) -> str:
    """Write a route as the API description does."""
    path = rule.rule
    for name in rule.arguments:
        for start in ("<uuid:", "<"):
            path = path.replace(f"{start}{name}>", f"{{{name}}}")
    return path


def document(app: App) -> dict[str, Any]:
    return dict(app.test_client().get("/openapi.json").json)


def test_routes_outside_the_api_are_those_listed_here(app: App) -> None:
    assert {rule.rule for _, rule, _ in routes(app) if not rule.rule.startswith("/api/")} == OUTSIDE


def test_what_lies_outside_the_api_changes_nothing(app: App) -> None:
    assert {method for method, rule, _ in routes(app) if rule.rule in OUTSIDE} == {"GET"}


def test_every_route_of_the_api_is_described_and_nothing_else_is(app: App) -> None:
    served = {(method, described(rule)) for method, rule, _ in api(app)}
    paths = document(app)["paths"]
    told = {
        (method.upper(), path)
        for path, methods in paths.items()
        for method in methods
        if method in {"get", "post", "put", "patch", "delete"}
    }

    assert served == told


def test_every_route_says_who_may_call_it(app: App) -> None:
    assert [f"{method} {rule.rule}" for method, rule, view in routes(app) if rule_of(view) is None] == []


def test_strangers_may_do_what_is_listed_here_and_no_more(app: App) -> None:
    public = {(method, rule.rule) for method, rule, view in api(app) if rule_of(view).public}  # type: ignore[union-attr]

    assert public == OPEN


def test_the_description_says_the_same_about_signing_in(app: App) -> None:
    paths = document(app)["paths"]
    secured = {
        (method.upper(), path)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if isinstance(operation, dict) and operation.get("security")
    }

    assert secured == {(method, described(rule)) for method, rule in protected(app)}


def test_a_stranger_gets_401_everywhere_before_the_body_is_read(app: App, people: People) -> None:
    answers = {
        f"{method} {rule.rule}": people.stranger.open(address(rule), method=method, **MALFORMED)
        for method, rule in protected(app)
    }

    assert len(answers) >= 10
    assert {
        route: answer.json["code"]
        for route, answer in answers.items()
        if (answer.status_code, answer.json["code"]) != (401, "sign_in_needed")
    } == {}


@pytest.mark.parametrize("credential", ["Bearer nonsense", "Bearer " + "A" * 43])
def test_a_credential_that_opens_nothing_gets_401_everywhere(app: App, people: People, credential: str) -> None:
    for method, rule in protected(app):
        answer = people.stranger.open(address(rule), method=method, headers={"Authorization": credential}, **MALFORMED)
        assert (answer.status_code, answer.json["code"]) == (401, "sign_in_needed"), rule.rule


def test_a_body_nobody_can_read_is_refused_by_every_route_that_takes_one(app: App, people: People) -> None:
    allowed, seen = callers_of(app, people), 0
    paths = document(app)["paths"]
    for method, rule, _ in api(app):
        path = described(rule)
        if "requestBody" in paths[path][method.lower()] and (method, rule.rule) not in FORMS | SIGNED | UPLOADS:
            seen += 1
            answer = allowed[method.lower(), path].request(method, address(rule), **MALFORMED)
            assert (answer.status_code, answer.json["code"]) == (400, "malformed_json"), rule.rule
    assert seen >= 5


def acceptable(app: App, method: str, rule: Rule) -> dict[str, Any]:
    """Give a body the description allows, where the route takes one."""
    spec = document(app)
    operation = spec["paths"][described(rule)][method.lower()]
    if "requestBody" not in operation:
        return {}
    return {"json": resolved(spec, operation["requestBody"]["content"]["application/json"]["schema"])["examples"][0]}


def ids_of(people: People, member: SignedIn) -> dict[str, str]:
    """Give the row numbers a person owns, by the name of the place in a route."""
    people.with_app(member)
    consent = member.put("/api/v1/me/consents/my-account/news_by_email", json={"given": True})
    license_id, code = issued()
    give(member, license_id)
    activation = Product(people.stranger, code).activate().json
    return {
        "license_id": str(license_id),
        "activation_id": activation["id"],
        "entry_id": consent.json["receipt"],
        "session_id": member.session_id,
        "factor_id": member.get("/api/v1/me/factors").json["factors"][0]["id"],
        "request_id": member.post("/api/v1/me/requests", json={"kind": "question", "text": "Why?"}).json["id"],
        "export_id": member.post("/api/v1/me/exports", json={}).json["id"],
    } | things_of_company(member)


def things_of_company(member: SignedIn) -> dict[str, str]:
    """Give the row numbers of a company somebody founds."""
    member.post("/api/v1/me/services", json={"service": "company-account", "profile": profile_of("company-account")})
    invitation = member.post("/api/v1/company/invitations", json={"email": "invited@example.org"})
    domain = member.post("/api/v1/company/domains", json={"domain": "acme.example", "mailbox": "postmaster"})
    address = member.post("/api/v1/company/addresses", json={"email": "more@example.org"})
    return {
        "member_id": member.get("/api/v1/company/members").json["members"][0]["id"],
        "invitation_id": invitation.json["id"],
        "domain_id": domain.json["id"],
        "address_id": address.json["id"],
    }


def test_the_rows_of_others_are_answered_like_rows_that_do_not_exist(app: App, people: People) -> None:
    ann, bob = people.member(), people.member("bob@example.org")
    own = ids_of(people, bob)
    things_of_company(ann)
    asked = 0
    for method, rule in of_persons(app):
        for place in rule.arguments & set(own):
            asked += 1
            body = acceptable(app, method, rule)
            foreign = ann.request(method, address(rule, own[place]), headers=ID | SEEN, **body)
            random = ann.request(method, address(rule, new_id()), headers=ID | SEEN, **body)

            assert foreign.status_code == random.status_code == 404, rule.rule
            assert foreign.data == random.data
            assert sorted(foreign.headers) == sorted(random.headers)
    assert asked
    assert bob.get("/api/v1/me").status_code == 200


def numbers_in(routes_: list[tuple[str, Rule]]) -> set[str]:
    return {
        name
        for _, rule in routes_
        for name, converter in rule._converters.items()
        if type(converter).__name__ == "UUIDConverter"
    }


def test_every_row_number_in_a_protected_route_is_asked_above(app: App, people: People) -> None:
    assert numbers_in(of_persons(app)) == set(ids_of(people, people.member()))


def test_rows_that_do_not_exist_are_not_found_by_staff_and_neither_are_those_of_other_kinds(
    app: App, people: People
) -> None:
    ada, bea = people.staff(*Role), people.staff(Role.OPERATOR, email="bea@example.org")
    account = people.account()["id"]
    factor = bea.get("/api/v1/staff/me/factors").json["factors"][0]["id"]
    strange = {
        "account_id": [bea.person_id, factor, str(new_id())],
        "member_id": [account, factor, str(new_id())],
        "message_id": [account, bea.person_id, str(new_id())],
        "factor_id": [factor, account, str(new_id())],
        "endpoint_id": [account, str(new_id())],
        "delivery_id": [account, str(new_id())],
        "disclosure_id": [account, str(new_id())],
        "request_id": [account, str(new_id())],
        "row_id": [account, bea.person_id, str(new_id())],
        "connection_id": [account, bea.person_id, str(new_id())],
        "company_id": [account, bea.person_id, str(new_id())],
        "contract_id": [account, str(new_id())],
        "license_id": [account, bea.person_id, str(new_id())],
    }
    for method, rule in of_staff(app):
        for place in rule.arguments:
            answers = [
                ada.request(method, address(rule, one), headers=ID | SOME_STATE, **acceptable(app, method, rule))
                for one in strange[place]
            ]

            assert {answer.status_code for answer in answers} == {404}, rule.rule
            assert len({answer.data for answer in answers}) == 1, rule.rule
    assert numbers_in(of_staff(app)) == set(strange)
    assert bea.get("/api/v1/staff/me").status_code == 200


def test_the_internal_tools_are_closed_to_members_and_to_staff_without_the_permission(app: App, people: People) -> None:
    member, asked = people.member(), 0
    for method, rule, view in api(app):
        if not rule_of(view).public and for_staff(view):  # type: ignore[union-attr]
            others = set(Permission) - set(rule_of(view).permissions)  # type: ignore[union-attr]
            every_member_of_staff = Permission.OWN_STAFF_ACCESS in rule_of(view).permissions  # type: ignore[union-attr]
            for caller in (member,) if every_member_of_staff else (member, callers.staff(app, *others)):
                asked += 1
                answer = caller.request(method, address(rule), **MALFORMED)

                assert (answer.status_code, answer.json["code"]) == (403, "not_allowed"), rule.rule
    assert asked >= 2 * 10


def test_a_registration_of_others_is_opened_by_its_code_alone(people: People) -> None:
    started = people.register().json["id"]

    answers = [
        people.stranger.post(f"/api/v1/registrations/{one}/confirmation", json={"code": "x"}).status_code
        for one in (started, new_id(), UUID(int=0))
    ]

    assert answers == [422, 422, 422]


def schemas_in(
    app: App, media_type: str = "application/json"
) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Give the schema of every request body of that type, with its route."""
    spec = document(app)
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            if isinstance(operation, dict) and media_type in operation.get("requestBody", {}).get("content", {}):
                found = operation["requestBody"]["content"][media_type]["schema"]
                yield method, path, resolved(spec, found), spec


def read_at_once(app: App) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give the schema of every JSON body that is read without a signature, with its route."""
    signed = {(method, re.sub(r"<(?:uuid:)?(\w+)>", r"{\1}", rule)) for method, rule in SIGNED}
    for method, path, schema, _ in schemas_in(app):
        if (method.upper(), path) not in signed:
            yield method, path, schema


def filled(path: str) -> str:
    """Put a random row number into every place of a described path."""
    return re.sub(r"\{\w+\}", lambda _place: str(new_id()), path)


def resolved(spec: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return dict(spec["components"]["schemas"][name]) if name else schema


def test_a_file_is_taken_as_it_is_and_as_nothing_else(app: App, people: People) -> None:
    member = people.member()
    for method, path in UPLOADS:
        for body in (
            {"json": {}},
            {"data": {"file": (BytesIO(b"x"), "x")}},
            {"data": b"x", "content_type": "text/plain"},
        ):
            answer = member.request(method, f"{path}?service=my-account", **body)

            assert (answer.status_code, answer.json["code"]) == (415, "wrong_media_type"), path


def test_a_body_is_json_but_for_the_forms_and_files_listed_here(app: App) -> None:
    types = {
        (method, rule.rule): set(operation["requestBody"]["content"])
        for method, rule, _ in api(app)
        if "requestBody" in (operation := document(app)["paths"][described(rule)][method.lower()])
    }

    assert {route for route, found in types.items() if found == {FORM}} == FORMS
    assert {route for route, found in types.items() if found == {FILE}} == UPLOADS
    assert all(found == {"application/json"} for route, found in types.items() if route not in FORMS | UPLOADS)


def test_a_form_is_taken_from_signed_callers_alone_and_from_nobody_where_there_are_none(
    app: App, people: People
) -> None:
    member, paths = people.member(), document(app)["paths"]
    for method, rule, view in api(app):
        if (method, rule.rule) in FORMS:
            operation = paths[described(rule)][method.lower()]
            required = [one["name"] for one in operation["parameters"] if one["in"] == "header" and one["required"]]
            answers = [
                member.request(method, address(rule), **body)
                for body in (MALFORMED, {"data": b"", "content_type": FORM}, {"json": {}})
            ]

            assert rule_of(view).public  # type: ignore[union-attr]
            assert any("Signature" in name for name in required), rule.rule
            assert {(one.status_code, one.json["code"]) for one in answers} == {(404, "not_found")}


def test_what_is_signed_is_not_read_before_the_signature_fits(app: App, people: People) -> None:
    member, paths = people.member(), document(app)["paths"]
    for method, rule, view in api(app):
        if (method, rule.rule) in SIGNED:
            parameters = paths[described(rule)][method.lower()]["parameters"]
            headers = {one["name"]: "v1,AAAA" for one in parameters if isinstance(one, dict) and one["in"] == "header"}
            answers = [
                member.request(method, address(rule), headers=given, **body)
                for given in ({}, headers)
                for body in (MALFORMED, {"json": {}})
            ]

            assert rule_of(view).public  # type: ignore[union-attr]
            assert {(one.status_code, one.json["code"]) for one in answers} == {(400, "event_headers_missing")}


def test_a_form_is_an_object_that_takes_what_its_sender_adds(app: App) -> None:
    for method, path, schema, _ in schemas_in(app, FORM):
        assert schema["type"] == "object", (method, path)
        assert "additionalProperties" not in schema, (method, path)


def test_every_body_is_an_object_that_takes_nothing_unknown(app: App) -> None:
    for method, path, schema, spec in schemas_in(app):
        inner = [resolved(spec, one) for one in schema["properties"].values() if "$ref" in one]
        for one in (schema, *inner):
            assert one["type"] == "object", (method, path)
            assert one["additionalProperties"] is False, (method, path)


INTERNAL = [
    "id",
    "account_id",
    "person_id",
    "is_admin",
    "roles",
    "password_hash",
    "email_key",
    "closed_at",
    "tries",
    "created_at",
    "__class__",
    "",
]


def test_every_write_refuses_what_it_did_not_ask_for(app: App, people: People) -> None:
    allowed, seen = callers_of(app, people), 0
    for method, path, schema in read_at_once(app):
        for name in INTERNAL:
            if name in schema["properties"]:
                continue
            seen += 1
            answer = allowed[method, path].request(method.upper(), filled(path), json={name: "x"})

            assert (answer.status_code, answer.json["code"]) == (422, "invalid_input"), (path, name)
            assert f"/{name}" in {one["pointer"] for one in answer.json["errors"]}, (path, name)
    assert seen >= 5 * (len(INTERNAL) - 1)


def test_whatever_is_changed_by_its_etag_also_shows_it(app: App) -> None:
    paths, seen = document(app)["paths"], 0
    for path, methods in paths.items():
        for method, operation in methods.items():
            asked = (
                [one for one in operation.get("parameters", ()) if one.get("name") == "If-Match"]
                if method != "parameters"
                else []
            )
            if asked:
                seen += 1
                shown = methods if "get" in methods else paths[path.rpartition("/")[0]]  # an act stands below its thing
                given = [next(iter(one["responses"].values())) for one in (operation, shown["get"])]

                assert asked[0]["required"], path
                assert {"412", "428"} <= set(operation["responses"]), path
                assert all("ETag" in answer["headers"] for answer in given), path
    assert seen >= 2


def test_every_list_and_text_that_comes_in_has_an_end(app: App) -> None:
    for method, path, schema, spec in (*schemas_in(app), *schemas_in(app, FORM)):
        fields = dict(schema["properties"])
        for one in schema["properties"].values():
            fields |= resolved(spec, one).get("properties", {}) if "$ref" in one else {}
        for name, one in fields.items():
            kind = one.get("type")
            kind = next(iter(set(kind) - {"null"})) if isinstance(kind, list) else kind
            ends = {"string": {"maxLength", "enum", "pattern"}, "array": {"maxItems"}, "integer": {"maximum"}}.get(kind)
            assert ends is None or ends & set(one) or one.get("format") in {"uuid", "date-time"}, (method, path, name)


@pytest.mark.parametrize("item", ["", "x", 1, None, {}, []], ids=repr)
def test_a_list_that_is_too_long_costs_no_more_than_the_answer_that_says_so(
    app: App, people: People, item: object
) -> None:
    allowed, seen = callers_of(app, people), 0
    for method, path, schema in read_at_once(app):
        for name in (name for name, one in schema["properties"].items() if one.get("type") == "array"):
            seen += 1
            answer = allowed[method, path].request(method.upper(), filled(path), json={name: [item] * 1000})

            assert answer.status_code in {400, 422}
            assert len(answer.data) < 2000, (path, name)
    assert seen >= 2


def test_the_mistakes_of_one_body_are_named_up_to_a_hundred(app: App, people: People) -> None:
    allowed, seen = callers_of(app, people), 0
    for method, path, _ in read_at_once(app):
        seen += 1
        body = {f"k{number}": 1 for number in range(5000)}
        answer = allowed[method, path].request(method.upper(), filled(path), json=body)

        assert (answer.status_code, len(answer.json["errors"])) == (422, 100), path
    assert seen >= 5


@pytest.mark.parametrize("written", ["%00", "a%00b", "my-account%00"])
def test_a_nul_in_an_address_finds_nothing_on_both_databases(app: App, people: People, written: str) -> None:
    member, seen = people.member(), 0
    member.post("/api/v1/me/services", json={"service": "cloud-console"})
    for method, rule, _ in api(app):
        if rule.arguments:
            seen += 1
            answer = member.request(method, re.sub(r"<[^>]*>", written, rule.rule), json={})

            assert (answer.status_code, answer.json["code"]) == (404, "not_found"), rule.rule
    assert seen >= 5
