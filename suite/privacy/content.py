"""Everything the notice shows, as one document whose hash is its version."""

import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from suite.privacy.catalogue import facts
from suite.privacy.register import Register, current


def catalogue(register: Register | None = None) -> dict[str, Any]:
    """Give every declaration for programs, with the version of the notice it belongs to."""
    published = content(register)
    declared: dict[str, Any] = published["catalogue"]
    return declared | {"version": version_of(published)}


def content(register: Register | None = None) -> dict[str, Any]:
    """Give everything the notice shows: the declarations, the vendor's facts and the sentences between them."""
    register = register or current()
    return {
        "catalogue": facts(register),
        "vendor": dict(register.vendor),
        "sweep_minutes": register.sweep_minutes,
        "wording": list(_wording()),
    }


_known: list[tuple[Register, str]] = []


def present_version() -> str:
    """Give the version of the notice in force, made once for each program."""
    register = current()
    if not _known or _known[0][0] is not register:
        _known[:] = [(register, version_of(content(register)))]
    return _known[0][1]


def version_of(published: dict[str, Any]) -> str:
    """Give the id of a version: a hash of its content."""
    return hashlib.sha256(orjson.dumps(published, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def template() -> str:
    """Give the page the content is shown in."""
    return files("suite.privacy").joinpath("templates/notice.html").read_text(encoding="utf-8")


@cache
def _wording() -> tuple[str, ...]:
    """Give the sentences of the page itself, as they stand before translation."""
    return tuple(dict.fromkeys(re.findall(r'\b_\("((?:[^"\\]|\\.)+)"', template())))
