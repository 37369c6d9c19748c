"""Forms as the API accepts them from other servers: URL-encoded UTF-8, small, with few fields and no NUL."""

from urllib.parse import parse_qsl

from flask import Request
from werkzeug.datastructures import MultiDict

from suite.kernel import strictjson
from suite.kernel.errors import FormNeeded, MalformedForm, MalformedJson

TYPE = "application/x-www-form-urlencoded"
MAX_BYTES = 8 * 1024
MAX_FIELDS = 100


def read(request: Request) -> MultiDict[str, str]:
    """Read and parse the body; refuse with 400, 413 or 415."""
    if request.mimetype != TYPE or request.content_encoding:
        raise FormNeeded
    if request.mimetype_params.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise FormNeeded
    try:
        text = strictjson.body(request, MAX_BYTES).decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except (MalformedJson, ValueError):
        raise MalformedForm from None
    if any("\0" in part for pair in pairs for part in pair):
        raise MalformedForm
    return MultiDict(pairs)
