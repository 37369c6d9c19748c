"""The HTTP surface: one transaction per request, problem details for every error, safe headers."""

import ipaddress
import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
from flask import Flask, Request, Response, request
from flask.json.provider import JSONProvider
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.http import dump_cookie
from werkzeug.middleware.proxy_fix import ProxyFix

from suite.declarations import Cookie
from suite.kernel import access, db, errors, metrics, words
from suite.kernel import secrets as keys
from suite.kernel.access import NOBODY, Actor
from suite.kernel.description import PROBLEM
from suite.kernel.errors import Refusal
from suite.kernel.log import log, request_line
from suite.kernel.words import marked as _
from suite.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Recogniser = Callable[[str, str], Actor | None]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
APP, BROWSER = "app", "browser"
_BEGAN = "suite.began"
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEADERS = [
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
]
_HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    411: "length_needed",
    413: "too_large",
    414: "address_too_long",
    415: "wrong_media_type",
    416: "range_not_satisfiable",
    429: "too_many_requests",
    431: "headers_too_large",
}


class OrjsonProvider(JSONProvider):
    """JSON out by orjson; JSON in goes through `strictjson`."""

    def dumps(self, obj: Any, **_kwargs: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_kwargs: Any) -> Any:
        return orjson.loads(s)


class App(Flask):
    """Flask with the rules of the house around every view."""

    json_provider_class = OrjsonProvider

    def __init__(self, settings: Settings) -> None:
        super().__init__("suite", static_folder=None, template_folder=None)
        self.settings = settings
        self.recognise: Recogniser = lambda _credential, _client: None
        self.cookies_allowed: Mapping[str, Cookie] = {}
        self.cookie_consented: Callable[[str], bool] = lambda _purpose: False
        self.session_cookie = "__Host-session" if settings.https else "suite_session"
        self.device_cookie = "__Host-device" if settings.https else "suite_device"
        self.config.update(MAX_CONTENT_LENGTH=1024 * 1024, MAX_FORM_MEMORY_SIZE=256 * 1024, MAX_FORM_PARTS=50)
        self.config.update(PROPAGATE_EXCEPTIONS=False, TRAP_HTTP_EXCEPTIONS=False)
        self.url_map.strict_slashes = True
        self.url_map.redirect_defaults = False
        self.url_map.merge_slashes = False
        if settings.trusted_proxies:
            hops = settings.trusted_proxies
            self.wsgi_app = ProxyFix(self.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
        self.before_request(self._begin)
        self.after_request(self._finish)
        self.teardown_request(_forget_caller)
        self.register_error_handler(Refusal, answer)
        self.register_error_handler(HTTPException, _http_error)
        self.register_error_handler(Exception, _unexpected)
        headers = list(_HEADERS)
        if settings.https:
            headers.append(("Strict-Transport-Security", "max-age=63072000; includeSubDomains"))
        self._headers = tuple(headers)
        self._hosts, self._origins = settings.hosts, settings.origins

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer, with the headers of the house where the view set none of that name."""

        def begin(status: str, headers: list[tuple[str, str]], *problem: Any) -> Callable[[bytes], object]:
            given = {name for name, _ in headers}
            headers.extend(pair for pair in self._headers if pair[0] not in given)
            return start_response(status, headers, *problem)

        return super().wsgi_app(environ, begin)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Give the function as it is: nothing here is asynchronous, and asking eight times a request costs."""
        return func

    def dispatch_request(self) -> Any:
        """Run the view in its transaction; answers of 400 and more roll back, unless the refusal keeps work."""
        asked = itself()
        if asked.routing_exception is not None or asked.method == "OPTIONS":
            return super().dispatch_request()
        view, named = self.view_functions[asked.endpoint or ""], asked.view_args or {}
        if getattr(view, "without_transaction", False):
            return view(**named)
        if asked.method in SAFE:
            with db.reads():
                return view(**named)
        with db.transaction() as session:
            result = view(**named)
            if isinstance(result, Response) and result.status_code >= 400:
                session.rollback()
            return result

    def _begin(self) -> None:
        asked = itself()
        environ = asked.environ
        environ[_BEGAN] = time.perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID", "")
        name = given if given and _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        access.begin(NOBODY, name)
        if _host_name(environ.get("HTTP_HOST", "")) not in self._hosts:
            raise errors.UnknownHost
        if "\0" in environ["PATH_INFO"]:  # PostgreSQL keeps no such text, so nothing can have this name
            raise errors.NotFound
        if "HTTP_AUTHORIZATION" in environ and "HTTP_COOKIE" in environ and self.session_cookie in asked.cookies:
            raise errors.TwoCredentials
        access.begin(self._identify, name)
        if asked.method not in SAFE:
            self._check_origin(environ)

    def _identify(self) -> Actor:
        """Look up the caller: by bearer token or by session cookie, never by both."""
        header = request.environ.get("HTTP_AUTHORIZATION")
        if header is not None:
            scheme, _, token = header.partition(" ")
            found = self.recognise(token.strip(), APP) if scheme.lower() == "bearer" and token.isascii() else None
            if found is None:
                raise errors.SignInNeeded
            return found
        cookie = request.cookies.get(self.session_cookie)
        if cookie is None:
            return NOBODY
        found = self.recognise(cookie, BROWSER) if cookie.isascii() else None
        if found is None:
            return NOBODY
        if request.method not in SAFE:
            sent = request.headers.get("X-CSRF-Token", "")
            if not found.csrf or not sent.isascii() or not keys.same(sent, found.csrf):
                raise errors.CsrfMissing
        return found

    def _check_origin(self, environ: "WSGIEnvironment") -> None:
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and origin not in self._origins:
            if self.settings.production or not _is_host(origin, self._hosts):
                raise errors.ForeignOrigin
        elif origin is None and environ.get("HTTP_SEC_FETCH_SITE") == "cross-site":
            raise errors.ForeignOrigin

    def _finish(self, response: Response) -> Response:
        headers, asked = response.headers, itself()
        headers["X-Request-ID"] = access.request_id() or ""
        origin = asked.environ.get("HTTP_ORIGIN")
        if origin is not None and self.settings.cors_origins:
            _share(response, origin, self.settings.cors_origins)
        cookies = [value for name, value in headers if name.lower() == "set-cookie"]
        if cookies:
            self._check_cookies(cookies)
        _record(asked, response)
        return response

    def _check_cookies(self, cookies: Iterable[str]) -> None:
        for cookie in cookies:
            name = cookie.partition("=")[0]
            declared = self.cookies_allowed.get(name)
            if declared is None:
                raise RuntimeError(f"The cookie {name!r} is not declared by any module and cannot leave.")
            if declared.needs and "; Max-Age=0;" not in cookie and not self.cookie_consented(declared.needs):
                raise RuntimeError(f"The cookie {name!r} needs the consent {declared.needs!r} and cannot leave.")


def itself() -> Request:
    """Give the present request itself: every look through Flask's stand-in costs a microsecond."""
    found: Request = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    return found


def _record(asked: Request, response: Response) -> None:
    rule = asked.url_rule
    route = rule.rule if rule is not None else "unknown"
    status = response.status_code
    now = time.perf_counter()
    took = now - asked.environ.get(_BEGAN, now)
    method = asked.method if asked.method in _METHODS else "OTHER"
    _observe(route, method, f"{status // 100}xx", took)
    request_line(route, method, status, round(took * 1000, 1))


def _forget_caller(_problem: BaseException | None) -> None:
    """End the request for the thread: what runs in it next is not done by the last caller."""
    access.begin(access.SYSTEM, None)


def _host_name(header: str) -> str:
    """Give the name in a Host header, without port and brackets."""
    name, _, port = header.rpartition(":")
    return (name if name and port.isdigit() else header).strip("[]").lower()


def _is_host(origin: str, hosts: frozenset[str]) -> bool:
    try:
        return urlsplit(origin).hostname in hosts
    except ValueError:
        return False


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_children: dict[tuple[str, str, str], Any] = {}


def _observe(route: str, method: str, status: str, seconds: float) -> None:
    key = (route, method, status)
    child = _children.get(key)
    if child is None:
        child = _children[key] = metrics.REQUESTS.labels(*key)
    child.observe(seconds)


def _share(response: Response, origin: str, allowed: tuple[str, ...]) -> None:
    """Answer a declared front end on another origin (CORS)."""
    response.headers.add("Vary", "Origin")
    if origin not in allowed:
        return
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = origin
    headers["Access-Control-Allow-Credentials"] = "true"
    headers["Access-Control-Expose-Headers"] = "ETag, Retry-After, X-Request-ID"
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
        headers["Access-Control-Allow-Headers"] = (
            "Authorization, Content-Type, Idempotency-Key, If-Match, X-CSRF-Token, X-Request-ID"
        )
        headers["Access-Control-Max-Age"] = "600"


def outside_transaction(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that opens its own transaction or needs none."""
    view.without_transaction = True  # type: ignore[attr-defined]
    return view


def client_network() -> str:
    """Give the caller's network for limits: IPv4 address, or the /64 of an IPv6 address."""
    return _network(request.remote_addr or "")


@lru_cache(4096)
def _network(text: str) -> str:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


def language() -> str:
    """Give the language the caller asked for."""
    return words.chosen(request.headers.get("Accept-Language"))


def answer(refusal: Refusal) -> Response:
    """Answer a refusal as problem details in the caller's language."""
    metrics.REFUSALS.labels(refusal.code).inc()
    return problem(refusal.status, refusal.code, refusal.title, refusal.headers, refusal.facts)


def problem(
    status: int,
    code: str,
    title: str,
    headers: dict[str, str] | None = None,
    facts: dict[str, Any] | None = None,
) -> Response:
    """Make an `application/problem+json` answer."""
    tongue = language()
    body = {
        "type": "about:blank",
        "title": words.in_language(title, tongue),
        "status": status,
        "code": code,
        "request_id": access.request_id() or "",
        **(facts or {}),
    }
    if "errors" in body:
        body["errors"] = [{**one, "message": words.in_language(one["message"], tongue)} for one in body["errors"]]
    response = Response(orjson.dumps(body), status, content_type=PROBLEM)
    response.headers.update(headers or {})
    response.headers["Content-Language"] = tongue
    response.headers.add("Vary", "Accept-Language")
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if isinstance(error.response, Response):
        return error.response
    if status < 400:
        return error.get_response()  # type: ignore[return-value]
    code = _HTTP_CODES.get(status, "bad_request" if status < 500 else "internal_error")
    titles = {404: errors.NotFound.title, 413: errors.TooLarge.title, 415: errors.WrongMediaType.title}
    response = problem(status, code, titles.get(status, error.name))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _unexpected(error: Exception) -> Response:
    """Answer what nobody foresaw: a database out of reach is 503, everything else 500 without details."""
    if isinstance(error, (DBAPIError, PoolTimeout, OSError)) and _passing(error):
        log.error("unavailable", exc_info=error)
        return answer(errors.Unavailable(retry_after=5))
    log.error("internal_error", exc_info=error)
    return problem(500, "internal_error", _("Something went wrong on our side. Nothing was changed."))


def _passing(error: Exception) -> bool:
    """Say whether trying again may help: locked, full, restarted or unreachable."""
    if isinstance(error, DBAPIError):
        text = str(error.orig).lower()
        return error.connection_invalidated or any(
            sign in text
            for sign in (
                "locked",
                "full",
                "disk i/o",
                "readonly",
                "connect",
                "terminat",
                "shut",
                "server closed",
            )
        )
    return True


def cookie(name: str, value: str, *, seconds: int | None, secure: bool) -> str:
    """Make a Set-Cookie value for a session cookie: HttpOnly, SameSite=Lax, whole site."""
    return dump_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="Lax")
