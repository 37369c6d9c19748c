"""How routes are described: OpenAPI 3.1, with exactly the refusals that can come."""

import http
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import marshmallow as ma
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter

from suite.kernel import forms
from suite.kernel.errors import (
    CsrfMissing,
    ForeignOrigin,
    FormNeeded,
    InvalidInput,
    Later,
    MalformedForm,
    MalformedJson,
    NotFound,
    Refusal,
    TooLarge,
    TooManyRequests,
    TwoCredentials,
    Unavailable,
    UnknownHost,
    WrongMediaType,
)
from suite.kernel.fields import OneFieldSchema, Schema

PROBLEM = "application/problem+json"
_READS = frozenset({"get", "head", "options"})
_SMALL_WORDS = frozenset({"a", "an", "the", "your", "one", "of"})


class ProblemOut(Schema):
    """Problem details of RFC 9457 with a stable `code`."""

    type = ma.fields.String(required=True, metadata={"description": "about:blank; the code says more."})
    title = ma.fields.String(required=True, metadata={"description": "The refusal in the caller's language."})
    status = ma.fields.Integer(required=True, metadata={"description": "The HTTP status."})
    code = ma.fields.String(required=True, metadata={"description": "Stable; made for programs."})
    request_id = ma.fields.String(required=True, metadata={"description": "Name it when asking for help."})
    errors = ma.fields.List(
        ma.fields.Nested(
            Schema.from_dict(
                {
                    "pointer": ma.fields.String(required=True, metadata={"description": "JSON pointer to the value."}),
                    "message": ma.fields.String(required=True, metadata={"description": "What is wrong with it."}),
                },
                name="ProblemError",
            )
        ),
        metadata={"description": "Which values are not acceptable, with code invalid_input."},
    )
    reason = ma.fields.String(metadata={"description": "What is wrong with the JSON, with code malformed_json."})
    limit = ma.fields.Integer(metadata={"description": "Largest body in bytes, with code too_large."})
    left = ma.fields.Integer(metadata={"description": "Tries left for this question, with code wrong_code."})
    least = ma.fields.Integer(metadata={"description": "Fewest characters, with code password_too_short."})


def operation_id(summary: str) -> str:
    """Make a name for generated clients from a summary: "Join another service" is `joinAnotherService`."""
    words = [word for word in re.findall(r"[A-Za-z]+", summary) if word.lower() not in _SMALL_WORDS]
    return str(words[0].lower() + "".join(word.capitalize() for word in words[1:]))


def describe(doc: dict[str, Any], info: dict[str, Any], *, method: str, **_: Any) -> dict[str, Any]:
    """Describe one operation: refusals, security, name; called by flask-smorest."""
    access = info.get("access")
    refusals = {*_named(info.get("refusals", ())), *_general_refusals(doc, info, method)}
    doc["security"] = []
    if access is not None:
        refusals.update(access.refusals())
        if not access.public:
            refusals.add(TwoCredentials)
            doc["security"] = [{"bearer": []}, {"cookie": []} if method in _READS else {"cookie": [], "csrf": []}]
            if method not in _READS:
                refusals.add(CsrfMissing)
    given = {
        status: response
        for status, response in doc.get("responses", {}).items()
        if str(status).isdigit() and int(status) < http.HTTPStatus.BAD_REQUEST
    }
    if info.get("gives_version"):
        for response in given.values():
            response.setdefault("headers", {})["ETag"] = {"$ref": "#/components/headers/Version"}
    doc["responses"] = given | problem_responses(refusals)
    doc["operationId"] = info.get("operation_id") or operation_id(info["docstring"]["summary"])
    return doc


def _named(refusals: Iterable[Any]) -> Iterator[type[Refusal]]:
    for one in refusals:
        yield from (one,) if isinstance(one, type) else one()


def _general_refusals(doc: dict[str, Any], info: dict[str, Any], method: str) -> set[type[Refusal]]:
    """Give the refusals that follow from the shape of a route."""
    found: set[type[Refusal]] = {UnknownHost, TooManyRequests, Unavailable}
    if method not in _READS:
        found.add(ForeignOrigin)
    if "<" in info["rule"]:
        found.add(NotFound)
    if "requestBody" in doc:
        form = forms.TYPE in doc["requestBody"]["content"]
        found.update((MalformedForm, FormNeeded) if form else (MalformedJson, WrongMediaType))
        found.update((TooLarge, InvalidInput))
    if any(parameter["in"] == "query" for parameter in doc.get("parameters", ()) if isinstance(parameter, dict)):
        found.add(InvalidInput)
    return found


def problem_responses(refusals: Iterable[type[Refusal]]) -> dict[str, Any]:
    """Describe refusals as responses, one per status, with exactly the codes that can come."""
    by_status: dict[int, list[type[Refusal]]] = defaultdict(list)
    for refusal in sorted(refusals, key=lambda one: (one.status, one.code, one.title)):
        by_status[refusal.status].append(refusal)
    return {str(status): _problem_response(group) for status, group in by_status.items()}


def _problem_response(group: list[type[Refusal]]) -> dict[str, Any]:
    codes = {"enum": list(dict.fromkeys(refusal.code for refusal in group))}
    response: dict[str, Any] = {
        "description": "\n\n".join(f"`{refusal.code}`: {refusal.title}" for refusal in group),
        "content": {
            PROBLEM: {
                "schema": {
                    "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {"type": "object", "properties": {"code": codes}, "required": ["code"]},
                    ]
                }
            }
        },
    }
    headers = {}
    waiting = [issubclass(refusal, Later) for refusal in group]
    if any(waiting):
        headers["Retry-After"] = {"$ref": f"#/components/headers/{'RetryAfter' if all(waiting) else 'MayRetryAfter'}"}
    if group[0].status == http.HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = {"$ref": "#/components/headers/Challenge"}
    return response | ({"headers": headers} if headers else {})


class _Describer(OpenAPIConverter):
    """Takes the sentence and the example of a schema over into the description, and what else it says in `also`."""

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        """Describe one schema."""
        found: dict[str, Any] = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]
        if (said := sentence(schema)) is not None:
            found["description"] = said
        if (example := getattr(schema, "example", None)) is not None:
            found["examples"] = [example]
        if isinstance(schema, OneFieldSchema):
            found |= {"minProperties": 1, "maxProperties": 1}
        return found | getattr(schema, "also", {})


class Schemas(MarshmallowPlugin):
    """Describes schemas in our own words."""

    Converter = _Describer


def sentence(schema: Any) -> str | None:
    """Give the sentence of a schema's docstring."""
    kind = schema if isinstance(schema, type) else type(schema)
    return " ".join(kind.__doc__.split()) if schema is not None and kind.__doc__ else None


_SECONDS = {"type": "integer", "minimum": 1}
HEADERS: dict[str, dict[str, Any]] = {
    "RetryAfter": {"description": "Seconds to wait.", "required": True, "schema": _SECONDS},
    "MayRetryAfter": {"description": "Seconds to wait, where waiting helps.", "schema": _SECONDS},
    "Challenge": {
        "description": "The scheme to sign in with.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Version": {
        "description": "The state of what is shown; send it in If-Match to change that.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Replayed": {
        "description": "`true` when this is the stored answer to an earlier request with the same Idempotency-Key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "SessionCookie": {
        "description": "The session cookie of a browser: HttpOnly, SameSite=Lax, whole site, Secure over https.",
        "schema": {"type": "string"},
    },
}
