"""Blueprints whose routes say what they take, give and refuse, and the API they make up."""

import http
from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import marshmallow as ma
import orjson
from flask import Request, Response
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint as SmorestBlueprint
from webargs.flaskparser import FlaskParser

from suite.kernel import forms, strictjson
from suite.kernel.description import HEADERS, ProblemOut, Schemas, describe, sentence
from suite.kernel.errors import InvalidInput, Refusal
from suite.kernel.http import itself

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)
_MISTAKES = 100
"""Mistakes of one request that are named; a body of a thousand wrong fields gets no answer of that size."""


class _Parser(FlaskParser):
    """Reads JSON and forms strictly and turns every mistake into a refusal."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"query": ma.RAISE}

    def get_default_request(self) -> Request:
        return itself()

    def load_json(self, req: Request, schema: Any) -> Any:
        return strictjson.read(req)

    def load_form(self, req: Request, schema: Any) -> Any:
        return self._makeproxy(forms.read(req), schema)

    def handle_error(
        self, error: ma.ValidationError, req: Any, schema: Any, *, error_status_code: Any, error_headers: Any
    ) -> Any:
        where, messages = next(iter(error.normalized_messages().items()))  # type: ignore[no-untyped-call]
        raise InvalidInput(errors=pointers(messages, "" if where in {"json", "form"} else f"/{where}")[:_MISTAKES])


class _BeaconParser(_Parser):
    """Reads JSON that comes as text too."""

    def load_json(self, req: Request, schema: Any) -> Any:
        return strictjson.read(req, strictjson.BEACON_TYPES)


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
        self._prepare_doc_cbks.append(describe)

    def add_url_rule(self, rule: str, *args: Any, **options: Any) -> None:
        """Add a route, and keep its rule for the description."""
        super().add_url_rule(rule, *args, **options)
        for method, info in self._docs[self._endpoints[-1]].items():
            if method != "parameters":
                info["rule"] = rule

    def response(self, status_code: int, schema: Any = None, **options: Any) -> Callable[[F], F]:
        """Say what a route gives; the sentence of the schema describes it."""
        said = sentence(schema) or ("Done; there is no body." if status_code == http.HTTPStatus.NO_CONTENT else None)
        described = super().response(status_code, schema, **{"description": said, **options})
        dump = (schema() if isinstance(schema, type) else schema).dump if schema is not None else None

        def decorate(view: F) -> F:
            @wraps(view)
            def answered(*args: Any, **kwargs: Any) -> Response:
                result = view(*args, **kwargs)
                if isinstance(result, Response):
                    return result
                if dump is None:
                    return Response(status=status_code)
                return Response(orjson.dumps(dump(result)), status_code, content_type="application/json")

            answered._apidoc = described(view)._apidoc  # type: ignore[attr-defined]  # noqa: SLF001
            return cast("F", answered)

        return decorate

    def alternative(self, status_code: int, schema: Any) -> Callable[[F], F]:
        """Say what else a route may give; the view makes that answer itself."""
        described = super().alt_response(status_code, schema=schema, description=sentence(schema), success=True)

        def decorate(view: F) -> F:
            view._apidoc = described(view)._apidoc  # type: ignore[attr-defined]  # noqa: SLF001
            return view

        return decorate

    def file(self, content_type: str, says: str) -> Callable[[F], F]:
        """Say that a route gives a file of this type; the view makes that answer itself."""
        whole = {"type": "string", "format": "binary"}
        described = super().response(http.HTTPStatus.OK, whole, content_type=content_type, description=says)

        def decorate(view: F) -> F:
            view._apidoc = described(view)._apidoc  # type: ignore[attr-defined]  # noqa: SLF001
            return view

        return decorate

    if TYPE_CHECKING:  # flask-smorest has no types

        def route(self, rule: str, **options: Any) -> Callable[[C], C]: ...

        def arguments(self, schema: Any, **options: Any) -> Callable[[F], F]: ...

        def doc(self, **options: Any) -> Callable[[F], F]: ...

    def refuses(self, *refusals: type[Refusal] | Callable[[], Iterable[type[Refusal]]]) -> Callable[[F], F]:
        """Name the refusals of a route for the API description; a function gives those of parts not known yet."""
        return _told(refusals=refusals)

    def called(self, operation_id: str) -> Callable[[F], F]:
        """Name the operation for generated clients, where its summary makes no good name."""
        return _told(operation_id=operation_id)


def _told(**facts: Any) -> Callable[[F], F]:
    """Put facts where flask-smorest collects what a route says, without another call around the view."""

    def decorate(view: F) -> F:
        view._apidoc = {**getattr(view, "_apidoc", {}), **facts}  # type: ignore[attr-defined]  # noqa: SLF001
        return view

    return decorate


class BeaconBlueprint(Blueprint):
    """A blueprint whose bodies may be sent by `navigator.sendBeacon`: JSON, also as text/plain."""

    ARGUMENTS_PARSER = _BeaconParser()


class Api(SmorestApi):  # type: ignore[misc]
    """The API description; errors are answered by `suite.kernel.http`."""

    def _init_spec(self, **options: Any) -> None:
        super()._init_spec(**{"marshmallow_plugin": Schemas(), **options})

    def _register_error_handlers(self) -> None:
        """Leave errors to the one place that answers them."""

    def _register_responses(self) -> None:
        components = self.spec.components
        components.schema("Problem", schema=ProblemOut)
        for name, header in HEADERS.items():
            components.header(name, header)
        components.security_scheme(
            "bearer",
            {"type": "http", "scheme": "bearer", "description": "The `token` of an app session."},
        )
        components.security_scheme(
            "cookie",
            {
                "type": "apiKey",
                "in": "cookie",
                "name": self._app.session_cookie,
                "description": "The cookie of a browser session; the browser sends it by itself.",
            },
        )
        components.security_scheme(
            "csrf",
            {
                "type": "apiKey",
                "in": "header",
                "name": "X-CSRF-Token",
                "description": "The `csrf_token` of a browser session, with every request that changes something.",
            },
        )

    def _register_pagination_header(self) -> None:
        """Lists are paged in the body, never in a header."""
