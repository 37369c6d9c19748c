"""Structured logs without personal data.

Values are hidden by the kinds of the declarations: a key that names a personal column shows only the kind.
Free text is searched for addresses and numbers, so that a careless sentence does not leak.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import orjson
import structlog

from suite.declarations.kinds import kind_of, kinds
from suite.kernel import clock
from suite.kernel.access import request_id

_EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"']+")
_PHONE = re.compile(r"\+\d[\d ().-]{6,}\d")
_NAMED = re.compile(r"(?i)(bearer\s+|(?:token|code|password|secret|session)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&;,]{6,}")
_TOKEN_LENGTH = 43
_TOKEN = re.compile(
    rf"(?<![A-Za-z0-9_-])(?:[a-z]{{2,6}}_)?[A-Za-z0-9_-]{{{_TOKEN_LENGTH}}}(?![A-Za-z0-9_-])|whsec_[A-Za-z0-9+/=]+"
)
_URL_PASSWORD = re.compile(r"(://[^\s/:@]*:)[^\s/@]+@")
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


@cache
def _personal_names() -> dict[str, str]:
    """Names of personal columns and kinds, and what stands in the log instead."""
    from suite.kernel.db import Base

    names = {kind.name: kind.name for kind in kinds() if kind.personal}
    for table in Base.metadata.tables.values():
        for column in table.columns:
            kind = kind_of(column)
            if kind is not None and kind.personal:
                names.setdefault(column.name, kind.name)
    for plain in ("id", "service"):
        names.pop(plain, None)
    return names


def redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide what is personal in a log line."""
    names = _personal_names()
    for key, value in line.items():
        line[key] = _hidden(key, value, names)
    return line


def _hidden(key: str, value: Any, names: dict[str, str]) -> Any:
    if key in names:
        return f"[{names[key]}]"
    if value is None or isinstance(value, (bool, int, float, UUID, date, timedelta)):
        return value
    if isinstance(value, dict):
        return {str(inner): _hidden(str(inner), one, names) for inner, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_hidden("", one, names) for one in value]
    return scrub(value) if isinstance(value, str) else f"[{type(value).__name__}]"


def scrub(text: str) -> str:
    """Hide addresses, numbers and tokens in free text."""
    if "@" in text:
        text = _EMAIL.sub("[email]", _URL_PASSWORD.sub(r"\1[credential]@", text))
    if "+" in text:
        text = _PHONE.sub("[phone]", text)
    text = _NAMED.sub(r"\1[credential]", text)
    return _TOKEN.sub("[credential]", text) if len(text) >= _TOKEN_LENGTH else text


def _with_request(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    request = request_id()
    if request:
        line.setdefault("request_id", request)
    return line


def _traceback(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Say where an exception was raised, never its text: that may hold anything."""
    problem = line.pop("exc_info", None)
    if problem is True:
        problem = sys.exc_info()[1]
    if isinstance(problem, tuple):
        problem = problem[1]
    if isinstance(problem, BaseException):
        line["exception"] = type(problem).__name__
        places, trace = [], problem.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}:{code.co_name}")
            trace = trace.tb_next
        line["places"] = " > ".join(places[-12:])
    return line


class _Stream:
    """Writes whole lines to standard error."""

    def __getattr__(self, _name: str) -> Any:
        return self.write

    @staticmethod
    def write(line: bytes | str) -> None:
        text = line if isinstance(line, str) else line.decode()
        sys.stderr.write(text + "\n")


def request_line(route: str, method: str, status: int, ms: float) -> None:
    """Log an answered request; the same line as `log.info("request", ...)` would write, at a fifth of the cost.

    Route, method and numbers hold nothing personal. The request id may be the caller's text: letters, digits, dots,
    dashes, in which only something as long as a token can be one.
    """
    if not _plain:
        log.info("request", route=route, method=method, status=status, ms=ms)
        return
    line = {"route": route, "method": method, "status": status, "ms": ms, "event": "request", "level": "info"}
    line["timestamp"] = clock.now().isoformat().replace("+00:00", "Z")
    given = request_id() or ""
    line["request_id"] = given if len(given) < _TOKEN_LENGTH else scrub(given)
    _Stream.write(orjson.dumps(line))


_plain = False


def start(level: str, form: str) -> None:
    """Configure the log of the process, and send what libraries log through the same redaction."""
    global _plain  # noqa: PLW0603 - one process has one log
    _plain = form == "json" and _LEVELS[level] <= _LEVELS["info"]
    _personal_names.cache_clear()
    renderer: Any = (
        structlog.processors.JSONRenderer(serializer=lambda line, **_: orjson.dumps(line, default=str).decode())
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_request,
            _traceback,
            redact,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=lambda *_: _Stream(),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_Bridge()]
    root.setLevel(max(_LEVELS[level], logging.INFO))
    for noisy in ("twilio", "urllib3", "werkzeug", "alembic", "sqlalchemy"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _Bridge(logging.Handler):
    """Takes what libraries log."""

    def emit(self, record: logging.LogRecord) -> None:
        line = structlog.get_logger()
        line.log(min(record.levelno, 40), record.getMessage(), logger=record.name, exc_info=record.exc_info)


log: Any = structlog.get_logger()
