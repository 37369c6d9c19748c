"""JSON as the API accepts it: UTF-8, bounded depth, no duplicate keys, no NaN, no NUL, no half characters."""

import json
from typing import Any

from flask import Request

from suite.kernel.errors import MalformedJson, TooLarge, WrongMediaType

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
_MAX_DIGITS = 18
_PIECE = 64 * 1024
_READ = "suite.body"
_PLAIN = "application/json"


TYPES = frozenset({_PLAIN})
BEACON_TYPES = TYPES | {"text/plain"}
"""What `navigator.sendBeacon` sends: text, because browsers ask first before they send JSON to another origin."""


def read(request: Request, types: frozenset[str] = TYPES) -> Any:
    """Read and parse the body; refuse with 400, 413 or 415 and the reason."""
    environ = request.environ
    if environ.get("CONTENT_TYPE") != _PLAIN or "HTTP_CONTENT_ENCODING" in environ:
        _check_type(request, types)
    return parse(body(request))


def _check_type(request: Request, types: frozenset[str]) -> None:
    if request.mimetype not in types or request.content_encoding:
        raise WrongMediaType
    if request.mimetype_params.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise WrongMediaType


def body(request: Request, most: int = MAX_BYTES) -> bytes:
    """Read the body, once, in pieces: Werkzeug cuts a chunked body silently at its limit, the stream does not."""
    known: bytes | None = request.environ.get(_READ)
    if known is not None:
        return known
    told = request.content_length
    if told is not None and told > most:
        raise TooLarge(limit=most)
    pieces, size = [], 0
    while size != told and (piece := _piece(request)):
        size += len(piece)
        if size > most:
            raise TooLarge(limit=most)
        pieces.append(piece)
    whole: bytes = b"".join(pieces)
    request.environ[_READ] = whole
    return whole


def _piece(request: Request) -> bytes:
    try:
        return request.stream.read(_PIECE)
    except Exception:  # noqa: BLE001 - servers raise what they like about chunks that are none
        raise MalformedJson(reason="broken_off") from None


def parse(raw: bytes) -> Any:
    """Parse strict JSON; MalformedJson says what is wrong in `reason`."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedJson(reason="not_utf8") from None
    if "\x00" in text:
        raise MalformedJson(reason="nul_character")
    _check_depth(text)
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_int
        )
    except (ValueError, RecursionError):
        raise MalformedJson(reason="not_json") from None
    if "\\u" in text:
        _check_characters(value)
    return value


def _check_depth(text: str) -> None:  # noqa: C901 - one small scanner
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth, inside, escaped = 0, False, False
    for character in text:
        if inside:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                inside = False
        elif character == '"':
            inside = True
        elif character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise MalformedJson(reason="too_deep")
        elif character in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedJson(reason="duplicate_key")
    return found


def _constant(_name: str) -> Any:
    raise MalformedJson(reason="not_a_number")


def _float(text: str) -> float:
    value = float(text)
    if value in {float("inf"), float("-inf")}:
        raise MalformedJson(reason="number_too_large")
    return value


def _int(text: str) -> int:
    if len(text.lstrip("-")) > _MAX_DIGITS:
        raise MalformedJson(reason="number_too_large")
    return int(text)


def _check_characters(value: Any) -> None:
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise MalformedJson(reason="unacceptable_character")
    elif isinstance(value, list):
        for item in value:
            _check_characters(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_characters(key)
            _check_characters(item)
