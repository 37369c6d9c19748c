"""The API description: committed, valid, and enough to build a front end from."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate

from suite.kernel.description import operation_id
from suite.kernel.http import App

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method != "parameters"
}
NEEDS_SIGN_IN = {name for name, (_, _, operation) in OPERATIONS.items() if operation["security"]}


def body_schema(name: str) -> tuple[str, dict[str, Any]]:
    """Give the media type and the schema of a request body."""
    ((media_type, content),) = OPERATIONS[name][2]["requestBody"]["content"].items()
    return media_type, resolved(content["schema"])


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference inside the document."""
    while "$ref" in part:
        found: Any = DOCUMENT
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def codes(operation: dict[str, Any], status: str) -> list[str]:
    """Give the codes an operation documents for a status."""
    schema = operation["responses"][status]["content"]["application/problem+json"]["schema"]
    return list(schema["allOf"][1]["properties"]["code"]["enum"])


def test_the_committed_description_is_what_the_code_says(tmp_path: Path) -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "suite.cli", "openapi"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout

    assert printed == (ROOT / "openapi.json").read_text(encoding="utf-8"), "Run `make openapi` and commit the result."
    assert list(tmp_path.iterdir()) == []


def test_the_description_is_valid_openapi() -> None:
    validate(DOCUMENT)

    assert DOCUMENT["openapi"].startswith("3.1.")


def test_the_description_holds_every_route_under_the_api(database: App) -> None:
    rules = {
        (method.lower(), rule.rule.replace("<uuid:", "{").replace("<", "{").replace(">", "}"))
        for rule in database.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods - {"OPTIONS", "HEAD"}
    }

    assert rules == {(method, path) for method, path, _ in OPERATIONS.values()}


def test_every_operation_has_a_name_of_its_own() -> None:
    count = sum(1 for item in DOCUMENT["paths"].values() for method in item if method != "parameters")

    assert len(OPERATIONS) == count
    assert all(name.isalpha() and name[0].islower() and len(name) <= 40 for name in OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_says_what_it_does_and_where_it_belongs(name: str) -> None:
    operation = OPERATIONS[name][2]
    tags = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}

    assert 3 < len(operation["summary"]) <= 60
    assert [bool(tags[tag]) for tag in operation["tags"]] == [True]


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_says_what_it_gives(name: str) -> None:
    given = {status: answer for status, answer in OPERATIONS[name][2]["responses"].items() if int(status) < 400}

    assert list(given) == (["201", "202"] if name == "signIn" else [next(iter(given))])
    for status, answer in given.items():
        assert answer["description"]
        kind, content = next(iter(answer.get("content", {"": {}}).items()))
        is_file = content.get("schema") == {"type": "string", "format": "binary"}
        bare = status in {"204", "303"}
        assert bare or (is_file and kind != "application/json") or resolved(content["schema"])["required"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_documents_every_refusal_that_follows_from_its_shape(name: str) -> None:
    method, path, operation = OPERATIONS[name]
    expected = {"400": ["unknown_host"], "429": ["too_many_requests"], "503": ["unavailable"]}
    if method != "get":
        expected["403"] = ["foreign_origin"]
    if "{" in path:
        expected["404"] = ["not_found"]
    if "requestBody" in operation:
        expected |= {"413": ["too_large"], "415": ["wrong_media_type"], "422": ["invalid_input"]}
    if name in NEEDS_SIGN_IN:
        expected["401"] = ["sign_in_needed"]
        expected["403"] = ["not_allowed", *(["csrf_token_missing"] if method != "get" else [])]

    missing = {status: set(wanted) - set(codes(operation, status)) for status, wanted in expected.items()}

    assert not any(missing.values()), missing


@pytest.mark.parametrize("name", OPERATIONS)
def test_waiting_and_signing_in_are_documented_with_their_headers(name: str) -> None:
    answers = OPERATIONS[name][2]["responses"]

    for status in ("429", "503"):
        assert resolved(answers[status]["headers"]["Retry-After"])["required"]
    assert "401" not in answers or resolved(answers["401"]["headers"]["WWW-Authenticate"])["required"]


@pytest.mark.parametrize("name", [name for name in OPERATIONS if "requestBody" in OPERATIONS[name][2]])
def test_a_request_body_comes_with_an_example_that_is_acceptable(name: str) -> None:
    media_type, schema = body_schema(name)
    whole = {**schema, "components": DOCUMENT["components"]}

    for example in schema["examples"]:
        Draft202012Validator(whole, format_checker=FormatChecker()).validate(example)

    assert schema["examples"]
    if media_type == "application/json":
        assert schema["additionalProperties"] is False


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_the_examples_of_a_schema_follow_it(name: str) -> None:
    schema = DOCUMENT["components"]["schemas"][name]
    whole = {**schema, "components": DOCUMENT["components"]}

    for example in schema.get("examples", ()):
        Draft202012Validator(whole).validate(example)

    assert schema.get("description") or name.startswith(("Catalogue", "Profile", "Problem")), "Say what it is."


def test_what_has_a_default_is_not_required() -> None:
    with_default = [
        (name, field)
        for name, schema in DOCUMENT["components"]["schemas"].items()
        for field, part in schema.get("properties", {}).items()
        if "default" in part and field in schema.get("required", ())
    ]
    registration = DOCUMENT["components"]["schemas"]["RegistrationIn"]

    assert with_default == []
    assert registration["required"] == ["email", "password", "service"]


def test_a_caller_signs_in_by_token_or_by_cookie_and_changes_need_the_csrf_token() -> None:
    reading = {name for name in NEEDS_SIGN_IN if OPERATIONS[name][0] == "get"}

    for name in NEEDS_SIGN_IN:
        cookie = {"cookie": []} if name in reading else {"cookie": [], "csrf": []}
        assert OPERATIONS[name][2]["security"] == [{"bearer": []}, cookie]
    assert reading
    assert set(DOCUMENT["components"]["securitySchemes"]) == {"bearer", "cookie", "csrf"}


@pytest.mark.parametrize("name", ["signIn", "signOut", "endSession"])
def test_the_session_cookie_is_documented_where_it_is_set(name: str) -> None:
    answers = OPERATIONS[name][2]["responses"]
    given = next(answer for status, answer in answers.items() if int(status) < 400)

    assert "HttpOnly" in resolved(given["headers"]["Set-Cookie"])["description"]


def test_the_overview_names_each_step_of_signing_up_and_in() -> None:
    overview = DOCUMENT["info"]["description"]

    for step in ("GET /api/v1/services", "POST /api/v1/registrations", "/confirmation", "POST /api/v1/sessions"):
        assert step in overview
    for word in ("X-CSRF-Token", "Authorization: Bearer", "Retry-After", "sign_in_again", "invalid_input"):
        assert word in overview


def test_names_for_clients_come_from_summaries() -> None:
    assert operation_id("Register for a service") == "registerForService"
    assert operation_id("Sign out") == "signOut"


def test_the_server_gives_the_same_description_with_its_own_cookie(database: App) -> None:
    served = database.test_client().get("/openapi.json")

    served_text = served.get_data(as_text=True).replace('"suite_session"', '"__Host-session"')
    assert served.status_code == 200
    assert json.loads(served_text) == DOCUMENT
