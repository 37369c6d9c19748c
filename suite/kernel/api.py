"""Blueprints and the API description: OpenAPI 3.1 with problem details for every refusal."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import marshmallow as ma
from flask import Request
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint as SmorestBlueprint
from webargs.flaskparser import FlaskParser

from suite.kernel import strictjson
from suite.kernel.errors import (
    InvalidInput,
    MalformedJson,
    Refusal,
    TooLarge,
    TooManyRequests,
    Unavailable,
    WrongMediaType,
)
from suite.kernel.fields import Schema

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)
PROBLEM = "application/problem+json"


class ProblemOut(Schema):
    """Problem details of RFC 9457 with a stable `code`."""

    type = ma.fields.String(required=True, metadata={"description": "about:blank; the code says more."})
    title = ma.fields.String(required=True, metadata={"description": "The refusal in the caller's language."})
    status = ma.fields.Integer(required=True, metadata={"description": "The HTTP status."})
    code = ma.fields.String(required=True, metadata={"description": "Stable; made for programs."})
    request_id = ma.fields.String(required=True, metadata={"description": "Name it when asking for help."})
    errors = ma.fields.List(
        ma.fields.Nested(
            ma.Schema.from_dict(
                {
                    "pointer": ma.fields.String(required=True, metadata={"description": "JSON pointer to the value."}),
                    "message": ma.fields.String(required=True),
                },
                name="ProblemError",
            )
        ),
        metadata={"description": "Which values are not acceptable, with code invalid_input."},
    )


class _Parser(FlaskParser):
    """Reads JSON strictly and turns every mistake into a refusal."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"query": ma.RAISE}

    def load_json(self, req: Request, schema: Any) -> Any:
        return strictjson.read(req)

    def handle_error(
        self, error: ma.ValidationError, req: Any, schema: Any, *, error_status_code: Any, error_headers: Any
    ) -> Any:
        where, messages = next(iter(error.normalized_messages().items()))  # type: ignore[no-untyped-call]
        raise InvalidInput(errors=pointers(messages, "" if where == "json" else f"/{where}"))


def pointers(messages: Any, base: str = "") -> list[dict[str, str]]:
    """Flatten marshmallow's messages into JSON pointers with one sentence each."""
    if isinstance(messages, dict):
        found: list[dict[str, str]] = []
        for key, inner in messages.items():
            step = "" if key == "_schema" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            found += pointers(inner, base + step)
        return found
    return [{"pointer": base[:200], "message": str(message)} for message in messages]


class Blueprint(SmorestBlueprint):  # type: ignore[misc]
    """A blueprint whose routes say what they take, give and refuse."""

    ARGUMENTS_PARSER = _Parser()

    def __init__(self, name: str, import_name: str, *, url_prefix: str, description: str) -> None:
        super().__init__(name, import_name, url_prefix=url_prefix, description=description)
        self._prepare_doc_cbks.append(_prepare_refusals)

    if TYPE_CHECKING:  # flask-smorest has no types

        def route(self, rule: str, **options: Any) -> Callable[[C], C]: ...

        def arguments(self, schema: Any, **options: Any) -> Callable[[F], F]: ...

        def response(self, status_code: int, schema: Any = None, **options: Any) -> Callable[[F], F]: ...

    def refuses(self, *refusals: type[Refusal]) -> Callable[[F], F]:
        """Name the refusals of a route for the API description."""

        def decorate(view: F) -> F:
            view._apidoc = {**getattr(view, "_apidoc", {}), "refusals": refusals}  # type: ignore[attr-defined]  # noqa: SLF001
            return view

        return decorate


def _prepare_refusals(doc: dict[str, Any], info: dict[str, Any], **_: Any) -> dict[str, Any]:
    refusals: set[type[Refusal]] = {*info.get("refusals", ()), TooManyRequests, Unavailable}
    access = info.get("access")
    if access is not None:
        refusals.update(access.refusals())
        if not access.public:
            doc["security"] = [{"bearer": []}, {"cookie": [], "csrf": []}]
    if "requestBody" in doc:
        refusals.update((MalformedJson, WrongMediaType, TooLarge, InvalidInput))
    if any(parameter["in"] == "query" for parameter in doc.get("parameters", ()) if isinstance(parameter, dict)):
        refusals.add(InvalidInput)
    responses = {
        status: response
        for status, response in doc.get("responses", {}).items()
        if str(status).isdigit() and int(status) < 400
    }
    doc["responses"] = responses | problem_responses(refusals)
    return doc


def problem_responses(refusals: Iterable[type[Refusal]]) -> dict[str, Any]:
    """Describe refusals as responses, one per status, with their codes."""
    by_status: dict[int, list[type[Refusal]]] = defaultdict(list)
    for refusal in sorted(refusals, key=lambda one: (one.status, one.code)):
        by_status[refusal.status].append(refusal)
    found: dict[str, Any] = {}
    for status, group in by_status.items():
        response: dict[str, Any] = {
            "description": "\n".join(f"`{refusal.code}`: {refusal.title}" for refusal in group),
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        if status in {429, 503}:
            response["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
        found[str(status)] = response
    return found


class Api(SmorestApi):  # type: ignore[misc]
    """The API description; errors are answered by `suite.kernel.http`."""

    def _register_error_handlers(self) -> None:
        """Leave errors to the one place that answers them."""

    def _register_responses(self) -> None:
        self.spec.components.schema("Problem", schema=ProblemOut)
        for name, scheme in {
            "bearer": {"type": "http", "scheme": "bearer", "description": "Token of an app session."},
            "cookie": {"type": "apiKey", "in": "cookie", "name": "__Host-session"},
            "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
        }.items():
            self.spec.components.security_scheme(name, scheme)
